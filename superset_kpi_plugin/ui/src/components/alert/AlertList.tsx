/** The alerts as a table, and as cards on a phone; in groups where they are asked for. */
import { Button } from "antd";
import { useState } from "react";
import { type Grouping, groupAlerts, isSnoozed, ownerOf } from "../../data/alertOrder";
import { formatAmount } from "../../data/decimal";
import { formatAgo, formatInstant, formatPeriod } from "../../data/period";
import type { AlertInstance } from "../../data/types";
import { useI18n } from "../../i18n";
import { EntityKind } from "../EntityKind";
import { AlertStateTag, SeverityTag } from "../StatusTag";
import { useIsPhone } from "../useIsPhone";

interface Props {
  rows: readonly AlertInstance[];
  group: Grouping | null;
  openId: string | null;
  onOpen: (row: AlertInstance) => void;
}

/** Rows that are drawn at a time; thousands at once would make the page slow. */
const STEP = 200;
const COLUMNS = 8;

/** When the present state began. */
export function sinceOf(row: AlertInstance): string | null {
  if (row.state === "resolved") return row.resolved_at;
  return row.state === "pending" ? row.pending_since : (row.firing_since ?? row.pending_since);
}

export function alertAmount(row: AlertInstance, value: string | null): string {
  return formatAmount(value, row.number_format, { currency: row.currency, unit: row.unit });
}

export function AlertList({ rows, group, openId, onOpen }: Props) {
  const { t, locale } = useI18n();
  const isPhone = useIsPhone();
  const [shown, setShown] = useState(STEP);
  const parts: Part[] = group
    ? groupAlerts(rows, group).map(({ key, name, rows: members }) => ({
        key,
        title: name || t("alerts.nobody"),
        rows: members,
      }))
    : [{ key: "", title: null, rows }];
  const rest = rows.length - shown;
  const View = isPhone ? AlertCards : AlertTable;
  return (
    <>
      <View parts={firstOf(parts, shown)} openId={openId} onOpen={onOpen} />
      {rest > 0 ? (
        <p className="kp-more">
          <Button onClick={() => setShown(shown + STEP)} data-testid="alerts-more">
            {t("alerts.show_more", { count: Math.min(rest, STEP), rest: rest.toLocaleString(locale) })}
          </Button>
        </p>
      ) : null}
    </>
  );
}

/** A group with its title; without one, the whole list. */
interface Part {
  key: string;
  title: string | null;
  rows: readonly AlertInstance[];
}

interface ViewProps extends Pick<Props, "openId" | "onOpen"> {
  parts: readonly (Part & { shown: readonly AlertInstance[] })[];
}

/** The first rows of all parts together; a part's title still counts all of its rows. */
function firstOf(parts: readonly Part[], most: number): ViewProps["parts"] {
  let left = most;
  return parts.flatMap((part) => {
    const shown = part.rows.slice(0, left);
    left -= shown.length;
    return shown.length > 0 ? [{ ...part, shown }] : [];
  });
}

/** What was done about an open alert, in words. */
function Marks({ row }: { row: AlertInstance }) {
  const { t, locale } = useI18n();
  if (row.state !== "firing" && row.state !== "pending") return null;
  return (
    <>
      {row.acknowledged_by ? (
        <span className="kp-ack">{t("alerts.acknowledged_by", { by: row.acknowledged_by })}</span>
      ) : null}
      {isSnoozed(row) ? (
        <span className="kp-mark">
          {t("alerts.snoozed_until", { at: formatInstant(row.snoozed_until ?? "", locale) })}
        </span>
      ) : null}
      {row.silence_id ? <span className="kp-mark">{t("alerts.mark_silenced")}</span> : null}
      {row.inhibited_by ? <span className="kp-mark">{t("alerts.mark_held_back")}</span> : null}
    </>
  );
}

function AlertTable({ parts, openId, onOpen }: ViewProps) {
  const { t } = useI18n();
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
      {parts.map((part) => (
        <tbody key={part.key}>
          {part.title === null ? null : (
            <tr className="kp-table__group" data-testid="alert-group-title">
              <th scope="rowgroup" colSpan={COLUMNS}>
                {part.title}{" "}
                <span className="kp-muted">{t("alerts.count", { count: part.rows.length })}</span>
              </th>
            </tr>
          )}
          {part.shown.map((row) => (
            <AlertRow key={row.id} row={row} isOpen={String(row.id) === openId} onOpen={onOpen} />
          ))}
        </tbody>
      ))}
    </table>
  );
}

interface RowProps {
  row: AlertInstance;
  isOpen: boolean;
  onOpen: (row: AlertInstance) => void;
}

/** The button in the row is for keyboards; the whole row answers the mouse. */
function AlertRow({ row, isOpen, onOpen }: RowProps) {
  const { locale } = useI18n();
  return (
    <tr className={isOpen ? "kp-table__open" : undefined} onClick={() => onOpen(row)} data-testid="alert-row">
      <td>
        <AlertStateTag state={row.state} />
      </td>
      <td>
        <button type="button" className="kp-entity" onClick={() => onOpen(row)} data-testid="open-alert">
          <span className="kp-entity__name">
            {row.entity_name} · {row.kpi_name}
          </span>
          <span className="kp-entity__kind">
            <EntityKind entity={row} /> · {row.rule_name} <Marks row={row} />
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
      <td>{ownerOf(row).name || "—"}</td>
    </tr>
  );
}

function AlertCards({ parts, onOpen }: ViewProps) {
  const { t } = useI18n();
  return (
    <>
      {parts.map((part) => (
        <section key={part.key}>
          {part.title === null ? null : (
            <h2 className="kp-cards__group" data-testid="alert-group-title">
              {part.title} <span className="kp-muted">{t("alerts.count", { count: part.rows.length })}</span>
            </h2>
          )}
          <AlertCardList rows={part.shown} onOpen={onOpen} />
        </section>
      ))}
    </>
  );
}

function AlertCardList({ rows, onOpen }: { rows: readonly AlertInstance[]; onOpen: Props["onOpen"] }) {
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
              <span>{ownerOf(row).name}</span>
            </span>
            <span className="kp-card__marks">
              <Marks row={row} />
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
