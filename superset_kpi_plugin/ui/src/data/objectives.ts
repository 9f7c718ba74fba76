/** Typed hooks on the objectives API: what a period is about, and the targets by which one sees how far it has come. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useApi } from "./context";
import type { Grain, Status } from "./types";

/** A target by which an objective is judged; weights are decimal strings. */
export interface KeyInput {
  kpi_id: string;
  entity_id: string;
  weight: string;
}

export interface ObjectiveKey extends KeyInput {
  /** Null while the warehouse is away. */
  entity_name: string | null;
  entity_kind: string | null;
  currency: string | null;
  value: string | null;
  target_value: string | null;
  attainment: string | null;
  pace_attainment: string | null;
  status: Status | null;
}

export interface Objective {
  id: number;
  etag: string;
  name: string;
  description: string | null;
  owner: string | null;
  grain: Grain;
  period_start: string;
  keys: ObjectiveKey[];
  /** Targets that the reader may not see. */
  hidden_keys: number;
  can_edit: boolean;
  /** The weighted mean of the attainments, each cut to 0 .. 1; null where nothing is known. */
  progress: string | null;
  /** The share of the weights that the progress rests on. */
  covered: string | null;
  created_by: string;
  created_at: string;
}

export type ObjectiveInput = Pick<Objective, "name" | "description" | "owner" | "grain" | "period_start"> & {
  keys: KeyInput[];
};

interface Answer {
  result: Objective[];
  warnings: { code: string; message: string }[];
}

// Under "targets": whatever changes a target may change a progress.
const ROOT = ["targets", "objectives"];

export function keyOf(key: Pick<KeyInput, "kpi_id" | "entity_id">): string {
  return `${key.kpi_id}|${key.entity_id}`;
}

export function useObjectives(grain: Grain, period_start: string) {
  const api = useApi();
  return useQuery({
    queryKey: [...ROOT, grain, period_start],
    queryFn: ({ signal }) => api.get<Answer>("/objectives/", { grain, period_start }, signal),
  });
}

export function useObjectiveActions() {
  const api = useApi();
  const client = useQueryClient();
  const onSuccess = () => client.invalidateQueries({ queryKey: ROOT });
  return {
    save: useMutation({
      mutationFn: ({
        id,
        objective,
        etag,
      }: {
        id: number | null;
        objective: ObjectiveInput;
        etag?: string;
      }) =>
        id === null
          ? api.post<unknown>("/objectives/", objective)
          : api.put<unknown>(`/objectives/${id}`, objective, etag),
      onSuccess,
    }),
    remove: useMutation({
      mutationFn: (id: number) => api.delete<unknown>(`/objectives/${id}`),
      onSuccess,
    }),
  };
}
