/** An invented tree of entities with targets, actuals and forecasts, for the plan on the mock API. */
import { shiftPeriod } from "../src/data/period";
import type { PlanAnswer, PlanCellAnswer } from "../src/data/plan";
import type { TreeNode } from "../src/data/tree";
import type { Grain, TargetRow } from "../src/data/types";
import { chance, KPIS } from "./data";

function node(kind: string, id: string, name: string, parent: string | null): TreeNode {
  return { entity_kind: kind, entity_id: id, entity_name: name, parent_id: parent };
}

const CATEGORIES = ["Audio", "Charging", "Kitchen", "Lighting", "Outdoor", "Pet supplies"];
const ACCOUNTS = [
  ["amazon", "aurora_us", "Aurora US"],
  ["amazon", "borealis_us", "Borealis US"],
  ["shopify", "aurora_shop", "Aurora Shop"],
  ["walmart", "cascade_us", "Cascade Outdoor"],
] as const;

/** `?size=big` gives a tree of some 900 nodes, for 10,000 cells and more. */
export function businessTree(skus: number): TreeNode[] {
  const nodes = [node("company", "company", "Aurora Goods", null)];
  for (const platform of ["amazon", "shopify", "walmart"]) {
    const name = platform === "amazon" ? "Amazon" : platform === "shopify" ? "Shopify" : "Walmart";
    nodes.push(node("platform", `platform:${platform}`, name, "company"));
  }
  for (const [platform, id, name] of ACCOUNTS) {
    nodes.push(node("account", `account:${id}`, name, `platform:${platform}`));
    for (const category of CATEGORIES) {
      const key = `${id}/${category.toLowerCase().replace(/\W+/g, "_")}`;
      nodes.push(node("category", `category:${key}`, category, `account:${id}`));
      for (let at = 1; at <= skus; at += 1) {
        const code = `${category.slice(0, 3).toUpperCase()}-${String(at).padStart(3, "0")}`;
        nodes.push(node("sku", `sku:${key}/${code}`, code, `category:${key}`));
      }
    }
  }
  return nodes;
}

export function peopleTree(): TreeNode[] {
  return [
    node("company", "company", "Aurora Goods", null),
    node("team", "team:marketplaces", "Marketplaces", "company"),
    node("team", "team:brand", "Brand & shop", "company"),
    node("person", "person:e001", "Mia Torres", "team:marketplaces"),
    node("person", "person:e002", "李俊", "team:marketplaces"),
    node("person", "person:e003", "Sara Novak", "team:brand"),
  ];
}

const WEIGHT: Record<string, number> = { amazon: 0.62, shopify: 0.23, walmart: 0.15 };

/** A share of the company that children add up to, roughly. */
function shareOf(one: TreeNode, tree: Map<string, TreeNode>, counts: Map<string, number>): number {
  if (!one.parent_id) return 1;
  const parent = tree.get(one.parent_id) as TreeNode;
  const siblings = counts.get(one.parent_id) ?? 1;
  const own =
    WEIGHT[one.entity_id.replace("platform:", "")] ?? (0.8 + chance(one.entity_id) * 0.38) / siblings;
  return shareOf(parent, tree, counts) * own;
}

export interface MockPlan extends Omit<PlanAnswer, "cells" | "nodes"> {
  nodes: TreeNode[];
  rows: TargetRow[];
}

/** The page of the answer that the real API would send: flat cells, and only where something is known. */
export function planPage({ rows, ...plan }: MockPlan, page: number, size: number): PlanAnswer {
  const currency = plan.kpi.unit === "money" ? "USD" : null;
  const nodes = plan.nodes.slice(page * size, (page + 1) * size).map((one) => ({ ...one, currency }));
  const ids = new Set(nodes.map((one) => one.entity_id));
  const cells = rows
    .filter((row) => ids.has(row.entity_id))
    .map(({ facts, ...row }) => ({ ...row, ...facts, can_edit: true, can_approve: true }) as PlanCellAnswer);
  return { ...plan, nodes, cells, count: plan.nodes.length };
}

const PER_YEAR: Record<Grain, number> = { day: 365, week: 52, month: 12, quarter: 4, year: 1 };
const SEASON = [0.82, 0.8, 0.9, 0.88, 0.95, 0.92, 1.12, 0.94, 0.93, 1.05, 1.38, 1.31];

export function makePlan(kpiId: string, tree: TreeNode[], grain: Grain, from: string, to: string): MockPlan {
  const kpi = KPIS.find((one) => one.kpi_id === kpiId) ?? KPIS[0];
  if (!kpi) throw new Error("no KPI");
  const additive = kpi.unit !== "ratio";
  const nodes = new Map(tree.map((one) => [one.entity_id, one]));
  const counts = new Map<string, number>();
  for (const one of tree) if (one.parent_id) counts.set(one.parent_id, (counts.get(one.parent_id) ?? 0) + 1);
  const periods: string[] = [];
  for (let at = from; at <= to; at = shiftPeriod(at, grain, 1)) periods.push(at);
  const today = "2026-11-21";
  const base = additive ? (kpi.unit === "money" ? 23_400_000 : 760_000) / PER_YEAR[grain] : 0.24;
  const rows: TargetRow[] = [];
  const series: PlanAnswer["series"] = {};
  let id = 1;
  for (const one of tree) {
    const scale = additive ? base * shareOf(one, nodes, counts) : base * (0.8 + chance(one.entity_id) * 0.4);
    const noise = (text: string, spread: number) =>
      1 + (chance(`${kpiId}${one.entity_id}${text}`) - 0.5) * spread;
    const season = (start: string) =>
      grain === "month" && additive ? (SEASON[Number(start.slice(5, 7)) - 1] ?? 1) : 1;
    const write = (value: number) => (additive ? String(Math.round(value)) : value.toFixed(4));
    series[one.entity_id] = Array.from({ length: 12 }, (_, at) =>
      at === 3 && chance(one.entity_id) > 0.9
        ? null
        : write(scale * noise(`s${at}`, 0.3) * (0.8 + at * 0.025)),
    );
    for (const start of periods) {
      const last = scale * season(start) * noise(`ly${start}`, 0.16) * 0.9;
      const p50 = scale * season(start) * noise(`p50${start}`, 0.1);
      const goal = p50 * noise(`goal${start}`, 0.22);
      const has = chance(`has${one.entity_id}${start}`) > (one.entity_kind === "sku" ? 0.25 : 0.06);
      const noHistory = chance(one.entity_id) > 0.96;
      const chanceOf = 1 / (1 + Math.exp((goal / p50 - 1) * 18));
      const isPast = shiftPeriod(start, grain, 1) <= today;
      const isNow = start <= today && !isPast;
      const luck = chance(`${one.entity_id}${start}st`);
      const state = isPast ? "locked" : luck > 0.9 ? "proposed" : luck > 0.86 ? "countered" : "approved";
      const set = {
        floor_value: write(goal * 0.93),
        target_value: write(goal),
        stretch_value: write(goal * 1.07),
        warn_limit: null,
        breach_limit: null,
        tolerance: null,
        weight: null,
        budget: null,
        budget_currency: null,
        headcount: null,
        owner: "Mia Torres",
      };
      const done = isPast ? 1 : 0.68;
      const value = goal * done * noise(`act${start}`, 0.3);
      const reach = value / (goal * done);
      const open = state === "proposed" || state === "countered";
      rows.push({
        id: has ? id++ : null,
        etag: has ? `"${id}-1"` : null,
        kpi_id: kpi.kpi_id,
        kpi_name: kpi.name_en,
        unit: kpi.unit,
        direction: kpi.direction,
        number_format: kpi.number_format,
        currency: kpi.unit === "money" ? "USD" : null,
        entity_kind: one.entity_kind,
        entity_id: one.entity_id,
        entity_name: one.entity_name,
        grain,
        period_start: start,
        approved:
          has && !open
            ? { ...set, version: 1, approved_by: "Wei Chen", approved_at: "2026-10-28T09:12:00Z" }
            : null,
        draft:
          has && open
            ? { ...set, version: 1, changed_by: "Mia Torres", changed_at: "2026-11-20T17:40:00Z" }
            : null,
        published_version: has && !open ? 1 : null,
        status:
          has && !open && (isPast || isNow)
            ? {
                value: write(value),
                attainment: (value / goal).toFixed(4),
                pace_share: String(done),
                pace_attainment: reach.toFixed(4),
                expected_value: write(goal * done),
                gap: write(value - goal * done),
                status: reach > 0.97 ? "ok" : reach > 0.9 ? "warn" : "breach",
                covered_through: "2026-11-21",
                is_settled: isPast,
              }
            : null,
        facts: {
          last_year: noHistory ? null : write(last),
          p20: noHistory ? null : write(p50 * 0.9),
          p50: noHistory ? null : write(p50),
          p80: noHistory ? null : write(p50 * 1.1),
          method: "ets",
          probability: noHistory || !has ? null : chanceOf.toFixed(3),
        },
        state: has ? state : null,
        is_locked: has && state === "locked",
      });
    }
  }
  return {
    kpi: {
      kpi_id: kpi.kpi_id,
      name: kpi.name_en,
      unit: kpi.unit,
      direction: kpi.direction,
      number_format: kpi.number_format,
      is_additive: additive,
    },
    periods,
    nodes: tree,
    count: tree.length,
    rows,
    series,
    freshness: { covered_through: today, loaded_at: "2026-11-23T09:05:00Z" },
  };
}
