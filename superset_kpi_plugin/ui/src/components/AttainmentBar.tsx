/** Attainment as a bar up to the target, with a mark where the season's pace expects it to be today. */
import { formatAmount, formatShare, toBig, toNumber } from "../data/decimal";
import type { TargetRow } from "../data/types";
import { useI18n } from "../i18n";
import { statusTone } from "./StatusTag";

/** The bar's full width stands for 125% of the target, so that what is over it still shows. */
const FULL = 1.25;

function width(share: number | null): number {
  return share === null ? 0 : Math.max(0, Math.min(share / FULL, 1)) * 100;
}

/** Expected to date as a share of the target; null where nothing is expected yet. */
export function expectedShare(row: TargetRow, target: string | null): string | null {
  const expected = toBig(row.status?.expected_value);
  const goal = toBig(target);
  if (!expected || !goal || goal.eq(0)) return null;
  return expected.div(goal).toFixed(6);
}

export function AttainmentBar({ row }: { row: TargetRow }) {
  const { t } = useI18n();
  const status = row.status;
  const attainment = status?.attainment ?? null;
  const expected = expectedShare(row, row.approved?.target_value ?? null);
  const pace = row.direction === "lower" ? 1 : toNumber(expected);
  const text = formatShare(attainment);
  if (attainment === null) return <span className="kp-muted">—</span>;
  const hint = t("targets.attainment_hint", {
    attainment: text,
    expected: formatAmount(status?.expected_value, row.number_format, {
      currency: row.currency,
      unit: row.unit,
    }),
    pace: formatShare(status?.pace_share),
  });
  return (
    <div className="kp-bar" role="img" aria-label={hint} title={hint}>
      <div className="kp-bar__track">
        <div className="kp-bar__goal" style={{ insetInlineStart: `${100 / FULL}%` }} />
        <div
          className={`kp-bar__fill kp-fill--${statusTone(status?.status)}`}
          style={{ inlineSize: `${width(toNumber(attainment))}%` }}
        />
        {pace !== null ? (
          <div className="kp-bar__pace" style={{ insetInlineStart: `${width(pace)}%` }} />
        ) : null}
      </div>
      <span className="kp-bar__text">{text}</span>
    </div>
  );
}
