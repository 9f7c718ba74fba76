/** The gap to what the pace expects; good or bad by the KPI's direction, said in words for screen readers. */
import { formatAmount, toBig } from "../../data/decimal";
import type { TargetRow } from "../../data/types";

export function isBadGap(row: TargetRow): boolean | null {
  const gap = toBig(row.status?.gap);
  if (!gap || gap.eq(0)) return null;
  return row.direction === "lower" ? gap.gt(0) : gap.lt(0);
}

export function GapText({ row }: { row: TargetRow }) {
  const bad = isBadGap(row);
  const tone = bad === null ? "" : bad ? " kp-gap--bad" : " kp-gap--good";
  return (
    <span className={`kp-gap${tone}`}>
      {formatAmount(row.status?.gap, row.number_format, {
        currency: row.currency,
        unit: row.unit,
        signed: true,
      })}
    </span>
  );
}
