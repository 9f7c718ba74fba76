/** Which column of the file means what. */
import { Select } from "antd";
import { IMPORT_FIELDS, type ImportColumn, type Mapping } from "../../data/transfer";
import { useI18n } from "../../i18n";

interface Props {
  columns: readonly ImportColumn[];
  isBusy: boolean;
  /** An empty field leaves the column out. */
  onChange: (column: string, field: string) => void;
}

export function mappingOf(columns: readonly ImportColumn[]): Mapping {
  return Object.fromEntries(columns.map(({ name, field }) => [name, field ?? ""]));
}

export function ColumnMapping({ columns, isBusy, onChange }: Props) {
  const { t, label } = useI18n();
  const left = columns.filter((column) => !column.field).length;
  const options = [
    { value: "", label: t("transfer.left_out") },
    ...IMPORT_FIELDS.map((value) => ({ value, label: label("transfer.field", value) })),
  ];
  return (
    <details className="kp-mapping" open={left > 0} data-testid="mapping">
      <summary>{t("transfer.columns", { count: columns.length, left })}</summary>
      <div className="kp-mapping__list">
        {columns.map(({ name, field }) => (
          <div key={name} className="kp-mapping__row">
            <span className="kp-ellipsis" title={name}>
              {name}
            </span>
            <Select
              value={field ?? ""}
              loading={isBusy}
              aria-label={t("transfer.meaning", { column: name })}
              options={options}
              onChange={(next) => onChange(name, next)}
            />
          </div>
        ))}
      </div>
    </details>
  );
}
