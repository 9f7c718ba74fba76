/** The rules behind alerts: what one is made of, and typed hooks on their API. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useApi } from "./context";
import type { Grain, Severity } from "./types";

export const CONDITIONS = [
  "breach",
  "warn",
  "pace",
  "limit",
  "standard",
  "trend",
  "anomaly",
  "forecast",
  "no_data",
  "reconciliation",
  "freshness",
] as const;
export type Condition = (typeof CONDITIONS)[number];

/** A parameter of a condition as the form asks for it; what is left empty takes the API's default. */
export interface ParameterField {
  name: string;
  kind: "number" | "whole" | "word" | "list";
  words?: readonly string[];
  isRequired?: boolean;
}

const SIDE: ParameterField = { name: "side", kind: "word", words: ["bad", "above", "below"] };
export const PARAMETERS: Record<Condition, readonly ParameterField[]> = {
  breach: [],
  warn: [],
  pace: [{ name: "share", kind: "number" }],
  limit: [{ name: "limit", kind: "number", isRequired: true }, SIDE],
  standard: [{ name: "share", kind: "number" }],
  trend: [{ name: "periods", kind: "whole" }, { name: "change", kind: "number" }, SIDE],
  anomaly: [
    { name: "width", kind: "number" },
    { name: "side", kind: "word", words: ["bad", "above", "below", "both"] },
  ],
  forecast: [
    { name: "against", kind: "word", words: ["target", "standard", "limit"] },
    { name: "limit", kind: "number" },
    { name: "horizon_days", kind: "whole" },
  ],
  no_data: [{ name: "days", kind: "whole" }],
  reconciliation: [
    { name: "limit", kind: "number" },
    { name: "days", kind: "whole" },
    { name: "lines", kind: "list" },
  ],
  freshness: [
    { name: "days", kind: "whole" },
    { name: "streams", kind: "list" },
  ],
};
/** Conditions on something else than a KPI's value, and what the API calls it. */
export const SUBJECTS: Partial<Record<Condition, string>> = {
  reconciliation: "reconciliation_difference",
  freshness: "data_freshness",
};

/** Conditions on a value that rests on cases, so that a rule may ask for a minimum of them. */
export const HAS_VOLUME: readonly Condition[] = [
  "breach",
  "warn",
  "pace",
  "limit",
  "standard",
  "trend",
  "anomaly",
];

/** Events of the calendar in which alone, or in which not, the rule holds. */
export type Seasons = { only: string[] } | { except: string[] };

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** One message a day of all that a rule found; without its zone UTC, without its days every day. */
export interface Digest {
  /** HH:MM. */
  at: string;
  time_zone?: string;
  days?: string[];
}

export interface EscalationStep {
  after_minutes: number;
  channels: string[];
}

/** What the form asks for. Tolerance and hysteresis are shares of the limit. */
export interface RuleInput {
  name: string;
  name_zh: string | null;
  kpi_id: string;
  entity_kind: string;
  /** Null is every one of the kind. */
  entity_ids: string[] | null;
  /** Only those below this entity. */
  within: string | null;
  grain: Grain;
  condition: Condition;
  parameters: Record<string, string | number | string[]>;
  tolerance: string;
  hysteresis: string;
  seasons: Seasons | null;
  minimum_volume: string | null;
  volume_kpi_id: string | null;
  severity: Severity;
  channels: string[];
  group_above: number | null;
  digest: Digest | null;
  escalation: EscalationStep[];
  owner: string | null;
  for_minutes: number;
  keep_firing_minutes: number;
  include_provisional: boolean;
  is_enabled: boolean;
  playbook_en: string | null;
  playbook_zh: string | null;
}

/** What the API says of a stored rule, and a rule that is sent doesn't. */
interface Stored {
  id: number;
  etag: string;
  source: string | null;
  last_evaluated_at: string | null;
  votes?: { useful: number; noise: number; n: number; precision: string | null };
}
const STORED: readonly (keyof Stored)[] = ["id", "etag", "source", "last_evaluated_at", "votes"];

/** A stored rule; it may hold fields that the form doesn't know. */
export type Rule = RuleInput & Stored;
export type RuleBody = Partial<RuleInput>;

/** Every field that makes a rule, those included that the form doesn't know: a copy and a backtest keep them. */
export function fieldsOf(rule: Rule): RuleBody {
  return Object.fromEntries(Object.entries(rule).filter(([name]) => !STORED.includes(name as keyof Stored)));
}

/** What the form offers besides KPIs and entities. */
export interface RuleChoices {
  seasons: {
    event: string;
    name_en: string | null;
    name_zh: string | null;
    starts_on: string;
    is_yearly: boolean;
  }[];
  channels: string[];
  routes: RuleRoute[];
}

/** A route of the site's settings: all that it names must match. */
export interface RuleRoute {
  channels: string[];
  [fact: string]: unknown;
}

export interface Backtest {
  can_replay: boolean;
  reason: string | null;
  caveats: string[];
  from: string;
  to: string;
  entities: number;
  entity_days: number;
  fired: number;
  open_days: number;
  per_1000: string | null;
  short: number;
  firings: {
    entity_id: string;
    entity_name: string;
    owner_name: string | null;
    fired_on: string;
    resolved_on: string | null;
    days: number;
    value: string | null;
    limit: string | null;
  }[];
  hints: { for_days: { for_days: number; fired: number; short: number }[] };
}

const RULES = ["alert_rules"];

export function useRules(order: "name" | "noise") {
  const api = useApi();
  return useQuery({
    queryKey: [...RULES, order],
    queryFn: async ({ signal }) =>
      (await api.get<{ result: Rule[] }>("/alert_rules/", { order }, signal)).result,
  });
}

export function useRuleChoices() {
  const api = useApi();
  return useQuery({
    queryKey: [...RULES, "choices"],
    queryFn: ({ signal }) => api.get<RuleChoices>("/alert_rules/choices", {}, signal),
  });
}

export function useRuleActions() {
  const api = useApi();
  const client = useQueryClient();
  const onSuccess = () => client.invalidateQueries({ queryKey: RULES });
  return {
    save: useMutation({
      mutationFn: ({ id, rule, etag }: { id: number | null; rule: RuleBody; etag?: string }) =>
        id === null
          ? api.post<unknown>("/alert_rules/", rule)
          : api.put<unknown>(`/alert_rules/${id}`, rule, etag),
      onSuccess,
    }),
    remove: useMutation({
      mutationFn: (id: number) => api.delete<unknown>(`/alert_rules/${id}`),
      onSuccess,
    }),
    backtest: useMutation({
      mutationFn: async (wanted: { rule: RuleBody } | { rule_id: number }) =>
        (await api.post<{ result: Backtest }>("/alert_rules/backtest", wanted)).result,
    }),
  };
}
