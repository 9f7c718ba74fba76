/** All fields of one target as a form; what is typed becomes an unsaved edit at once, as in the grid. */
import { Input } from "antd";
import { useState } from "react";
import { groupDigits } from "../../data/decimal";
import { type CellEdit, type Change, editedValues, fieldText, type RowEdit } from "../../data/edits";
import { TARGET_FIELDS, type TargetField, type TargetRow, TEXT_FIELDS } from "../../data/types";
import { useI18n } from "../../i18n";
import { cellErrorText } from "../grid/columns";

interface Props {
  row: TargetRow;
  edit: RowEdit | undefined;
  canEdit: boolean;
  onChange: (changes: Change[]) => void;
}

export function TargetForm({ row, edit, canEdit, onChange }: Props) {
  const { t } = useI18n();
  const fields = (names: readonly TargetField[]) => (
    <div className="kp-form__fields">
      {names.map((field) => (
        <Field key={field} row={row} field={field} edit={edit} canEdit={canEdit} onChange={onChange} />
      ))}
    </div>
  );
  return (
    <>
      <section className="kp-form" aria-label={t("targets.form_label")}>
        <h2>{t("targets.form_label")}</h2>
        {fields(TARGET_FIELDS.filter((field) => !MEANS.includes(field)))}
      </section>
      <section className="kp-form" aria-label={t("targets.means_label")}>
        <h2>{t("targets.means_label")}</h2>
        {fields(MEANS)}
      </section>
    </>
  );
}

/** What the target was agreed with. */
const MEANS: readonly TargetField[] = ["budget", "budget_currency", "headcount"];

function savedText(row: TargetRow, field: TargetField): string {
  const value = editedValues(row, undefined)[field];
  const text = fieldText(row, field, value);
  return TEXT_FIELDS.includes(field) ? text : groupDigits(text);
}

function Field({ row, field, edit, canEdit, onChange }: Props & { field: TargetField }) {
  const i18n = useI18n();
  const { t } = i18n;
  const cell: CellEdit | undefined = edit?.fields[field];
  // What is typed stays as typed ("35", "35.", "35%") while it has focus, even where it equals what is saved.
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? cell?.text ?? savedText(row, field);
  const id = `kp-field-${field}`;
  const error = cell?.error ? cellErrorText(cell.error, i18n) : "";
  return (
    <div className={`kp-field${cell ? " kp-field--dirty" : ""}`}>
      <label htmlFor={id}>
        {t(`targets.column.${field}`)}
        {field === "target_value" ? <span aria-hidden="true"> *</span> : null}
      </label>
      <Input
        id={id}
        value={text}
        disabled={!canEdit}
        inputMode={TEXT_FIELDS.includes(field) ? "text" : "decimal"}
        autoComplete="off"
        status={error ? "error" : undefined}
        aria-invalid={error !== ""}
        aria-describedby={error ? `${id}-error` : undefined}
        onChange={(event) => {
          setTyped(event.target.value);
          onChange([{ row, field, text: event.target.value }]);
        }}
        onBlur={() => setTyped(null)}
        data-testid={`field-${field}`}
      />
      {error ? (
        <span id={`${id}-error`} className="kp-field__error" role="alert">
          {error}
        </span>
      ) : null}
    </div>
  );
}
