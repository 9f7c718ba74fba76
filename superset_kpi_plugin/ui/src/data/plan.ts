/** One KPI's targets over a tree of entities and several periods: shapes, hook, and look-ups by cell. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { Api } from "./api";
import { useApi } from "./context";
import { periodStart, shiftPeriod } from "./period";
import type { TreeNode } from "./tree";
import type { Direction, Freshness, Grain, TargetRow, Unit } from "./types";

export type TreeName = "business" | "people";
export const TREES: readonly TreeName[] = ["business", "people"];

export interface PlanKpi {
  kpi_id: string;
  name: string;
  unit: Unit;
  direction: Direction;
  number_format: string | null;
  currency: string | null;
  is_additive: boolean;
}

export interface PlanAnswer {
  kpi: PlanKpi;
  periods: string[];
  nodes: TreeNode[];
  cells: TargetRow[];
  /** The last actuals of each entity in this grain, the oldest first; null where a period has none. */
  series: Record<string, (string | null)[]>;
  freshness: Freshness | null;
  warnings?: { code: string; message: string }[];
}

export interface PlanQuery {
  kpi_id: string;
  tree: TreeName;
  grain: Grain;
  from: string;
  to: string;
}

export interface Plan extends Omit<PlanAnswer, "cells"> {
  grain: Grain;
  cells: ReadonlyMap<string, TargetRow>;
}

export function cellKey(entityId: string, period: string): string {
  return `${period}|${entityId}`;
}

/** The row of an entity in a period; one without a target or figures where the API has none. */
export function cellOf(plan: Plan, node: TreeNode, period: string): TargetRow {
  const known = plan.cells.get(cellKey(node.entity_id, period));
  if (known) return known;
  const { kpi, grain } = plan;
  return {
    id: null,
    etag: null,
    kpi_id: kpi.kpi_id,
    kpi_name: kpi.name,
    unit: kpi.unit,
    direction: kpi.direction,
    number_format: kpi.number_format,
    currency: kpi.currency,
    entity_kind: node.entity_kind,
    entity_id: node.entity_id,
    entity_name: node.entity_name,
    account_name: node.account_name,
    grain,
    period_start: period,
    draft: null,
    approved: null,
    published_version: null,
    status: null,
  };
}

export function readPlan(answer: PlanAnswer, grain: Grain): Plan {
  const cells = new Map(answer.cells.map((row) => [cellKey(row.entity_id, row.period_start), row]));
  return { ...answer, grain, cells };
}

export async function fetchPlan(api: Api, query: PlanQuery, signal?: AbortSignal): Promise<Plan> {
  return readPlan(await api.get<PlanAnswer>("/targets/tree", { ...query }, signal), query.grain);
}

export function usePlan(query: PlanQuery | null) {
  const api = useApi();
  return useQuery({
    queryKey: ["targets", "plan", query],
    enabled: query !== null,
    queryFn: ({ signal }) => fetchPlan(api, query as PlanQuery, signal),
    placeholderData: keepPreviousData,
  });
}

/** How many periods stand side by side, by grain: a year of months and weeks, two of quarters, five years. */
const SPAN: Record<Grain, { count: number; from: (start: string) => string }> = {
  day: { count: 31, from: (start) => periodStart(start, "month") },
  week: { count: 26, from: (start) => shiftPeriod(start, "week", -4) },
  month: { count: 12, from: (start) => periodStart(start, "year") },
  quarter: { count: 8, from: (start) => periodStart(start, "year") },
  year: { count: 5, from: (start) => shiftPeriod(start, "year", -2) },
};

/** The first and the last period shown around a chosen one. */
export function planSpan(grain: Grain, start: string): { from: string; to: string } {
  const { count, from } = SPAN[grain];
  const first = periodStart(from(start), grain);
  return { from: first, to: shiftPeriod(first, grain, count - 1) };
}

/** A period's place in the year above it, as the grid's upper heading: quarters over months, years over the rest. */
export function periodGroup(start: string, grain: Grain): { grain: Grain; start: string } {
  const above: Grain = grain === "month" ? "quarter" : "year";
  return { grain: above, start: periodStart(start, above) };
}
