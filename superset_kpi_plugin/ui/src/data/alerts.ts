/** Typed hooks on the alerts API. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Api, Query } from "./api";
import { useApi } from "./context";
import type { AlertInstance, AlertState, Severity } from "./types";

/** What was done about an open alert; one may be several of them. */
export const HANDLED = ["acknowledged", "snoozed", "silenced"] as const;
export type Handled = (typeof HANDLED)[number];

/** "open" is what asks for attention: firing, and pending its for-duration. */
export type AlertFilter = "open" | "all" | AlertState | Handled;

/** Which alerts, whatever their state: each as the API's parameter of that name; null is all. */
export interface AlertScope {
  severity: Severity | null;
  kpi_id: string | null;
  rule_id: string | null;
  /** An entity, and all below it. */
  within: string | null;
  /** An owner's id or name, or "me". */
  owner: string | null;
  q: string | null;
}

export interface AlertCounts {
  states: Partial<Record<AlertState, number>>;
  handled: Partial<Record<Handled, number>>;
}

/** The list as far as it is fetched, and how many there are. */
export interface AlertRows {
  rows: AlertInstance[];
  count: number;
}

const PAGE_SIZE = 200;
const MAX_PAGES = 10;
const MINUTE = 60 * 1000;

interface AlertPage extends Partial<AlertCounts> {
  result: AlertInstance[];
  count: number;
}

/** The parameter `state` of the API for a filter. */
export function statesOf(filter: AlertFilter): string | undefined {
  if (filter === "all") return undefined;
  return filter === "open" ? "firing,pending" : filter;
}

/** How many alerts a filter shows. */
export function countOf(filter: AlertFilter, { states, handled }: AlertCounts): number {
  if (filter === "all") return Object.values(states).reduce((sum, count) => sum + count, 0);
  if (filter === "open") return (states.firing ?? 0) + (states.pending ?? 0);
  return { ...states, ...handled }[filter] ?? 0;
}

export async function fetchAlerts(
  api: Api,
  filter: AlertFilter,
  scope: Partial<AlertScope> = {},
  signal?: AbortSignal,
): Promise<AlertRows> {
  const rows: AlertInstance[] = [];
  let count = 0;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query: Query = { ...scope, state: statesOf(filter), page, page_size: PAGE_SIZE };
    const answer = await api.get<AlertPage>("/alerts/", query, signal);
    rows.push(...answer.result);
    count = answer.count;
    if (answer.result.length === 0 || rows.length >= count) break;
  }
  return { rows, count };
}

/** How many alerts stand how, whatever state the list shows. */
export function useAlertCounts(scope: Partial<AlertScope>) {
  const api = useApi();
  return useQuery({
    queryKey: ["alerts", "counts", scope],
    queryFn: async ({ signal }): Promise<AlertCounts> => {
      const answer = await api.get<AlertPage>("/alerts/", { ...scope, page_size: 1 }, signal);
      return { states: answer.states ?? {}, handled: answer.handled ?? {} };
    },
    placeholderData: keepPreviousData,
    refetchInterval: MINUTE,
  });
}

export function useAlerts(filter: AlertFilter, scope: Partial<AlertScope>) {
  const api = useApi();
  return useQuery({
    queryKey: ["alerts", "list", filter, scope],
    queryFn: ({ signal }) => fetchAlerts(api, filter, scope, signal),
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
