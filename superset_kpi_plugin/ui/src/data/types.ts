/** Shapes of the plugin's HTTP API. Amounts are decimal strings as the API sends them, never floats. */

export type Locale = "en" | "zh";
export type Grain = "day" | "week" | "month" | "quarter" | "year";
export type Unit = "money" | "count" | "ratio" | "days" | "hours" | "score" | "rank";
export type Direction = "higher" | "lower" | "band";
export type Status = "ok" | "warn" | "breach" | "no_data" | "provisional";

export const GRAINS: readonly Grain[] = ["day", "week", "month", "quarter", "year"];
export const STATUSES: readonly Status[] = ["breach", "warn", "ok", "provisional", "no_data"];
export const ENTITY_KINDS = [
  "company",
  "platform",
  "account",
  "category",
  "sku",
  "team",
  "person",
  "campaign",
  "ad_group",
] as const;
export type EntityKind = (typeof ENTITY_KINDS)[number];

/** What a person can set on a target; every number is a decimal string or null. */
export interface TargetValues {
  floor_value: string | null;
  target_value: string | null;
  stretch_value: string | null;
  warn_limit: string | null;
  breach_limit: string | null;
  tolerance: string | null;
  weight: string | null;
  /** Money and people that the target was agreed with. */
  budget: string | null;
  budget_currency: string | null;
  headcount: string | null;
  owner: string | null;
}
export type TargetField = keyof TargetValues;
export const TARGET_FIELDS: readonly TargetField[] = [
  "floor_value",
  "target_value",
  "stretch_value",
  "warn_limit",
  "breach_limit",
  "tolerance",
  "weight",
  "budget",
  "budget_currency",
  "headcount",
  "owner",
];
/** Fields that are words, not numbers. */
export const TEXT_FIELDS: readonly TargetField[] = ["budget_currency", "owner"];

export interface Draft extends TargetValues {
  version: number;
  stage?: AgreementState;
  reason?: string | null;
  proposed_by?: string | null;
  proposed_at?: string | null;
  accepted_by?: string | null;
  accepted_at?: string | null;
  currency?: string | null;
  changed_by: string | null;
  changed_at: string | null;
}

export interface Approved extends TargetValues {
  version: number;
  currency?: string | null;
  approved_by: string | null;
  approved_at: string | null;
}

export interface TargetStatus {
  value: string | null;
  attainment: string | null;
  pace_share: string | null;
  pace_attainment: string | null;
  expected_value: string | null;
  gap: string | null;
  /** Null while the target is not published: the value is known, a judgement isn't. */
  status: Status | null;
  /** The limits in force, defaults included. */
  warn_limit?: string | null;
  breach_limit?: string | null;
  covered_through: string | null;
  is_settled: boolean | null;
}

/** Where a target stands on its way from a draft to an agreement. */
export type AgreementState = "draft" | "proposed" | "countered" | "accepted" | "approved" | "locked";

/** What stands beside a target: last year's actual of the same period, and what kpi_forecast expects. */
export interface CellFacts {
  last_year: string | null;
  p20: string | null;
  p50: string | null;
  p80: string | null;
  method?: string | null;
  /** The chance to reach the target, a share; null without a history. */
  probability: string | null;
}

export interface TargetRow {
  id: number | string | null;
  etag: string | null;
  kpi_id: string;
  kpi_name: string;
  unit: Unit;
  direction: Direction;
  number_format: string | null;
  currency?: string | null;
  entity_kind: string;
  entity_id: string;
  entity_name: string;
  account_name?: string | null;
  grain: Grain;
  period_start: string;
  draft: Draft | null;
  approved: Approved | null;
  published_version: number | null;
  status: TargetStatus | null;
  facts?: CellFacts | null;
  state?: AgreementState | null;
  /** Holds against edits and splits until somebody unlocks it. */
  is_locked?: boolean;
  /** False where the row is outside of what the reader may edit. */
  can_edit?: boolean;
  can_approve?: boolean;
  /** For a ratio: what the targets of the children imply, by their denominators. */
  implied?: string | null;
}

/** One row of PUT /targets/: the whole wanted state of a draft. */
export interface TargetInput extends Partial<TargetValues> {
  kpi_id: string;
  entity_id: string;
  grain: Grain;
  period_start: string;
  /** As it was read; null for a row that must not exist yet. */
  etag: string | null;
}

export interface Freshness {
  covered_through: string | null;
  loaded_at: string | null;
}

export interface Publication {
  id: number | string | null;
  state: "done" | "failed" | "pending" | "running" | string;
  error: string | null;
  started_at?: string | null;
  finished_at?: string | null;
}

export interface TargetPage {
  result: TargetRow[];
  count: number;
  freshness: Freshness | null;
  /** What could not be shown, as when the warehouse doesn't answer. */
  warnings?: { code: string; message: string }[];
}

export interface CatalogueRow {
  kpi_id: string;
  name_en: string;
  name_zh: string;
  description_en: string | null;
  description_zh: string | null;
  formula_en: string | null;
  formula_zh: string | null;
  unit: Unit;
  direction: Direction;
  entity_kinds: string;
  number_format: string | null;
  display_order: number | null;
  /** Streams in order of precedence, or `manual`. */
  source?: string | null;
}

export interface Me {
  user: { username?: string; name?: string } | string | null;
  permissions: {
    propose: boolean;
    approve: boolean;
    admin: boolean;
    acknowledge: boolean;
    upload: boolean;
    reports?: boolean;
    templates?: boolean;
    diagnose?: boolean;
    explain?: boolean;
    sign?: boolean;
    /** Define KPIs whose values people enter. */
    define?: boolean;
    /** Say who sees, edits and approves which entities. */
    scopes?: boolean;
  };
  locale: Locale;
  /** Names of the message channels; for admins only. */
  channels?: string[];
}

export interface TargetVersion extends Partial<TargetValues> {
  version: number;
  state?: string | null;
  action?: string | null;
  changed_by?: string | null;
  changed_at?: string | null;
  approved_by?: string | null;
  approved_at?: string | null;
  stage?: AgreementState | null;
  reason?: string | null;
  proposed_by?: string | null;
  proposed_at?: string | null;
  accepted_by?: string | null;
  accepted_at?: string | null;
  /** What this version changed against the one before. */
  changes?: Partial<Record<TargetField, { from: string | null; to: string | null }>>;
}

/** Any two versions of a target side by side. */
export interface VersionDifference {
  from: TargetVersion;
  to: TargetVersion;
  changes: NonNullable<TargetVersion["changes"]>;
}

export type AlertState = "ok" | "pending" | "firing" | "resolved" | "no_data" | "stale";
export type Severity = "info" | "warning" | "critical";
export const SEVERITIES: readonly Severity[] = ["critical", "warning", "info"];

export interface AlertEvent {
  id?: number | string;
  event: string;
  at: string | null;
  value?: string | null;
  limit_value?: string | null;
  status?: string | null;
  /** Null for what the evaluation did. */
  by?: string | null;
  comment?: string | null;
}

/** How the messages about an alert fare, by channel. */
export interface AlertDelivery {
  event: string;
  channel: string;
  state: "pending" | "sent" | "failed" | string;
  attempts: number;
  created_at: string | null;
  sent_at: string | null;
  last_error: string | null;
}

export interface AlertInstance {
  id: number | string;
  rule_id: number | string;
  rule_name: string;
  severity: Severity;
  kpi_id: string;
  kpi_name: string;
  unit: Unit;
  number_format: string | null;
  currency?: string | null;
  direction?: Direction | null;
  entity_kind: string;
  entity_id: string;
  entity_name: string;
  account_name?: string | null;
  grain: Grain;
  period_start: string;
  state: AlertState;
  status: Status | null;
  value: string | null;
  limit_value: string | null;
  target_value: string | null;
  owner: string | null;
  owner_name?: string | null;
  pending_since: string | null;
  firing_since: string | null;
  resolved_at: string | null;
  last_evaluated_at: string | null;
  acknowledged_by: string | null;
  acknowledged_at: string | null;
  comment: string | null;
  assignee?: string | null;
  snoozed_until?: string | null;
  inhibited_by?: number | null;
  silence_id?: number | null;
  detail?: string | null;
  season_en?: string | null;
  season_zh?: string | null;
  playbook?: string | null;
  /** The driver that moved most; change and share are shares. */
  driver?: { name_en: string; name_zh: string | null; change: string; share: string } | null;
  incident?: number;
  votes?: { useful: number; noise: number; mine: "useful" | "noise" | null };
  events?: AlertEvent[];
  deliveries?: AlertDelivery[];
}
