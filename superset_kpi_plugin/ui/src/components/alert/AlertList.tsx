/** The alerts as a table, and as cards on a phone. */
import { formatAmount } from "../../data/decimal";
import { formatAgo, formatInstant, formatPeriod } from "../../data/period";
import type { AlertInstance } from "../../data/types";
import { useI18n } from "../../i18n";
import { EntityKind } from "../EntityKind";
import { AlertStateTag, SeverityTag } from "../StatusTag";
import { useIsPhone } from "../useIsPhone";

interface Props {
  rows: readonly AlertInstance[];
  openId: string | null;
  onOpen: (row: AlertInstance) => void;
}

/** When the present state began. */
export function sinceOf(row: AlertInstance): string | null {
  if (row.state === "resolved") return row.resolved_at;
  return row.state === "pending" ? row.pending_since : (row.firing_since ?? row.pending_since);
}

export function alertAmount(row: AlertInstance, value: string | null): string {
  return formatAmount(value, row.number_format, { currency: row.currency, unit: row.unit });
}

export function AlertList(props: Props) {
  return useIsPhone() ? <AlertCards {...props} /> : <AlertTable {...props} />;
}

function Acknowledged({ row }: { row: AlertInstance }) {
  const { t } = useI18n();
  if (!row.acknowledged_by) return null;
  return <span className="kp-ack">{t("alerts.acknowledged_by", { by: row.acknowledged_by })}</span>;
}

function AlertTable({ rows, openId, onOpen }: Props) {
  const { t, locale } = useI18n();
  return (
    <table className="kp-table" data-testid="alerts-table">
      <thead>
        <tr>
          <th scope="col">{t("alerts.column.state")}</th>
          <th scope="col">{t("alerts.column.alert")}</th>
          <th scope="col">{t("alerts.column.severity")}</th>
          <th scope="col" className="kp-cell--end">
            {t("alerts.column.value")}
          </th>
          <th scope="col" className="kp-cell--end">
            {t("alerts.column.limit")}
          </th>
          <th scope="col">{t("alerts.column.period")}</th>
          <th scope="col">{t("alerts.column.since")}</th>
          <th scope="col">{t("alerts.column.owner")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          // The button in the row is for keyboards; the whole row answers the mouse.
          <tr
            key={row.id}
            className={String(row.id) === openId ? "kp-table__open" : undefined}
            onClick={() => onOpen(row)}
            data-testid="alert-row"
          >
            <td>
              <AlertStateTag state={row.state} />
            </td>
            <td>
              <button
                type="button"
                className="kp-entity"
                onClick={() => onOpen(row)}
                data-testid="open-alert"
              >
                <span className="kp-entity__name">
                  {row.entity_name} · {row.kpi_name}
                </span>
                <span className="kp-entity__kind">
                  <EntityKind entity={row} /> · {row.rule_name} <Acknowledged row={row} />
                </span>
              </button>
            </td>
            <td>
              <SeverityTag severity={row.severity} />
            </td>
            <td className="kp-cell--end">
              <strong>{alertAmount(row, row.value)}</strong>
            </td>
            <td className="kp-cell--end">{alertAmount(row, row.limit_value)}</td>
            <td>{formatPeriod(row.period_start, row.grain, locale)}</td>
            <td title={formatInstant(sinceOf(row), locale)}>{formatAgo(sinceOf(row), locale)}</td>
            <td>{row.owner_name ?? row.owner ?? "—"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function AlertCards({ rows, onOpen }: Props) {
  const { t, locale } = useI18n();
  return (
    <ul className="kp-cards" data-testid="alerts-cards">
      {rows.map((row) => (
        <li key={row.id}>
          <button type="button" className="kp-card" onClick={() => onOpen(row)} data-testid="alert-card">
            <span className="kp-card__head">
              <span className="kp-card__names">
                <span className="kp-card__kpi">{row.kpi_name}</span>
                <span className="kp-card__entity">
                  {row.entity_name}{" "}
                  <span className="kp-muted">
                    <EntityKind entity={row} />
                  </span>
                </span>
              </span>
              <AlertStateTag state={row.state} />
            </span>
            <span className="kp-card__numbers">
              <span>
                <span className="kp-card__value">{alertAmount(row, row.value)}</span>
                <span className="kp-muted">
                  {t("alerts.against", { limit: alertAmount(row, row.limit_value) })}
                </span>
              </span>
              <SeverityTag severity={row.severity} />
            </span>
            <span className="kp-card__foot kp-muted">
              <span>
                {formatPeriod(row.period_start, row.grain, locale)} · {formatAgo(sinceOf(row), locale)}
              </span>
              <span>{row.acknowledged_by ? <Acknowledged row={row} /> : (row.owner_name ?? row.owner)}</span>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
