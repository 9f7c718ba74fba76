/** The diagnosis as one answer of the API: steps of checks, streams, and what was done over a KPI's series. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useApi } from "./context";
import type { Direction, Grain, Severity, Unit } from "./types";

export const STEPS = ["sources", "targets", "owners", "reviews"] as const;
export type StepName = (typeof STEPS)[number];
export type CheckStatus = "ok" | "unknown" | "warning" | "problem";

/** A page of the plugin with its query (`#` is the place on it), or any other address of this Superset. */
export type DiagnosisLink = { page: string; query: Record<string, string> } | { href: string };

export interface CheckItem {
  label: string;
  detail?: string | null;
  kpi_id?: string | null;
  entity_id?: string | null;
  severity?: Severity;
  at?: string | null;
  amount?: { value: string | null; currency: string | null };
  link: DiagnosisLink | null;
}

export interface DiagnosisCheck {
  code: string;
  status: CheckStatus;
  message: string;
  advice: string | null;
  count: number;
  link: DiagnosisLink | null;
  /** The first of them; `count` counts all. */
  items: CheckItem[];
}

export interface DiagnosisStep {
  step: StepName;
  status: CheckStatus;
  checks: DiagnosisCheck[];
}

export interface DiagnosisStream {
  platform: string;
  account_id: string;
  stream: string;
  loaded_at: string | null;
  covered_through: string | null;
  settled_through: string | null;
  state: string;
  last_error: string | null;
  is_refused: boolean;
}

/** What somebody did; `day` is the marketplace's, `count` how many targets or alerts at once. */
export interface DiagnosisAction {
  kind: string;
  by: string | null;
  at: string;
  day: string;
  kpi_id: string | null;
  kpi_name: string | null;
  entity_id: string | null;
  entity_name: string | null;
  text: string | null;
  count: number;
  link: DiagnosisLink | null;
}

export interface SeriesPoint {
  period_start: string;
  period_end: string;
  value: string | null;
  settled: boolean | null;
  target: string | null;
  warn: string | null;
  breach: string | null;
}

export interface DiagnosisChart {
  grain: Grain;
  /** First day of the last two weeks, and today. */
  since: string;
  today: string;
  currency: string | null;
  unit: Unit;
  number_format: string | null;
  direction: Direction;
  label: string;
  points: SeriesPoint[];
  alerts: { event: string; day: string; alert_id: number }[];
}

export interface OfferedAlert {
  label: string;
  /** Null for an alert that is about no KPI of the catalogue. */
  kpi_id: string | null;
  entity_id: string;
  severity: Severity;
  at: string | null;
  rule: string;
}

export interface Diagnosis {
  kpi: { kpi_id: string; kpi_name: string } | null;
  entity: {
    entity_id: string;
    entity_kind: string;
    entity_name: string;
    account_name: string | null;
  } | null;
  day: string | null;
  steps: DiagnosisStep[];
  begin_with: StepName | null;
  streams: DiagnosisStream[];
  actions: DiagnosisAction[];
  chart: DiagnosisChart | null;
  offered: OfferedAlert[];
}

export function useDiagnosis(kpi: string | null, entity: string | null) {
  const api = useApi();
  return useQuery({
    queryKey: ["diagnosis", kpi, entity],
    queryFn: ({ signal }) => api.get<Diagnosis>("/diagnosis/", { kpi, entity }, signal),
    placeholderData: keepPreviousData,
  });
}

/** Where the bundle for support is downloaded. */
export function useBundleAddress(): string {
  const { config } = useApi();
  return `${config.baseUrl}/api/v1/kpi/diagnosis/bundle`;
}
