/** Rules, packs and silences of the mock API: one of each kind, and silences that are made and ended. */
import type { Silence } from "../src/data/silences";

const RULE = {
  id: 1,
  etag: "one",
  name: "Ad group over its ACoS line",
  name_zh: "广告组超过 ACoS 红线",
  kpi_id: "acos",
  entity_kind: "ad_group",
  entity_ids: null,
  within: null,
  grain: "month",
  condition: "breach",
  parameters: {},
  tolerance: "0",
  hysteresis: "0.05",
  seasons: null,
  minimum_volume: null,
  volume_kpi_id: null,
  severity: "critical",
  channels: ["operations-mail"],
  group_above: null,
  digest: null,
  escalation: [],
  owner: null,
  for_minutes: 2880,
  keep_firing_minutes: 0,
  include_provisional: false,
  is_enabled: true,
  playbook_en: "Lower the bids.",
  playbook_zh: "降低出价。",
  source: "pack:ad_waste",
  last_evaluated_at: "2026-11-23T06:10:00Z",
  votes: { useful: 3, noise: 1, n: 4, precision: "0.75" },
};
const BESIDE = { rule_id: null, is_enabled: null, differences: [], problems: [] };
const PACK = {
  name: "ad_waste",
  rules: [
    {
      ...RULE,
      ...BESIDE,
      rule_id: 1,
      is_enabled: true,
      state: "differs",
      severity: "warning",
      differences: [{ field: "severity", stored: "critical", pack: "warning" }],
    },
    {
      ...RULE,
      ...BESIDE,
      name: "Wasted ad cost over a third",
      name_zh: "广告浪费超过三分之一",
      state: "new",
    },
  ],
};
const CHOICES = {
  seasons: [
    { event: "bfcm", name_en: "Black Friday", name_zh: "黑五", starts_on: "2026-11-27", is_yearly: true },
  ],
  channels: ["operations-mail"],
  routes: [{ channels: ["operations-webhook"], severity: "critical" }],
};
const SILENCES: Silence[] = [];

/** The answer to a route of rules and silences; undefined for any other. */
export function alertsAnswer(
  route: string,
  body: Record<string, unknown>,
): { status?: number; body: unknown } | undefined {
  if (route === "GET /alert_rules/") return { body: { result: [RULE], count: 1 } };
  if (route === "PUT /alert_rules/1") {
    Object.assign(RULE, body, { etag: `${RULE.etag}+` });
    return { body: { result: RULE } };
  }
  if (route === "GET /alert_rules/choices") return { body: CHOICES };
  if (route === "GET /alert_rules/packs") return { body: { result: [PACK], count: 1 } };
  if (route === "GET /silences/") return { body: { result: SILENCES, count: SILENCES.length } };
  if (route === "POST /silences/") {
    const now = new Date().toISOString();
    const made = {
      ...(body as unknown as Silence),
      id: SILENCES.length + 1,
      created_by: "you",
      ended_by: null,
    };
    SILENCES.unshift({
      ...made,
      starts_at: made.starts_at ?? now,
      created_at: now,
      rule_name: RULE.name,
      state: "active",
    });
    return { status: 201, body: { result: SILENCES[0] } };
  }
  const ended = SILENCES.find((silence) => route === `DELETE /silences/${silence.id}`);
  if (!ended) return undefined;
  Object.assign(ended, { state: "expired", ended_by: "you", ends_at: new Date().toISOString() });
  return { body: { result: ended } };
}
