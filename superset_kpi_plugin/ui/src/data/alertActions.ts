/** Taking an alert in hand, its history, and the rules behind alerts: typed hooks on the API. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useApi } from "./context";
import type { AlertInstance, Grain, Severity, Unit } from "./types";

export type Vote = "useful" | "noise";

export interface HistoryPoint {
  period_start: string;
  period_end: string;
  value: string | null;
  warn: string | null;
  breach: string | null;
  settled: boolean;
}

export interface AlertHistory {
  points: HistoryPoint[];
  marks: { event: string; at: string; period_start: string | null; incident: number }[];
  limit: { warn: string | null; breach: string | null };
  unit: Unit | null;
  currency: string | null;
  number_format: string | null;
}

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
  kind: "number" | "whole" | "word";
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
  ],
  freshness: [{ name: "days", kind: "whole" }],
};
/** Conditions on something else than a KPI's value, and what the API calls it. */
export const SUBJECTS: Partial<Record<Condition, string>> = {
  reconciliation: "reconciliation_difference",
  freshness: "data_freshness",
};

export interface RuleInput {
  name: string;
  kpi_id: string;
  entity_kind: string;
  grain: Grain;
  condition: Condition;
  parameters: Record<string, string | number>;
  severity: Severity;
  channels: string[];
  for_minutes: number;
  keep_firing_minutes: number;
  include_provisional: boolean;
  is_enabled: boolean;
  playbook_en: string | null;
  playbook_zh: string | null;
}

/** What a rule holds beyond the form; a copy and a backtest keep it, or they would be about something else. */
export interface RuleRest {
  name_zh: string | null;
  entity_ids: string[] | null;
  within: string | null;
  tolerance: string | number;
  hysteresis: string | number;
  seasons: Record<string, string[]> | null;
  escalation: unknown[];
  owner: string | null;
}
export const REST: readonly (keyof RuleRest)[] = [
  "name_zh",
  "entity_ids",
  "within",
  "tolerance",
  "hysteresis",
  "seasons",
  "escalation",
  "owner",
];
export type RuleBody = Partial<RuleInput & RuleRest>;

export interface Rule extends RuleInput, RuleRest {
  id: number;
  source: string | null;
  last_evaluated_at: string | null;
  votes?: { useful: number; noise: number; n: number; precision: string | null };
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

function alertPath(id: AlertInstance["id"]): string {
  return `/alerts/${encodeURIComponent(String(id))}`;
}

export function useAlertHistory(id: AlertInstance["id"]) {
  const api = useApi();
  return useQuery({
    queryKey: ["alerts", "history", id],
    queryFn: async ({ signal }) =>
      (await api.get<{ result: AlertHistory }>(`${alertPath(id)}/history`, { periods: 60 }, signal)).result,
  });
}

/** Snooze, assign, comment and vote; each makes the inbox ask again. */
export function useAlertActions(id: AlertInstance["id"]) {
  const api = useApi();
  const client = useQueryClient();
  const onSuccess = () => client.invalidateQueries({ queryKey: ["alerts"] });
  const path = alertPath(id);
  return {
    snooze: useMutation({
      mutationFn: (minutes: number) => api.post<unknown>(`${path}/snooze`, { minutes }),
      onSuccess,
    }),
    assign: useMutation({
      mutationFn: (assignee: string | null) => api.post<unknown>(`${path}/assign`, { assignee }),
      onSuccess,
    }),
    comment: useMutation({
      mutationFn: (comment: string) => api.post<unknown>(`${path}/comment`, { comment }),
      onSuccess,
    }),
    vote: useMutation({
      mutationFn: (vote: Vote | null) =>
        vote === null ? api.delete<unknown>(`${path}/vote`) : api.post<unknown>(`${path}/vote`, { vote }),
      onSuccess,
    }),
  };
}

export function useRules(order: "name" | "noise") {
  const api = useApi();
  return useQuery({
    queryKey: [...RULES, order],
    queryFn: async ({ signal }) =>
      (await api.get<{ result: Rule[] }>("/alert_rules/", { order }, signal)).result,
  });
}

export function useRuleActions() {
  const api = useApi();
  const client = useQueryClient();
  const onSuccess = () => client.invalidateQueries({ queryKey: RULES });
  return {
    save: useMutation({
      mutationFn: ({ id, rule }: { id: number | null; rule: RuleBody }) =>
        id === null ? api.post<unknown>("/alert_rules/", rule) : api.put<unknown>(`/alert_rules/${id}`, rule),
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
