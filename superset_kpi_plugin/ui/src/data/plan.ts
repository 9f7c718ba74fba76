/** One KPI's targets over a tree of entities and several periods: shapes, hook, and look-ups by cell. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { Api } from "./api";
import { useApi } from "./context";
import { periodStart, shiftPeriod } from "./period";
import type { TreeNode } from "./tree";
import type { CellFacts, Direction, Freshness, Grain, TargetRow, Unit } from "./types";

export type TreeName = "business" | "people";
export const TREES: readonly TreeName[] = ["business", "people"];

export interface PlanKpi {
  kpi_id: string;
  name: string;
  unit: Unit;
  direction: Direction;
  number_format: string | null;
  is_additive: boolean;
  currency?: string | null;
}

export interface PlanNode extends TreeNode {
  currency: string | null;
}

/** One entity in one period, as the API sends it; sent only where something is known. */
export interface PlanCellAnswer
  extends CellFacts,
    Pick<TargetRow, "id" | "etag" | "entity_id" | "period_start" | "state" | "is_locked" | "can_edit"> {
  can_approve?: boolean;
  draft: TargetRow["draft"];
  approved: TargetRow["approved"];
  status: TargetRow["status"];
  published_version: number | null;
  implied?: string | null;
}

export interface PlanAnswer {
  kpi: PlanKpi;
  periods: string[];
  /** Depth first. */
  nodes: PlanNode[];
  /** Nodes in all, over the pages. */
  count: number;
  cells: PlanCellAnswer[];
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

export interface Plan extends Omit<PlanAnswer, "cells" | "count"> {
  grain: Grain;
  cells: ReadonlyMap<string, TargetRow>;
}

export function cellKey(entityId: string, period: string): string {
  return `${period}|${entityId}`;
}

/** The row of an entity in a period; one without a target or figures where the API has none. */
export function cellOf(plan: Plan, node: PlanNode, period: string): TargetRow {
  return plan.cells.get(cellKey(node.entity_id, period)) ?? toRow(plan, node, { period_start: period });
}

const NOTHING = {
  id: null,
  etag: null,
  draft: null,
  approved: null,
  published_version: null,
  status: null,
};

function toRow(
  { kpi, grain }: Pick<Plan, "kpi" | "grain">,
  node: PlanNode,
  cell: Partial<PlanCellAnswer> & { period_start: string },
): TargetRow {
  const { last_year, p20, p50, p80, method, probability, ...rest } = { ...NOTHING, ...cell };
  const isKnown = [last_year, p20, p50, p80].some((value) => value !== undefined);
  return {
    ...rest,
    kpi_id: kpi.kpi_id,
    kpi_name: kpi.name,
    unit: kpi.unit,
    direction: kpi.direction,
    number_format: kpi.number_format,
    currency: node.currency,
    entity_kind: node.entity_kind,
    entity_id: node.entity_id,
    entity_name: node.entity_name,
    account_name: node.account_name,
    grain,
    facts: isKnown
      ? {
          last_year: last_year ?? null,
          p20: p20 ?? null,
          p50: p50 ?? null,
          p80: p80 ?? null,
          method,
          probability: probability ?? null,
        }
      : null,
  };
}

/** Puts the pages of the answer together, and gives each cell the names that its row needs. */
export function readPlan(pages: readonly PlanAnswer[], grain: Grain): Plan {
  const [first] = pages;
  if (!first) throw new Error("a plan has at least one page");
  const nodes = pages.flatMap((page) => page.nodes);
  const byId = new Map(nodes.map((node) => [node.entity_id, node]));
  // Sums show in the currency of the tree's top.
  const kpi = { ...first.kpi, currency: nodes[0]?.currency ?? null };
  const cells = new Map<string, TargetRow>();
  for (const cell of pages.flatMap((page) => page.cells)) {
    const node = byId.get(cell.entity_id);
    if (node) cells.set(cellKey(cell.entity_id, cell.period_start), toRow({ kpi, grain }, node, cell));
  }
  const series = Object.assign({}, ...pages.map((page) => page.series));
  return { ...first, kpi, nodes, series, grain, cells };
}

/** The API answers at most so many pairs of entity and period at once. */
const MAX_PAIRS = 10_000;
const MAX_PAGES = 20;

export async function fetchPlan(api: Api, query: PlanQuery, signal?: AbortSignal): Promise<Plan> {
  const page_size = Math.min(1000, Math.floor(MAX_PAIRS / planCount(query.grain)));
  const read = (page: number) => api.get<PlanAnswer>("/targets/tree", { ...query, page, page_size }, signal);
  const pages = [await read(0)];
  const count = pages[0]?.count ?? 0;
  for (let page = 1; page * page_size < count && page < MAX_PAGES; page += 1) pages.push(await read(page));
  return readPlan(pages, query.grain);
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

function planCount(grain: Grain): number {
  return SPAN[grain].count;
}

/** A period's place in the year above it, as the grid's upper heading: quarters over months, years over the rest. */
export function periodGroup(start: string, grain: Grain): { grain: Grain; start: string } {
  const above: Grain = grain === "month" ? "quarter" : "year";
  return { grain: above, start: periodStart(start, above) };
}
