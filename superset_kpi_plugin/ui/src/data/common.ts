/** Hooks that both pages use: who is signed in, the KPI catalogue, freshness. */
import { useQuery } from "@tanstack/react-query";
import { useApi } from "./context";
import type { CatalogueRow, Locale, Me } from "./types";

export interface FreshnessRow {
  platform: string;
  account_id: string;
  stream: string;
  loaded_at: string | null;
  covered_through: string | null;
  settled_through: string | null;
  /** Days that the source is behind by its nature, as settlements are. */
  lag_days?: number | null;
  state: "fresh" | "stale" | "failed" | "never" | string;
  last_error: string | null;
}

const TEN_MINUTES = 10 * 60 * 1000;

export function useMe() {
  const api = useApi();
  return useQuery({
    queryKey: ["me"],
    queryFn: ({ signal }) => api.get<Me>("/me/", {}, signal),
    staleTime: TEN_MINUTES,
  });
}

export function useCatalogue() {
  const api = useApi();
  return useQuery({
    queryKey: ["catalogue"],
    queryFn: async ({ signal }) =>
      (await api.get<{ result: CatalogueRow[] }>("/catalogue/", {}, signal)).result,
    staleTime: TEN_MINUTES,
  });
}

export function useFreshness() {
  const api = useApi();
  return useQuery({
    queryKey: ["freshness"],
    queryFn: async ({ signal }) =>
      (await api.get<{ result: FreshnessRow[] }>("/freshness/", {}, signal)).result,
  });
}

export function kpiName(row: Pick<CatalogueRow, "name_en" | "name_zh">, locale: Locale): string {
  return (locale === "zh" ? row.name_zh : row.name_en) || row.name_en;
}
