/** Made-up rows for looking at the pages without Superset. Figures are invented; nothing here reaches the bundle. */
import type { AlertInstance, CatalogueRow, Status, TargetRow, TargetValues } from "../src/data/types";

type Kpi = Pick<
  CatalogueRow,
  "kpi_id" | "name_en" | "name_zh" | "unit" | "direction" | "number_format" | "entity_kinds"
>;

const BUSINESS = "company,platform,account,category,sku,team,person";
const ADS = "company,account,campaign,ad_group";
export const KPIS: Kpi[] = [
  kpi("gmv", "GMV", "成交总额", "money", "higher", "$,.0f", BUSINESS),
  kpi("units", "Units sold", "销量", "count", "higher", ",d", BUSINESS),
  kpi("conversion_rate", "Conversion rate", "转化率", "ratio", "higher", ".1%", BUSINESS),
  kpi("gross_margin_rate", "Gross margin rate", "毛利率", "ratio", "higher", ".1%", BUSINESS),
  kpi("ad_cost", "Ad cost", "广告花费", "money", "lower", "$,.0f", ADS),
  kpi("acos", "ACOS", "广告成本占比", "ratio", "lower", ".1%", ADS),
  kpi("roas", "ROAS", "广告回报率", "ratio", "higher", ".2f", ADS),
];

function kpi(
  kpi_id: string,
  name_en: string,
  name_zh: string,
  unit: Kpi["unit"],
  direction: Kpi["direction"],
  number_format: string,
  entity_kinds: string,
): Kpi {
  return { kpi_id, name_en, name_zh, unit, direction, number_format, entity_kinds };
}

export const ENTITIES: { kind: string; id: string; name: string; owner: string }[] = [
  { kind: "company", id: "company", name: "Aurora Goods", owner: "Wei Chen" },
  { kind: "account", id: "account:aurora_us", name: "Aurora US", owner: "Mia Torres" },
  { kind: "account", id: "account:borealis_us", name: "Borealis US", owner: "Jun Li" },
  { kind: "account", id: "account:cascade_us", name: "Cascade Outdoor", owner: "Sara Novak" },
  ...[
    "Audio",
    "Charging",
    "Kitchen",
    "Lighting",
    "Outdoor",
    "Pet supplies",
    "Smart home",
    "Storage & organisation",
  ].map((name, i) => ({
    kind: "category",
    id: `category:aurora_us/${name.toLowerCase().replace(/\W+/g, "_")}`,
    name,
    owner: ["Mia Torres", "Jun Li", "Sara Novak"][i % 3] as string,
  })),
  { kind: "person", id: "person:e001", name: "Mia Torres", owner: "Mia Torres" },
  { kind: "person", id: "person:e002", name: "李俊", owner: "李俊" },
  { kind: "person", id: "person:e003", name: "Sara Novak", owner: "Sara Novak" },
  { kind: "ad_group", id: "ad_group:aurora_us/90311", name: "Earbuds – exact", owner: "Jun Li" },
  { kind: "ad_group", id: "ad_group:aurora_us/90312", name: "Earbuds – broad", owner: "Jun Li" },
  {
    kind: "ad_group",
    id: "ad_group:borealis_us/77120",
    name: "Desk lamps <script>alert(1)</script>",
    owner: "Sara Novak",
  },
  {
    kind: "ad_group",
    id: "ad_group:cascade_us/60442",
    name: "Camping stove – competitors",
    owner: "Mia Torres",
  },
];

const EMPTY = {
  floor_value: null,
  stretch_value: null,
  warn_limit: null,
  breach_limit: null,
  tolerance: null,
  weight: null,
  budget: null,
  budget_currency: null,
  headcount: null,
};
const PACE = 0.681;

/** A number in [0, 1) that depends only on the text. */
export function chance(text: string): number {
  let hash = 2166136261;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16777619);
  return (hash >>> 8) / 2 ** 24;
}

const SCALE: Record<string, number> = {
  company: 1.9e6,
  account: 6.2e5,
  category: 8.4e4,
  person: 2.6e5,
  ad_group: 4.2e3,
};

function goalOf(kpiId: string, kind: string, luck: number): number {
  const scale = SCALE[kind] ?? 1e5;
  const goals: Record<string, number> = {
    gmv: Math.round((scale * (0.7 + luck * 0.6)) / 1000) * 1000,
    units: Math.round((scale / 31) * (0.7 + luck * 0.6)),
    conversion_rate: Math.round((0.08 + luck * 0.09) * 1000) / 1000,
    gross_margin_rate: Math.round((0.26 + luck * 0.14) * 1000) / 1000,
    ad_cost: Math.round(scale * 0.09 * (0.7 + luck * 0.6)),
    acos: Math.round((0.18 + luck * 0.14) * 1000) / 1000,
    roas: Math.round((3 + luck * 2.5) * 100) / 100,
  };
  return goals[kpiId] ?? 1;
}

function text(value: number, digits = 6): string {
  return String(Number(value.toFixed(digits)));
}

function statusOf(share: number, direction: string): Status {
  const bad = direction === "lower" ? share - 1 : 1 - share;
  return bad > 0.15 ? "breach" : bad > 0.05 ? "warn" : "ok";
}

export function makeStatus(row: TargetRow, period: string): TargetRow["status"] {
  const goal = Number(row.approved?.target_value ?? 0);
  if (!row.approved || goal === 0) return null;
  const luck = chance(`${row.kpi_id}${row.entity_id}${period}actual`);
  const base = { covered_through: "2026-11-21", is_settled: false, pace_share: text(PACE) };
  if (luck > 0.94) {
    const none = {
      value: null,
      attainment: null,
      pace_attainment: null,
      expected_value: text(goal * PACE),
      gap: null,
    };
    return { ...base, ...none, status: "no_data" };
  }
  const isRatio = row.unit === "ratio";
  const share = 0.78 + chance(`${row.entity_id}${row.kpi_id}`) * 0.42;
  const expected = isRatio ? goal : goal * PACE;
  // The actual is a fact: it stays when the target moves.
  const seed = Number((row as TargetRow & { seed?: string }).seed ?? goal);
  const value = (isRatio ? seed : seed * PACE) * share;
  const paceShare = row.direction === "lower" ? expected / value : value / expected;
  return {
    ...base,
    value: text(value, isRatio ? 6 : 2),
    attainment: text(row.direction === "lower" ? goal / value : value / goal),
    pace_attainment: text(paceShare),
    expected_value: text(expected, 6),
    gap: text(value - expected),
    status: luck > 0.9 ? "provisional" : statusOf(value / expected, row.direction),
  };
}

function values(goal: number, direction: string, owner: string, wide: boolean): TargetValues {
  const lower = direction === "lower";
  return {
    ...EMPTY,
    target_value: text(goal),
    floor_value: wide ? text(goal * (lower ? 1.1 : 0.9)) : null,
    stretch_value: wide ? text(goal * (lower ? 0.9 : 1.12)) : null,
    warn_limit: text(goal * (lower ? 1.05 : 0.95)),
    breach_limit: text(goal * (lower ? 1.15 : 0.85)),
    owner,
  };
}

export function makeRows(grain: string, period: string): TargetRow[] {
  const rows: TargetRow[] = [];
  for (const entity of ENTITIES) {
    for (const definition of KPIS) {
      if (!definition.entity_kinds.split(",").includes(entity.kind)) continue;
      const luck = chance(`${definition.kpi_id}|${entity.id}`);
      const goal = goalOf(definition.kpi_id, entity.kind, luck);
      const has = luck > 0.12;
      const isDraft = luck > 0.93;
      const isNew = luck > 0.97;
      const set = values(goal, definition.direction, entity.owner, luck > 0.5);
      const row = {
        id: has ? rows.length + 1 : null,
        etag: has ? `"${rows.length + 1}-1"` : null,
        kpi_id: definition.kpi_id,
        kpi_name: definition.name_en,
        unit: definition.unit,
        direction: definition.direction,
        number_format: definition.number_format,
        entity_kind: entity.kind,
        entity_id: entity.id,
        entity_name: entity.name,
        grain: grain as TargetRow["grain"],
        period_start: period,
        approved:
          has && !isNew
            ? { ...set, version: 1, approved_by: "Wei Chen", approved_at: "2026-10-28T09:12:00Z" }
            : null,
        draft:
          has && isDraft
            ? {
                ...set,
                target_value: text(goal * 1.08),
                version: isNew ? 1 : 2,
                changed_by: "Mia Torres",
                changed_at: "2026-11-20T17:40:00Z",
              }
            : null,
        published_version: has && !isNew ? 1 : null,
        status: null,
        seed: text(goal),
      } as TargetRow;
      row.status = makeStatus(row, period);
      rows.push(row);
    }
  }
  return rows;
}

export function makeAlerts(): AlertInstance[] {
  const rows = makeRows("month", "2026-11-01").filter((row) => row.status && row.status.status === "breach");
  return rows.slice(0, 12).map((row, i) => {
    const state =
      (["firing", "firing", "pending", "firing", "resolved", "stale"] as const)[i % 6] ?? "firing";
    return {
      id: i + 1,
      rule_id: 1 + (i % 3),
      rule_name: `${row.kpi_name} over its limit`,
      severity: (["critical", "warning", "info"] as const)[i % 3] ?? "info",
      kpi_id: row.kpi_id,
      kpi_name: row.kpi_name,
      unit: row.unit,
      number_format: row.number_format,
      entity_kind: row.entity_kind,
      entity_id: row.entity_id,
      entity_name: row.entity_name,
      grain: row.grain,
      period_start: row.period_start,
      state,
      status: "breach",
      value: row.status?.value ?? null,
      limit_value: row.approved?.breach_limit ?? null,
      target_value: row.approved?.target_value ?? null,
      owner: row.approved?.owner ?? null,
      pending_since: `2026-11-2${i % 3}T06:10:00Z`,
      firing_since: state === "pending" ? null : `2026-11-2${i % 3}T08:10:00Z`,
      resolved_at: state === "resolved" ? "2026-11-22T08:10:00Z" : null,
      last_evaluated_at: "2026-11-23T06:10:00Z",
      acknowledged_by: i === 3 ? "Jun Li" : null,
      acknowledged_at: i === 3 ? "2026-11-22T02:15:00Z" : null,
      comment: i === 3 ? "Bids cut by 20%, budget moved to exact match. Looking again on Friday." : null,
      events: [
        { id: 1, event: "pending", at: `2026-11-2${i % 3}T06:10:00Z`, value: row.status?.value },
        { id: 2, event: "fired", at: `2026-11-2${i % 3}T08:10:00Z`, value: row.status?.value },
      ],
    };
  });
}
