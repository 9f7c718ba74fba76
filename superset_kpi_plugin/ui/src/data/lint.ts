/** What the linter finds about a period's targets, mends in one click, and waivers with a reason and an end. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useApi } from "./context";
import type { ScopeInput } from "./scopes";
import type { Grain, TargetInput } from "./types";

export type LintSeverity = "refusal" | "warning" | "info";
/** The order in which findings are shown. */
export const LINT_SEVERITIES: readonly LintSeverity[] = ["refusal", "warning", "info"];

export interface Waiver {
  id: number | string;
  reason: string;
  /** The last day on which it holds. */
  ends_on: string;
  created_by: string | null;
}

export interface Finding {
  /** Names the finding, so that a waiver finds it again. */
  key: string;
  rule: string;
  severity: LintSeverity;
  message: string;
  targets: (number | string)[];
  entity_id: string | null;
  kpi_id: string | null;
  owner: string | null;
  /** What people call the entity, its account and the owner. */
  entity_name?: string | null;
  account_name?: string | null;
  owner_name?: string | null;
  /** Rows to save as drafts; null where it takes a person to decide. */
  mend: { rows: TargetInput[]; names?: Record<string, string> } | null;
  /** What a person may fill in to mend it: the row's key with its etag, and fields of which one is enough. */
  ask?: { row: TargetInput; fields: ("budget" | "headcount")[] } | null;
  /** The scope that an owner lacks, for those who may give it. */
  grant?: ScopeInput | null;
  waiver: Waiver | null;
}

export interface LintPlace {
  grain: Grain;
  period_start: string;
}

export function useLint(place: LintPlace, enabled = true) {
  const api = useApi();
  return useQuery({
    queryKey: ["lint", place],
    enabled,
    queryFn: async ({ signal }) =>
      (await api.get<{ result: Finding[] }>("/targets/lint", { ...place }, signal)).result,
  });
}

/** Open findings first by severity; what is waived apart. */
export function sortFindings(findings: readonly Finding[]): { open: Finding[]; waived: Finding[] } {
  const order = (finding: Finding) => LINT_SEVERITIES.indexOf(finding.severity);
  const sorted = [...findings].sort((a, b) => order(a) - order(b));
  return {
    open: sorted.filter((finding) => finding.waiver === null),
    waived: sorted.filter((finding) => finding.waiver !== null),
  };
}

export function useLintActions() {
  const api = useApi();
  const client = useQueryClient();
  const refresh = () =>
    Promise.all(["lint", "targets"].map((key) => client.invalidateQueries({ queryKey: [key] })));
  const mend = useMutation({
    mutationFn: (rows: TargetInput[]) => api.put<unknown>("/targets/", { targets: rows }),
    onSettled: refresh,
  });
  const grant = useMutation({
    mutationFn: (scope: ScopeInput) => api.post<unknown>("/scopes/", scope),
    // What people see changes on every page.
    onSuccess: () => client.invalidateQueries(),
  });
  const waive = useMutation({
    mutationFn: (waiver: { key: string; reason: string; ends_on: string }) =>
      api.post<unknown>("/targets/waivers", waiver),
    onSuccess: refresh,
  });
  const withdraw = useMutation({
    mutationFn: (id: number | string) => api.delete<unknown>(`/targets/waivers/${id}`),
    onSuccess: refresh,
  });
  return { mend, grant, waive, withdraw };
}
