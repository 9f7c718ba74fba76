/** The value over time against its limits, with the days on which the alert fired. A period without a value is a gap. */
import { type AlertHistory, useAlertHistory } from "../../data/alertActions";
import { toNumber } from "../../data/decimal";
import type { AlertInstance } from "../../data/types";
import { useI18n } from "../../i18n";
import { segments } from "../Sparkline";
import { alertAmount } from "./AlertList";

const WIDTH = 420;
const HEIGHT = 140;
/** The margin that the line keeps, as in the small one. */
const EDGE = 3;

export function AlertChart({ alert }: { alert: AlertInstance }) {
  const { t } = useI18n();
  const { data } = useAlertHistory(alert.id);
  if (!data || data.points.filter((point) => point.value !== null).length < 2) return null;
  const last = data.points.at(-1);
  return (
    <section aria-label={t("alerts.history")} data-testid="alert-chart">
      <h2 className="kp-alertchart__title">{t("alerts.history")}</h2>
      <Drawing alert={alert} history={data} />
      <p className="kp-muted kp-alertchart__legend">
        <span className="kp-alertchart__key" data-kind="value" /> {alert.kpi_name}{" "}
        {alertAmount(alert, last?.value ?? null)}
        {data.limit.breach ? (
          <>
            {" "}
            <span className="kp-alertchart__key" data-kind="breach" /> {t("alerts.column.limit")}{" "}
            {alertAmount(alert, data.limit.breach)}
          </>
        ) : null}
      </p>
    </section>
  );
}

function Drawing({ alert, history }: { alert: AlertInstance; history: AlertHistory }) {
  const { t } = useI18n();
  const rows = history.points;
  const lines = [rows.map((row) => row.value), rows.map((row) => row.warn), rows.map((row) => row.breach)];
  const known = lines
    .flat()
    .map(toNumber)
    .filter((one): one is number => one !== null);
  const low = Math.min(...known);
  const high = Math.max(...known);
  // All three lines share one scale: each is drawn between two invisible ends.
  const scaled = (values: (string | null)[]) =>
    segments([String(low), String(high), ...values], WIDTH, HEIGHT)
      .map((piece) => piece.filter(([x]) => x > EDGE + stepOf(rows.length) * 1.5))
      .filter((piece) => piece.length > 0);
  const fired = history.marks.filter((mark) => mark.event === "fired").map((mark) => mark.period_start);
  const label = t("alerts.history_label", {
    kpi: alert.kpi_name,
    count: rows.length,
    from: rows[0]?.period_start ?? "",
    to: rows.at(-1)?.period_start ?? "",
  });
  return (
    <svg className="kp-alertchart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <title>{label}</title>
      {(["breach", "warn", "value"] as const).map((kind) =>
        scaled(rows.map((row) => row[kind])).map((piece) => (
          <polyline
            key={`${kind}-${piece[0]?.[0]}`}
            data-kind={kind}
            points={piece.map((point) => point.join(",")).join(" ")}
          />
        )),
      )}
      {rows.map((row, at) =>
        fired.includes(row.period_start) ? (
          <line
            key={row.period_start}
            data-kind="fired"
            x1={EDGE + (at + 2) * stepOf(rows.length)}
            x2={EDGE + (at + 2) * stepOf(rows.length)}
            y1={0}
            y2={HEIGHT}
          />
        ) : null,
      )}
    </svg>
  );
}

/** Width of one period, with the two ends of the scale before the first. */
function stepOf(count: number): number {
  return (WIDTH - 2 * EDGE) / Math.max(1, count + 1);
}
