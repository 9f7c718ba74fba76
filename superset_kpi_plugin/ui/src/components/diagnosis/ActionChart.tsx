/** A KPI's values with what was done in the last two weeks marked on them. A period without a value is a gap. */
import { formatAmount } from "../../data/decimal";
import type { DiagnosisAction, DiagnosisChart, SeriesPoint } from "../../data/diagnosis";
import { formatDate } from "../../data/period";
import { useI18n } from "../../i18n";
import { useIsPhone } from "../useIsPhone";
import { acrossOf, actionsByPlace, type Frame, heightOf, placeOfDay, spanOf } from "./scale";

interface Props {
  chart: DiagnosisChart;
  actions: readonly DiagnosisAction[];
}

const LINES = ["breach", "target", "value"] as const;
/** Room above the lines for the marks. */
const TOP = 22;
const DESK: Frame = { width: 960, height: 220, edge: 12 };
const PHONE: Frame = { width: 360, height: 180, edge: 12 };

export function ActionChart({ chart, actions }: Props) {
  const { t, locale } = useI18n();
  const isPhone = useIsPhone();
  const frame = isPhone ? PHONE : DESK;
  const { points } = chart;
  const span = spanOf(points, LINES);
  const first = points[0];
  const last = points.at(-1);
  if (!span || !first || !last) return null;
  const label = t("diagnosis.chart_label", {
    label: chart.label,
    from: formatDate(first.period_start, locale),
    to: formatDate(last.period_end, locale),
    count: actions.reduce((sum, action) => sum + action.count, 0),
  });
  const amount = (value: number) =>
    formatAmount(String(value), chart.number_format, { currency: chart.currency, unit: chart.unit });
  const known = LINES.filter((line) => points.some((point) => point[line] !== null));
  return (
    <figure className="kp-actionchart" data-testid="action-chart">
      <figcaption>{chart.label}</figcaption>
      <div className="kp-actionchart__frame">
        <span className="kp-muted kp-actionchart__high">{amount(span.high)}</span>
        <span className="kp-muted kp-actionchart__low">{amount(span.low)}</span>
        <Drawing chart={chart} actions={actions} frame={frame} span={span} label={label} />
      </div>
      <p className="kp-muted kp-actionchart__ends">
        <span>{formatDate(first.period_start, locale)}</span>
        <span>{formatDate(last.period_end, locale)}</span>
      </p>
      <p className="kp-muted kp-actionchart__legend">
        {[...known, "provisional", "window", "action", "fired"].map((kind) => (
          <span key={kind}>
            <span className="kp-actionchart__key" data-kind={kind} aria-hidden="true" />{" "}
            {t(`diagnosis.legend.${kind as "value"}`)}
          </span>
        ))}
      </p>
    </figure>
  );
}

interface DrawingProps extends Props {
  frame: Frame;
  span: { low: number; high: number };
  label: string;
}

function Drawing({ chart, actions, frame, span, label }: DrawingProps) {
  const { points } = chart;
  const count = points.length;
  const across = (at: number) => acrossOf(at, count, frame);
  const marks = actionsByPlace(points, actions);
  const begin = placeOfDay(points, chart.since) ?? 0;
  const fired = new Set(
    chart.alerts.filter((mark) => mark.event === "fired").map((mark) => placeOfDay(points, mark.day)),
  );
  return (
    <svg
      className="kp-actionchart__drawing"
      viewBox={`0 ${-TOP} ${frame.width} ${frame.height + TOP}`}
      role="img"
      aria-label={label}
    >
      <title>{label}</title>
      <rect
        data-kind="window"
        x={across(begin)}
        y={-TOP}
        width={Math.max(0, across(count - 1) - across(begin))}
        height={frame.height + TOP}
      />
      {LINES.map((line) => (
        <Line key={line} line={line} points={points} frame={frame} span={span} />
      ))}
      {[...fired].map((at) =>
        at === null ? null : (
          <path
            key={at}
            data-kind="fired"
            d={`M${across(at)} ${frame.height - 11}l6 10h-12z`}
            data-testid="fired-mark"
          />
        ),
      )}
      {marks.map(([at, done]) => (
        <g key={at} data-kind="action" data-testid="action-mark">
          <line x1={across(at)} x2={across(at)} y1={-4} y2={frame.height} />
          <circle cx={across(at)} cy={-12} r={9} />
          <text x={across(at)} y={-8} textAnchor="middle">
            {done.reduce((sum, action) => sum + action.count, 0)}
          </text>
        </g>
      ))}
    </svg>
  );
}

interface LineProps {
  line: (typeof LINES)[number];
  points: readonly SeriesPoint[];
  frame: Frame;
  span: { low: number; high: number };
}

/** Piece by piece, so that a gap stays one and what is provisional is drawn otherwise. */
function Line({ line, points, frame, span }: LineProps) {
  const places = points.map((point) => heightOf(point[line], span.low, span.high, frame));
  return (
    <g data-kind={line}>
      {points.map((point, at) => {
        const [from, to] = [places[at - 1] ?? null, places[at] ?? null];
        if (to === null) return null;
        const x = acrossOf(at, points.length, frame);
        const isAlone = from === null && (places[at + 1] ?? null) === null;
        if (isAlone) return <circle key={point.period_start} cx={x} cy={to} r={2.5} />;
        if (from === null) return null;
        return (
          <line
            key={point.period_start}
            x1={acrossOf(at - 1, points.length, frame)}
            y1={from}
            x2={x}
            y2={to}
            data-provisional={line === "value" && point.settled === false ? "true" : undefined}
          />
        );
      })}
    </g>
  );
}
