/** A year of one KPI and entity of the mock API: a target for the year, the first two quarters and some months. */
import { ENTITIES, KPIS } from "./data";

const SET: Record<string, string> = {
  "year|-01-01": "1200000",
  "quarter|-01-01": "270000",
  "quarter|-04-01": "280000",
  "month|-01-01": "90000",
  "month|-02-01": "85000",
  "month|-03-01": "95000",
};

export function yearAnswer(query: URLSearchParams, locale: string): unknown {
  const year = query.get("year") ?? "2026";
  const kpi = KPIS.find((one) => one.kpi_id === query.get("kpi_id")) ?? KPIS[0];
  const entity = ENTITIES.find((one) => one.id === query.get("entity_id")) ?? ENTITIES[0];
  if (!kpi || !entity) throw new Error("no KPI or entity");
  const months = Array.from({ length: 12 }, (_, index) => `-${String(index + 1).padStart(2, "0")}-01`);
  const row = (grain: string, day: string, parent: [string, string] | null, id: number) => ({
    grain,
    period_start: `${year}${day}`,
    parent: parent ? { grain: parent[0], period_start: `${year}${parent[1]}` } : null,
    target: targetOf(SET[`${grain}|${day}`], id),
    actual: grain === "month" && id < 9 ? "88000" : null,
    is_settled: id < 8,
    covered_through: null,
    last_year: grain === "month" ? "80000" : null,
    p50: null,
  });
  const quarters = [0, 3, 6, 9].flatMap((first, index) => {
    const quarter = months[first] ?? "";
    const within = months.slice(first, first + 3);
    return [
      row("quarter", quarter, ["year", "-01-01"], 20 + index),
      ...within.map((month, at) => row("month", month, ["quarter", quarter], 1 + first + at)),
    ];
  });
  return {
    kpi: {
      kpi_id: kpi.kpi_id,
      name: locale === "zh" ? kpi.name_zh : kpi.name_en,
      unit: kpi.unit,
      direction: kpi.direction,
      number_format: kpi.number_format,
      is_additive: kpi.unit !== "ratio",
    },
    entity: { entity_id: entity.id, entity_name: entity.name, entity_kind: entity.kind, currency: "USD" },
    rows: [row("year", "-01-01", null, 30), ...quarters],
    can_edit: true,
    can_approve: true,
    warnings: [],
  };
}

function targetOf(value: string | undefined, id: number) {
  if (value === undefined) return null;
  const empty = { floor_value: null, stretch_value: null, warn_limit: null, breach_limit: null };
  const means = { budget: null, budget_currency: null, headcount: null };
  const approved = {
    ...empty,
    ...means,
    target_value: value,
    tolerance: null,
    weight: null,
    owner: "Mia Torres",
    version: 1,
    approved_by: "Wei Chen",
    approved_at: "2026-10-28T09:12:00Z",
  };
  return { id, etag: `${id}-1`, state: "approved" as const, is_locked: false, draft: null, approved };
}
