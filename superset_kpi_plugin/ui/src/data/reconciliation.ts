/** Typed hooks on the reconciliation: differences, one of them, explaining and signing. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Query, toSearch } from "./api";
import { useApi } from "./context";
import type { Grain } from "./types";

export const LINES = ["sales", "refunds", "fees", "settled_sales", "payouts"] as const;
export const DIFFERENCE_STATES = ["different", "missing_in_erp", "missing_on_platform", "all"] as const;
export const STANDINGS = ["open", "lapsed", "explained", "signed"] as const;
export type Standing = (typeof STANDINGS)[number];

export interface DifferenceRecord {
  id: number;
  kind: "explained" | "signed";
  reason_code: string;
  note: string;
  ends_on: string | null;
  difference: string | null;
  absolute_difference: string | null;
  currency: string | null;
  created_by: string;
  created_at: string;
  withdrawn_by: string | null;
  withdrawn_at: string | null;
}

interface Amounts {
  platform_amount: string | null;
  settled_amount: string | null;
  erp_amount: string | null;
  difference: string | null;
}

export interface Difference extends Amounts {
  reconciliation_id: string;
  account_id: string;
  account_name: string;
  entity_id: string;
  grain: Grain;
  period_start: string;
  period_end: string;
  line: string;
  charge_type: string | null;
  currency: string | null;
  absolute_difference: string | null;
  tolerance: string | null;
  state: string;
  items: number | null;
  different_items: number | null;
  first_seen_at: string | null;
  last_seen_at: string | null;
  /** Null where nobody has to answer for it. */
  standing: Standing | null;
  /** Why a sign-off no longer holds. */
  lapse: "ended" | "changed" | null;
  record: DifferenceRecord | null;
}

export interface DifferenceLine extends Amounts {
  line: string;
  currency: string | null;
  count: number;
  waiting: number;
  absolute_difference: string | null;
}

export interface DifferenceItem extends Amounts {
  reference: string | null;
  sku: string | null;
  currency: string | null;
  state: string;
}

export interface Differences {
  result: Difference[];
  count: number;
  lines: DifferenceLine[];
  reasons: string[];
}

export interface DifferenceDetail {
  difference: Difference;
  items: DifferenceItem[];
  items_count: number;
  history: Difference[];
  records: DifferenceRecord[];
}

const ROOT = ["reconciliation"];
export const PAGE_SIZE = 100;
export const ITEMS_SIZE = 50;

export function useDifferences(filters: Query, page: number) {
  const api = useApi();
  const query = { ...filters, page, page_size: PAGE_SIZE };
  return useQuery({
    queryKey: [...ROOT, "list", query],
    queryFn: ({ signal }) => api.get<Differences>("/reconciliation/", query, signal),
    placeholderData: keepPreviousData,
  });
}

export function useDifference(id: string | null, page: number) {
  const api = useApi();
  const query = { id, page, page_size: ITEMS_SIZE };
  return useQuery({
    queryKey: [...ROOT, "one", query],
    enabled: id !== null,
    queryFn: ({ signal }) => api.get<DifferenceDetail>("/reconciliation/difference", query, signal),
    placeholderData: keepPreviousData,
  });
}

/** Where the list can be kept as a file. */
export function useDifferencesFile(): (filters: Query, format: "xlsx" | "csv") => string {
  const { config } = useApi();
  return (filters, format) =>
    `${config.baseUrl}/api/v1/kpi/reconciliation/export${toSearch({ ...filters, format })}`;
}

export interface Said {
  id: string;
  reason_code: string;
  note: string;
}

export interface Signed extends Said {
  difference: string | null;
  absolute_difference: string | null;
  ends_on: string;
}

/** Every change; each of them makes the lists and the home page ask again. */
export function useReconciliationActions() {
  const api = useApi();
  const client = useQueryClient();
  const onSuccess = async () => {
    await client.invalidateQueries({ queryKey: ROOT });
    await client.invalidateQueries({ queryKey: ["home"] });
  };
  return {
    explain: useMutation({
      mutationFn: (body: Said) => api.post<unknown>("/reconciliation/explanations", body),
      onSuccess,
    }),
    sign: useMutation({
      mutationFn: (body: Signed) => api.post<unknown>("/reconciliation/signoffs", body),
      onSuccess,
    }),
    withdraw: useMutation({
      mutationFn: (id: number) => api.delete<unknown>(`/reconciliation/signoffs/${id}`),
      onSuccess,
    }),
  };
}
