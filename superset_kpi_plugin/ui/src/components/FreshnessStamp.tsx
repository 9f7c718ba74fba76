/** Through which day the numbers are complete, and when they were loaded: beside every page's title. */
import { ClockCircleOutlined, WarningFilled } from "@ant-design/icons";
import { Tooltip } from "antd";
import { type FreshnessRow, useFreshness } from "../data/common";
import { formatAgo, formatDate, formatInstant } from "../data/period";
import type { Freshness } from "../data/types";
import { useI18n } from "../i18n";

/** The weakest link decides: the oldest covered day over all streams, and what is late or failed. */
export function summarize(rows: readonly FreshnessRow[]): Freshness & { late: FreshnessRow[] } {
  const covered = rows.flatMap((row) => (row.covered_through ? [row.covered_through] : [])).sort();
  // A source that is behind by its nature, as settlements are, holds nothing back.
  const reached = rows.flatMap((row) =>
    row.covered_through ? [addDays(row.covered_through, row.lag_days ?? 0)] : [],
  );
  const days = [...reached, ...covered.slice(-1)];
  const loads = rows.map((row) => row.loaded_at).filter((at): at is string => !!at);
  return {
    covered_through: days.sort()[0] ?? null,
    loaded_at: loads.sort().at(-1) ?? null,
    late: rows.filter((row) => row.state === "failed" || row.state === "stale" || row.state === "never"),
  };
}

/** The day that lies so many days after another one (both YYYY-MM-DD). */
export function addDays(day: string, count: number): string {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + count);
  return at.toISOString().slice(0, 10);
}

export function FreshnessStamp({ page }: { page?: Freshness | null }) {
  const { t, locale, label } = useI18n();
  const { data, isError } = useFreshness();
  const summary = summarize(data ?? []);
  const covered = page?.covered_through ?? summary.covered_through;
  const loaded = page?.loaded_at ?? summary.loaded_at;
  const late = summary.late;
  const detail = late.length
    ? late
        .map((row) => `${row.account_id} · ${row.stream}: ${label("freshness_state", row.state)}`)
        .join("\n")
    : t("freshness.loaded_at", { at: formatInstant(loaded, locale) });
  const text = covered
    ? t("freshness.covered", { day: formatDate(covered, locale), ago: formatAgo(loaded, locale) })
    : t(isError ? "freshness.unknown" : "freshness.none");
  return (
    <Tooltip title={<span className="kp-prewrap">{detail}</span>}>
      <button
        type="button"
        className={`kp-stamp${late.length ? " kp-stamp--late" : ""}`}
        data-testid="freshness"
      >
        {late.length ? <WarningFilled aria-hidden="true" /> : <ClockCircleOutlined aria-hidden="true" />}
        <span>
          {text}
          {late.length ? ` · ${t("freshness.late", { count: late.length })}` : ""}
        </span>
      </button>
    </Tooltip>
  );
}
