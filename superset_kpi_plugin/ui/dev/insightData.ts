/** Invented answers of explain, feasibility and split, and comments, for the mock API. */
import type { Comment } from "../src/data/agreement";
import type { Explanation, Feasibility } from "../src/data/insight";
import type { Finding } from "../src/data/lint";
import type { Scorecards } from "../src/data/scorecards";
import type { SplitPreview } from "../src/data/split";
import type { TargetRow } from "../src/data/types";

export const COMMENTS: Comment[] = [
  {
    id: 1,
    author: "Jun Li",
    at: "2026-11-20T17:40:00Z",
    text: "@mia the stretch counts on the second warehouse. Is that agreed? <b>Not yet</b>",
    mentions: ["mia"],
    version: 1,
  },
  {
    id: 2,
    author: "Mia Torres",
    at: "2026-11-21T09:05:00Z",
    text: "It opens on the 4th.",
    mentions: [],
    version: 1,
  },
];

export function explanation(row: TargetRow): Explanation {
  const value = row.status?.value ?? null;
  const share = (part: number) => (value === null ? null : (Number(value) * part).toFixed(2));
  const isRatio = row.unit === "ratio";
  const part = (entity_id: string, entity_name: string, at: number) => ({
    entity_id,
    entity_kind: "platform",
    entity_name,
    value: isRatio ? value : share(at),
    share: isRatio ? null : String(at),
  });
  return {
    kpi: {
      kpi_id: row.kpi_id,
      name: row.kpi_name,
      formula: "Ordered units × price, before discounts and returns",
    },
    value: value
      ? {
          value,
          numerator: isRatio ? "61234.5" : value,
          denominator: isRatio ? "254100" : null,
          currency: "USD",
          is_settled: false,
          covered_through: "2026-11-21",
        }
      : null,
    drivers: [
      driver("units", "Units sold", "count", ",d", "41230", "38800"),
      driver("conversion_rate", "Conversion rate", "ratio", ".1%", "0.112", "0.104"),
      driver("ad_cost", "Ad cost", "money", "$,.0f", "88410", "70112"),
    ],
    parts: [
      part("platform:amazon", "Amazon", 0.62),
      part("platform:shopify", "Shopify", 0.23),
      part("platform:walmart", "Walmart", 0.15),
    ],
    sources: [
      source("aurora_us", "orders", "fresh", "2026-11-21"),
      source("borealis_us", "settlements", "stale", "2026-11-14"),
    ],
  };
}

function driver(
  kpi_id: string,
  name: string,
  unit: "count" | "ratio" | "money",
  number_format: string,
  value: string,
  last_year: string,
) {
  return { kpi_id, name, unit, number_format, direction: "higher" as const, value, last_year };
}

function source(account_id: string, stream: string, state: string, covered_through: string) {
  const base = {
    platform: "amazon_sp",
    loaded_at: "2026-11-23T09:05:00Z",
    settled_through: null,
    last_error: null,
  };
  return { ...base, account_id, stream, state, covered_through };
}

export function feasibility(row: TargetRow): Feasibility {
  const facts = row.facts;
  const [low, middle, high] = [facts?.p20 ?? null, facts?.p50 ?? null, facts?.p80 ?? null];
  return {
    has_forecast: middle !== null,
    method: "ets",
    floor: low,
    target: middle,
    stretch: high,
    probabilities: { floor: "0.8", target: "0.5", stretch: "0.2" },
    current: { floor: "0.83", target: facts?.probability ?? null, stretch: "0.16" },
    history_periods: 34,
    made_at: "2026-11-23T06:00:00Z",
    backtest: { below_p20: "0.21", below_p50: "0.48", below_p80: "0.79", points: 24 },
    message: middle === null ? "There are only 3 periods of history; 8 are needed." : null,
  };
}

/** An even split in whole cents; what can't be given evenly goes to the first. */
export function split(rows: TargetRow[], body: Record<string, unknown>): SplitPreview {
  const locked = new Set((body.locked as string[] | undefined) ?? []);
  const amount = Math.round(Number(body.amount ?? 0) * 100);
  const current = (row: TargetRow) => (row.draft ?? row.approved)?.target_value ?? null;
  const isHeld = (row: TargetRow) => row.is_locked === true || locked.has(row.entity_id);
  const held = rows.filter(isHeld).reduce((sum, row) => sum + Math.round(Number(current(row) ?? 0) * 100), 0);
  const open = rows.filter((row) => !isHeld(row));
  const weight = (row: TargetRow) => {
    if (body.method === "last_year") return Number(row.facts?.last_year ?? 0);
    return body.method === "forecast" ? Number(row.facts?.p50 ?? 0) : 1;
  };
  const total = open.reduce((sum, row) => sum + weight(row), 0) || 1;
  const given = open.map((row) => Math.floor(((amount - held) * weight(row)) / total));
  let rest = amount - held - given.reduce((sum, cents) => sum + cents, 0);
  if (body.residual !== "keep" && given.length > 0) {
    given[0] = (given[0] ?? 0) + rest;
    rest = 0;
  }
  return {
    rows: rows.map((row) => {
      const at = open.indexOf(row);
      const proposed = at < 0 ? current(row) : ((given[at] ?? 0) / 100).toFixed(2);
      return {
        entity_id: row.entity_id,
        entity_name: row.entity_name,
        grain: row.grain,
        period_start: row.period_start,
        current: current(row),
        proposed,
        share: proposed === null ? null : String(Number(proposed) / (amount / 100)),
        is_locked: at < 0,
        etag: row.etag,
        id: row.id,
      };
    }),
    amount: (amount / 100).toFixed(2),
    residual: (rest / 100).toFixed(2),
    warnings: [],
  };
}

export function makeFindings(): Finding[] {
  const base = {
    targets: [1],
    entity_id: "account:aurora_us",
    kpi_id: "gmv",
    owner: "Mia Torres",
    waiver: null,
  };
  const place = {
    kpi_id: "gmv",
    entity_id: "account:aurora_us",
    grain: "month" as const,
    period_start: "2026-11-01",
  };
  return [
    {
      ...base,
      key: "a",
      rule: "no_owner",
      severity: "warning",
      message: "Nobody owns this target.",
      mend: { rows: [{ ...place, etag: null, owner: "Mia Torres" }] },
    },
    {
      ...base,
      key: "b",
      rule: "too_many_kpis",
      severity: "refusal",
      message: "Jun Li has 17 core KPIs; more than 15 can't be approved. Three to five are advised.",
      owner: "Jun Li",
      mend: null,
    },
    {
      ...base,
      key: "c",
      rule: "unlikely_or_certain",
      severity: "warning",
      message: "By the forecast this is attained with a probability of 4 %.",
      mend: { rows: [{ ...place, etag: null, target_value: "512000" }] },
    },
  ];
}

/** Scores of made-up owners; every part weighs the same here. */
export function scorecards(rows: TargetRow[]): Scorecards {
  const owners = new Map<string, TargetRow[]>();
  for (const row of rows) {
    const owner = row.approved?.owner;
    if (owner && row.status?.value) owners.set(owner, [...(owners.get(owner) ?? []), row].slice(0, 5));
  }
  const result = [...owners].map(([owner, owned]) => {
    const counted = owned.map((row) => Math.min(1.5, Math.max(0, Number(row.status?.attainment ?? 0))));
    const score = counted.reduce((sum, one) => sum + one, 0) / counted.length;
    const parts = owned.map((row, at) => ({
      kpi_id: row.kpi_id,
      kpi_name: row.kpi_name,
      entity_id: row.entity_id,
      entity_name: row.entity_name,
      unit: row.unit,
      number_format: row.number_format,
      target_value: row.approved?.target_value ?? null,
      value: row.status?.value ?? null,
      attainment: row.status?.attainment ?? null,
      counted: String(counted[at]),
      weight: "1",
      status: row.status?.status ?? null,
    }));
    return { subject: owner, subject_name: owner, score: score.toFixed(4), covered: "1", parts };
  });
  const formula = "sum(weight x min(max(attainment, 0), cap)) / sum(weight)";
  return { result, formula, cap: "1.5", closed: null };
}
