/** The home page and the glossary of the mock API, made of its targets and alerts. */
import type { AlertInstance, TargetRow } from "../src/data/types";
import { KPIS } from "./data";

const EDITIONS = ["own", "boss", "owner"];
const KINDS: Record<string, string[]> = {
  own: ["account", "person", "category"],
  boss: ["company", "platform", "team"],
  owner: ["account", "ad_group"],
};

/** The answer to GET /home/ out of the period's targets and the open alerts. */
export function homeAnswer(
  rows: TargetRow[],
  alerts: AlertInstance[],
  query: URLSearchParams,
  scene: string,
  locale: string,
) {
  const edition = query.get("edition") ?? "own";
  const mine =
    scene === "empty"
      ? []
      : rows
          .filter((row) => row.approved && KINDS[edition]?.includes(row.entity_kind))
          .map((row) => target(row, locale));
  const first = new Map(mine.map((row) => [row.kpi_id, row]));
  const accounts = mine.filter((row) => row.entity_kind === "account" || row.entity_kind === "platform");
  const open = alerts.filter((alert) => alert.state === "firing" || alert.state === "pending");
  return {
    edition,
    editions: scene === "viewer" ? ["own"] : EDITIONS,
    user: "you",
    day: "2026-11-21",
    kpis: [...first.values()].slice(0, 5).map((row) => ({
      ...row,
      series: [0.8, 0.86, null, 0.9, 1.02, 1.1, 1.21, 0.7].map((share, at) => ({
        period_start: `2026-0${at + 1}-01`,
        value: share === null ? null : String(Number(row.value ?? 1) * share),
      })),
      drivers: KPIS.filter((kpi) => kpi.kpi_id !== row.kpi_id)
        .slice(0, 2)
        .map((kpi) => ({ ...kpi, name: named(kpi.kpi_id, locale), value: "0.312", last_year: "0.281" })),
    })),
    groups:
      edition === "own"
        ? []
        : accounts.slice(0, 4).map((row) => ({
            entity_id: row.entity_id,
            entity_kind: row.entity_kind,
            entity_name: row.entity_name,
            count: 9,
            statuses: { breach: 2, warn: 3, ok: 4 },
            worst: mine.slice(0, 4),
          })),
    groups_count: edition === "own" ? 0 : Math.min(4, accounts.length),
    alerts: {
      result: open.slice(0, 5),
      count: open.length,
      unacknowledged: open.filter((alert) => !alert.acknowledged_at).length,
    },
    tasks:
      scene === "viewer" || scene === "empty"
        ? []
        : [
            { kind: "propose", count: 3, grain: "month", period_start: "2026-12-01" },
            { kind: "approve", count: 1, grain: "month", period_start: "2026-11-01" },
          ],
    freshness: { covered_through: "2026-11-21", loaded_at: "2026-11-23T09:05:00Z" },
    warnings: [],
  };
}

function named(kpi_id: string, locale: string): string {
  const kpi = KPIS.find((known) => known.kpi_id === kpi_id);
  return kpi?.[locale === "zh" ? "name_zh" : "name_en"] ?? kpi_id;
}

function target(row: TargetRow, locale: string) {
  const { draft: _draft, approved, status, ...plain } = row;
  return {
    ...plain,
    ...status,
    kpi_name: named(row.kpi_id, locale),
    currency: "USD",
    account_name: null,
    period_end: "2026-11-30",
    target_value: approved?.target_value ?? null,
    weight: approved?.weight ?? null,
    owner: approved?.owner ?? null,
    status: status?.status ?? null,
  };
}

/** The answer to GET /glossary/. */
export function glossaryAnswer() {
  return {
    result: KPIS.map((kpi, at) => ({
      ...kpi,
      description_en: `What ${kpi.name_en} says.`,
      description_zh: `${kpi.name_zh}的含义。`,
      formula_en: "Numerator / denominator",
      formula_zh: "分子 / 分母",
      domain: at < 4 ? "sales" : "ads",
      entity_kinds: kpi.entity_kinds.split(","),
      drivers: KPIS.slice(at + 1, at + 3).map((other) => other.kpi_id),
      counter_kpis: KPIS.slice(0, 1).map((other) => other.kpi_id),
      source: ["amazon_sp.orders", "shopify.orders"],
      days_until_settled: 3,
      owner_role: "operations",
      playbook_en: "Split the gap into its drivers; begin with the largest.",
      playbook_zh: "将差距拆分到各驱动指标，从最大的开始。",
      standards:
        kpi.kpi_id === "acos"
          ? [
              {
                platform: "amazon",
                name_en: "ACOS cap",
                name_zh: "广告成本上限",
                comparison: "at_most",
                limit_value: "0.35",
                warn_limit: "0.3",
                window_days: 60,
                age_from_days: null,
                age_to_days: null,
                fee_unit: null,
                currency: null,
                valid_from: "2026-01-01",
                valid_to: null,
                is_verified: true,
                source: "help page",
                note: null,
              },
            ]
          : [],
    })),
    warnings: [],
  };
}
