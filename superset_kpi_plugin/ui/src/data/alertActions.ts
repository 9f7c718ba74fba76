/** Taking an alert in hand, and its history: typed hooks on the API. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useApi } from "./context";
import type { AlertInstance, Unit } from "./types";

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
