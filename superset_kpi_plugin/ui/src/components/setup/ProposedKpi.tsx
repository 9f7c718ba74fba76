/** The proposed targets of one KPI, by entity; folded until somebody looks. */
import { Checkbox } from "antd";
import { useState } from "react";
import { formatAmount, formatShare } from "../../data/decimal";
import { type ProposedRow, placeOf } from "../../data/setup";
import { useI18n } from "../../i18n";
import { EntityKind } from "../EntityKind";
import { KpiName } from "../KpiName";

interface Props {
  rows: readonly ProposedRow[];
  leftOut: ReadonlySet<string>;
  isFirst: boolean;
  onLeave: (rows: readonly ProposedRow[], isOut: boolean) => void;
}

const VALUES = ["floor_value", "target_value", "stretch_value"] as const;

export function ProposedKpi({ rows, leftOut, isFirst, onLeave }: Props) {
  const { t, label } = useI18n();
  const [isOpen, setOpen] = useState(isFirst);
  const [first] = rows;
  if (!first) return null;
  const fresh = rows.filter((row) => row.state === "new");
  const taken = fresh.filter((row) => !leftOut.has(placeOf(row)));
  return (
    <section className="kp-proposed" aria-label={first.kpi_name} data-testid={`proposed-${first.kpi_id}`}>
      <header className="kp-proposed__head">
        <Checkbox
          checked={fresh.length > 0 && taken.length === fresh.length}
          indeterminate={taken.length > 0 && taken.length < fresh.length}
          disabled={fresh.length === 0}
          aria-label={t("setup.take_all", { kpi: first.kpi_name })}
          onChange={(event) => onLeave(fresh, !event.target.checked)}
        />
        <strong>
          <KpiName kpi={first} />
        </strong>
        <span className="kp-muted">
          {fresh.length > 0
            ? t("setup.taken", { taken: taken.length, count: rows.length })
            : label("setup.state", rows.every((row) => row.state === "exists") ? "exists" : "no_target")}
        </span>
        <button
          type="button"
          className="kp-open"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
          data-testid="proposed-open"
        >
          {t(isOpen ? "setup.fold" : "setup.unfold")}
          <span className="kp-hidden"> {first.kpi_name}</span>
        </button>
      </header>
      {isOpen ? (
        <section
          className="kp-scroll"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
          tabIndex={0}
          aria-label={t("setup.rows_of", { kpi: first.kpi_name })}
        >
          <table className="kp-table kp-table--tight kp-table--still">
            <thead>
              <tr>
                <th scope="col">{t("setup.take")}</th>
                <th scope="col">{t("targets.column.entity")}</th>
                {VALUES.map((name) => (
                  <th key={name} scope="col" className="kp-cell--end">
                    {t(`targets.column.${name}`)}
                  </th>
                ))}
                <th scope="col" className="kp-cell--end">
                  {t("setup.chance")}
                </th>
                <th scope="col" className="kp-cell--end">
                  {t("targets.column.weight")}
                </th>
                <th scope="col">{t("targets.column.owner")}</th>
                <th scope="col">{t("setup.from")}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row
                  key={row.entity_id}
                  row={row}
                  isTaken={!leftOut.has(placeOf(row))}
                  onLeave={(isOut) => onLeave([row], isOut)}
                />
              ))}
            </tbody>
          </table>
        </section>
      ) : null}
    </section>
  );
}

function Row({
  row,
  isTaken,
  onLeave,
}: {
  row: ProposedRow;
  isTaken: boolean;
  onLeave: (isOut: boolean) => void;
}) {
  const { t, label } = useI18n();
  const isNew = row.state === "new";
  const show = (value: string | null) =>
    formatAmount(value, row.number_format, { currency: row.currency, unit: row.unit });
  return (
    <tr className={isNew && isTaken ? undefined : "kp-proposed__off"} data-state={row.state}>
      <td>
        <Checkbox
          checked={isNew && isTaken}
          disabled={!isNew}
          aria-label={t("setup.take_one", { entity: row.entity_name, kpi: row.kpi_name })}
          onChange={(event) => onLeave(!event.target.checked)}
        />
      </td>
      <td>
        {row.entity_name}{" "}
        <span className="kp-muted kp-objective__kind">
          <EntityKind entity={row} />
        </span>
      </td>
      {VALUES.map((name) => (
        <td key={name} className="kp-cell--end">
          {name === "target_value" ? <strong>{show(row[name])}</strong> : show(row[name])}
        </td>
      ))}
      <td className="kp-cell--end">{formatShare(row.probability)}</td>
      <td className="kp-cell--end">{formatAmount(row.weight, ",.2~f")}</td>
      <td>{row.owner ?? "—"}</td>
      <td className="kp-proposed__why">
        {isNew ? label("setup.basis", row.basis) : <strong>{label("setup.state", row.state)}</strong>}
        {row.state === "exists" ? null : <span className="kp-muted kp-objective__kind">{row.reason}</span>}
      </td>
    </tr>
  );
}
