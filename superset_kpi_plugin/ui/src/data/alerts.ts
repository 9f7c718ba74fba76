/** Typed hooks on the alerts API. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Api } from "./api";
import { useApi } from "./context";
import type { AlertInstance, AlertState } from "./types";

/** "open" is what asks for attention: firing, and pending its for-duration. */
export type AlertFilter = "open" | "all" | AlertState;

const PAGE_SIZE = 200;
const MAX_PAGES = 10;
const MINUTE = 60 * 1000;

interface AlertPage {
  result: AlertInstance[];
  count: number;
  states?: Partial<Record<AlertState, number>>;
}

/** The parameter `state` of the API for a filter. */
export function statesOf(filter: AlertFilter): string | undefined {
  if (filter === "all") return undefined;
  return filter === "open" ? "firing,pending" : filter;
}

export async function fetchAlerts(
  api: Api,
  filter: AlertFilter,
  signal?: AbortSignal,
): Promise<AlertInstance[]> {
  const rows: AlertInstance[] = [];
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = { state: statesOf(filter), page, page_size: PAGE_SIZE };
    const answer = await api.get<AlertPage>("/alerts/", query, signal);
    rows.push(...answer.result);
    if (answer.result.length === 0 || rows.length >= answer.count) break;
  }
  return rows;
}

/** How many alerts are in each state, whatever the list shows. */
export function useAlertCounts() {
  const api = useApi();
  return useQuery({
    queryKey: ["alerts", "counts"],
    queryFn: async ({ signal }) =>
      (await api.get<AlertPage>("/alerts/", { page_size: 1 }, signal)).states ?? {},
    refetchInterval: MINUTE,
  });
}

export function useAlerts(filter: AlertFilter) {
  const api = useApi();
  return useQuery({
    queryKey: ["alerts", "list", filter],
    queryFn: ({ signal }) => fetchAlerts(api, filter, signal),
    placeholderData: keepPreviousData,
    refetchInterval: MINUTE,
  });
}

export function useAlert(id: string | null) {
  const api = useApi();
  return useQuery({
    queryKey: ["alerts", "one", id],
    enabled: id !== null,
    queryFn: async ({ signal }) => {
      const path = `/alerts/${encodeURIComponent(id ?? "")}`;
      const answer = await api.get<AlertInstance | { result: AlertInstance }>(path, {}, signal);
      return "result" in answer ? answer.result : answer;
    },
  });
}

export function useAcknowledge() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, comment }: { id: string | number; comment: string }) =>
      api.post<unknown>(`/alerts/${encodeURIComponent(String(id))}/acknowledge`, { comment }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["alerts"] }),
  });
}
