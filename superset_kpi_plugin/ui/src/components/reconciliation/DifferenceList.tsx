/** The differences as a table, and as cards on a phone. */

import { formatDate, formatPeriod } from "../../data/period";
import type { Difference } from "../../data/reconciliation";
import { useI18n } from "../../i18n";
import { useIsPhone } from "../useIsPhone";
import { money } from "./amounts";
import { StandingTag } from "./StandingTag";

interface Props {
  rows: readonly Difference[];
  openId: string | null;
  onOpen: (row: Difference) => void;
}

export function DifferenceList(props: Props) {
  return useIsPhone() ? <Cards {...props} /> : <Table {...props} />;
}

/** The line, with the kind of fee where it is one. */
export function LineName({ row }: { row: Pick<Difference, "line" | "charge_type"> }) {
  const { label } = useI18n();
  return (
    <>
      {label("difference.line", row.line)}
      {row.charge_type ? ` · ${row.charge_type}` : ""}
    </>
  );
}

function Until({ row }: { row: Difference }) {
  const { t, locale } = useI18n();
  if (!row.record) return null;
  const until = row.record.ends_on
    ? t("difference.until", { day: formatDate(row.record.ends_on, locale) })
    : row.record.created_by;
  return <span className="kp-muted"> {until}</span>;
}

function Table({ rows, openId, onOpen }: Props) {
  const { t, label, locale } = useI18n();
  return (
    <div className="kp-scroll">
      <table className="kp-table" data-testid="differences-table">
        <thead>
          <tr>
            <th scope="col">{t("difference.column.line")}</th>
            <th scope="col">{t("difference.column.period")}</th>
            <th scope="col" className="kp-cell--end">
              {t("difference.column.platform")}
            </th>
            <th scope="col" className="kp-cell--end">
              {t("difference.column.settlement")}
            </th>
            <th scope="col" className="kp-cell--end">
              {t("difference.column.erp")}
            </th>
            <th scope="col" className="kp-cell--end">
              {t("difference.column.difference")}
            </th>
            <th scope="col">{t("difference.column.state")}</th>
            <th scope="col">{t("difference.column.standing")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            // The button in the row is for keyboards; the whole row answers the mouse.
            <tr
              key={row.reconciliation_id}
              className={row.reconciliation_id === openId ? "kp-table__open" : undefined}
              onClick={() => onOpen(row)}
              data-testid="difference-row"
            >
              <td>
                <button type="button" className="kp-entity" data-testid="open-difference">
                  <span className="kp-entity__name">
                    <LineName row={row} />
                  </span>
                  <span className="kp-entity__kind">{row.account_name}</span>
                </button>
              </td>
              <td>{formatPeriod(row.period_start, row.grain, locale)}</td>
              <td className="kp-cell--end">{money(row.platform_amount, row.currency)}</td>
              <td className="kp-cell--end">{money(row.settled_amount, row.currency)}</td>
              <td className="kp-cell--end">{money(row.erp_amount, row.currency)}</td>
              <td className="kp-cell--end">
                <strong>{money(row.difference, row.currency, true)}</strong>
              </td>
              <td>{label("difference.state", row.state)}</td>
              <td>
                <StandingTag row={row} />
                <Until row={row} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cards({ rows, onOpen }: Props) {
  const { t, label, locale } = useI18n();
  return (
    <ul className="kp-cards" data-testid="difference-cards">
      {rows.map((row) => (
        <li key={row.reconciliation_id}>
          <button type="button" className="kp-card" onClick={() => onOpen(row)} data-testid="difference-card">
            <span className="kp-card__head">
              <span className="kp-card__names">
                <span className="kp-card__kpi">
                  <LineName row={row} />
                </span>
                <span className="kp-card__entity">{row.account_name}</span>
              </span>
              <StandingTag row={row} />
            </span>
            <span className="kp-card__numbers">
              <span>
                <span className="kp-card__value">{money(row.difference, row.currency, true)}</span>
                <span className="kp-muted">
                  {t("difference.between", {
                    platform: money(row.platform_amount, row.currency),
                    other: money(row.erp_amount ?? row.settled_amount, row.currency),
                  })}
                </span>
              </span>
            </span>
            <span className="kp-card__foot kp-muted">
              <span>{formatPeriod(row.period_start, row.grain, locale)}</span>
              <span>{label("difference.state", row.state)}</span>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
