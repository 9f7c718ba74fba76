/** The Targets page's filters live in the address, so that a view can be linked to and Back works. */
import { useMemo } from "react";
import type { StatusChoice } from "../components/filters/StatusFilter";
import { marketplaceToday, periodStart } from "../data/period";
import { GRAINS, type Grain, STATUSES, type TargetRow } from "../data/types";
import { useParams } from "../router";

type Changes = Partial<
  Record<"view" | "as_of" | "kpi" | "kind" | "q" | "status" | "candidates", string | null>
>;

/** One period of all KPIs as a list, one KPI over a tree and many periods, one KPI and entity over a year, the period's scorecards or objectives, KPIs that people enter. */
export type TargetView = "list" | "plan" | "year" | "scores" | "objectives" | "manual";
const VIEWS: readonly TargetView[] = ["list", "plan", "year", "scores", "objectives", "manual"];

export interface TargetFilterState {
  view: TargetView;
  grain: Grain;
  start: string;
  kpi: string | null;
  kind: string | null;
  search: string;
  status: StatusChoice | null;
  candidates: boolean;
  /** A day in the past whose approved targets are looked at, to the day's end in UTC; null for today. */
  asOf: string | null;
  setPeriod: (grain: Grain, start: string) => void;
  set: (changes: Changes) => void;
  clear: () => void;
}

export function useTargetFilters(): TargetFilterState {
  const { params, setParams } = useParams();
  const grain = GRAINS.find((name) => name === params.get("grain")) ?? "month";
  const asked = params.get("period") ?? "";
  const day =
    /^\d{4}-\d\d-\d\d$/.test(asked) && !Number.isNaN(Date.parse(asked)) ? asked : marketplaceToday();
  const status = params.get("status");
  const asOf = params.get("as_of") ?? "";
  return {
    view: VIEWS.find((name) => name === params.get("view")) ?? "list",
    grain,
    start: periodStart(day, grain),
    kpi: params.get("kpi"),
    kind: params.get("kind"),
    search: params.get("q") ?? "",
    status: status === "draft" ? "draft" : (STATUSES.find((name) => name === status) ?? null),
    candidates: params.get("candidates") === "1",
    asOf: /^\d{4}-\d\d-\d\d$/.test(asOf) ? asOf : null,
    setPeriod: (next, start) => setParams({ grain: next, period: start }),
    set: setParams,
    clear: () => setParams({ kpi: null, kind: null, q: null, status: null, candidates: null, as_of: null }),
  };
}

export type StatusCounts = Record<StatusChoice, number>;

export function matchesStatus(row: TargetRow, status: StatusChoice | null): boolean {
  if (status === null) return true;
  if (status === "draft") return row.draft !== null;
  return row.status?.status === status;
}

export function matchesSearch(row: TargetRow, search: string): boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const owner = (row.draft ?? row.approved)?.owner ?? "";
  const text = [row.entity_name, row.entity_id, row.kpi_name, row.kpi_id, owner].join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
}

export function countStatuses(rows: readonly TargetRow[]): StatusCounts {
  const counts: StatusCounts = { ok: 0, warn: 0, breach: 0, no_data: 0, provisional: 0, draft: 0 };
  for (const choice of Object.keys(counts) as StatusChoice[]) {
    counts[choice] = rows.filter((row) => matchesStatus(row, choice)).length;
  }
  return counts;
}

export function useFilteredRows(rows: readonly TargetRow[], { search, status }: TargetFilterState) {
  return useMemo(() => {
    const found = rows.filter((row) => matchesSearch(row, search));
    return {
      shown: found.filter((row) => matchesStatus(row, status)),
      counts: countStatuses(found),
      total: found.length,
    };
  }, [rows, search, status]);
}
