/** The set-up guide of the mock API: a seller with three accounts, one of them short of history. */
import type { Proposal, ProposedRow, Survey } from "../src/data/setup";
import { ENTITIES, KPIS } from "./data";

interface Asked {
  problems: string[];
  period_start: string;
  kinds: string[];
  owner: string | null;
}

export function surveyAnswer(locale: string): Survey {
  const say = (en: string, zh: string) => (locale === "zh" ? zh : en);
  const known = (kpi_id: string) => {
    const kpi = KPIS.find((one) => one.kpi_id === kpi_id);
    return { kpi_id, name: (kpi && say(kpi.name_en, kpi.name_zh)) ?? kpi_id, is_known: kpi !== undefined };
  };
  const item = (kpi_id: string, kinds: string[], weight: string) => ({ ...known(kpi_id), kinds, weight });
  const kinds = [...new Set(ENTITIES.map((one) => one.kind))];
  return {
    months: ["2026-08-01", "2026-09-01", "2026-10-01"],
    found: kinds.map((entity_kind) => {
      const all = ENTITIES.filter((one) => one.kind === entity_kind);
      const examples = all.map((one) => ({ entity_id: one.id, entity_name: one.name }));
      return { entity_kind, count: all.length, examples };
    }),
    accounts: ENTITIES.filter((one) => one.kind === "account").map((one, index) => ({
      entity_id: one.id,
      entity_name: one.name,
      platform: "amazon",
      platform_name: "Amazon",
      currency: "USD",
      months_with_sales: index === 2 ? 1 : 3,
      streams: 9,
      stale_streams: index === 1 ? 2 : 0,
    })),
    missing: [
      {
        code: "short_history",
        severity: "warning",
        message: say("1 account has sales in one month only.", "1 个店铺只有一个月有销售。"),
        count: 1,
        entity_ids: ["account:cascade_us"],
        kpi_ids: [],
      },
      {
        code: "no_forecast",
        severity: "info",
        message: say("There is no forecast yet.", "尚无预测。"),
        count: 0,
        entity_ids: [],
        kpi_ids: [],
      },
    ],
    problems: [
      {
        problem_id: "ad_waste",
        name: say("Ads cost more than they bring", "广告浪费"),
        description: say("Ad groups that cost and do not sell.", "广告组只花费不成交。"),
        kpis: [known("acos"), known("wasted_ad_cost_share")],
        alert_packs: ["ad_waste"],
        evidence: {
          ...known("acos"),
          unit: "ratio",
          number_format: ".1%",
          value: "0.31",
          limit: "0.25",
          side: "above",
          entity_id: "account:aurora_us",
          entity_name: "Aurora US",
        },
        is_likely: true,
      },
      {
        problem_id: "weak_conversion",
        name: say("Visitors do not buy", "转化率低"),
        description: say("Traffic is there, and the page loses it.", "有流量但流失。"),
        kpis: [known("conversion_rate")],
        alert_packs: [],
        evidence: null,
        is_likely: null,
      },
    ],
    packs: [
      {
        pack_id: "basic",
        name: say("Basic", "基础版"),
        description: say("Sales, margin and ad cost.", "销售、利润与广告成本。"),
        is_variant: false,
        kpis: [
          item("gmv", ["company", "account"], "3"),
          item("gross_margin_rate", ["company", "account"], "2"),
        ],
      },
      {
        pack_id: "full",
        name: say("Full", "完整版"),
        description: say("With what drives them.", "增加驱动指标。"),
        is_variant: false,
        kpis: [
          item("gmv", ["company", "account", "category"], "3"),
          item("units", ["account"], "0"),
          item("conversion_rate", ["account"], "0"),
        ],
      },
      {
        pack_id: "electronics",
        name: say("Electronics", "电子产品"),
        description: say("Returns, and stock that loses value.", "退货与贬值库存。"),
        is_variant: true,
        kpis: [item("return_rate", ["account"], "2"), item("gross_margin_rate", ["category"], "1")],
      },
    ],
    imports: { people: "People come from the ERP.", scheme: "A scheme comes in as a file of targets." },
    warnings: [],
  };
}

export function proposalAnswer(body: Asked, locale: string): Proposal {
  const entities = ENTITIES.filter((one) => body.kinds.includes(one.kind));
  const rows = ["gmv", "gross_margin_rate"].flatMap((kpi_id) =>
    entities.map((entity, index) => rowOf(kpi_id, entity, index, body, locale)),
  );
  const counts = { new: 0, exists: 0, no_target: 0 };
  for (const row of rows) counts[row.state] += 1;
  return {
    grain: "month",
    period_start: body.period_start,
    rows,
    counts,
    unknown_kpis: ["return_rate"],
    warnings: [],
  };
}

function rowOf(
  kpi_id: string,
  entity: (typeof ENTITIES)[number],
  index: number,
  body: Asked,
  locale: string,
): ProposedRow {
  const kpi = KPIS.find((one) => one.kpi_id === kpi_id) ?? KPIS[0];
  if (!kpi) throw new Error("no KPI");
  const state = index === 1 ? "exists" : index === 3 ? "no_target" : "new";
  const values = kpi_id === "gmv" ? ["410000", "450000", "500000"] : ["0.28", "0.31", "0.34"];
  const [floor_value = null, target_value = null, stretch_value = null] = state === "no_target" ? [] : values;
  return {
    kpi_id,
    kpi_name: locale === "zh" ? kpi.name_zh : kpi.name_en,
    unit: kpi.unit,
    number_format: kpi.number_format,
    direction: kpi.direction,
    entity_id: entity.id,
    entity_kind: entity.kind,
    entity_name: entity.name,
    currency: "USD",
    period_start: body.period_start,
    floor_value,
    target_value,
    stretch_value,
    weight: kpi_id === "gmv" ? "3" : "2",
    owner: body.owner ?? entity.owner,
    basis: state === "no_target" ? null : index === 0 ? "forecast" : "history",
    reason:
      state === "no_target"
        ? "Only 1 of the last 3 months have a value: too little for a target."
        : "Worst, median and best of the months 2026-08 to 2026-10.",
    probability: state !== "no_target" && index === 0 ? "0.5" : null,
    state,
    etag: null,
  };
}
