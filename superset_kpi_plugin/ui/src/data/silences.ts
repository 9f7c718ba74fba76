/** Typed hooks on the silences API: which alerts nobody is told of for a while. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { AlertScope } from "./alerts";
import { useApi } from "./context";
import type { Severity } from "./types";

export const SILENCE_STATES = ["active", "pending", "expired"] as const;
export type SilenceState = (typeof SILENCE_STATES)[number];

/** What a silence matches; all that it names must match, and it must name something. */
export interface SilenceMatchers {
  kpi_id: string | null;
  /** The entity and all below it. */
  entity_id: string | null;
  rule_id: number | null;
  severity: Severity | null;
}

export interface SilenceInput extends SilenceMatchers {
  /** An instant; null is now. */
  starts_at: string | null;
  ends_at: string | null;
  reason: string;
}

export interface Silence extends SilenceMatchers {
  id: number;
  rule_name: string | null;
  entity_name?: string | null;
  starts_at: string;
  ends_at: string;
  reason: string;
  created_by: string;
  created_at: string;
  ended_by: string | null;
  state: SilenceState;
}

const ROOT = ["silences"];
const MINUTE = 60 * 1000;

/** The inbox's filters that find what a silence matches. */
export function scopeOf({ kpi_id, entity_id, rule_id, severity }: SilenceMatchers): Partial<AlertScope> {
  return { kpi_id, within: entity_id, rule_id: rule_id === null ? null : String(rule_id), severity };
}

export function useSilences() {
  const api = useApi();
  return useQuery({
    queryKey: ROOT,
    queryFn: async ({ signal }) => (await api.get<{ result: Silence[] }>("/silences/", {}, signal)).result,
    refetchInterval: MINUTE,
  });
}

export function useSilenceActions() {
  const api = useApi();
  const client = useQueryClient();
  const onSuccess = () => client.invalidateQueries({ queryKey: ROOT });
  return {
    create: useMutation({
      mutationFn: (wanted: SilenceInput) => api.post<unknown>("/silences/", wanted),
      onSuccess,
    }),
    end: useMutation({
      mutationFn: (id: number) => api.delete<unknown>(`/silences/${id}`),
      onSuccess,
    }),
  };
}
