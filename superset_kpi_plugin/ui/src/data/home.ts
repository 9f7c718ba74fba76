/** Typed hook on the home page's one answer. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useApi } from "./context";
import type { Driver } from "./insight";
import type { AlertInstance, Direction, Freshness, Grain, Status, Unit } from "./types";

export type Edition = "own" | "boss" | "owner";

/** A target as the page shows it; every number is a decimal string. */
export interface HomeTarget {
  kpi_id: string;
  kpi_name: string;
  unit: Unit;
  direction: Direction;
  number_format: string | null;
  currency: string | null;
  entity_kind: string;
  entity_id: string;
  entity_name: string;
  account_name: string | null;
  grain: Grain;
  period_start: string;
  period_end: string;
  target_value: string | null;
  weight: string | null;
  owner: string | null;
  value: string | null;
  attainment: string | null;
  pace_share: string | null;
  pace_attainment: string | null;
  expected_value: string | null;
  gap: string | null;
  warn_limit: string | null;
  breach_limit: string | null;
  status: Status | null;
  covered_through: string | null;
  /** False while the source may still restate a day of the period. */
  is_settled: boolean | null;
}

export interface HomeCard extends HomeTarget {
  /** The last periods, the oldest first; a period without data is null. */
  series: { period_start: string; value: string | null }[];
  drivers: Driver[];
}

export interface HomeGroup {
  entity_id: string;
  entity_kind: string;
  entity_name: string;
  count: number;
  statuses: Partial<Record<Status, number>>;
  worst: HomeTarget[];
}

export interface HomeTask {
  kind: "propose" | "accept" | "approve" | "sign";
  count: number;
  grain?: Grain;
  period_start?: string;
}

export interface Home {
  edition: Edition;
  editions: Edition[];
  user: string;
  /** The day whose periods are shown. */
  day: string | null;
  kpis: HomeCard[];
  /** The worst of `groups_count`. */
  groups: HomeGroup[];
  groups_count: number;
  alerts: { result: AlertInstance[]; count: number; unacknowledged: number };
  tasks: HomeTask[];
  freshness: Freshness | null;
  warnings: { code: string; message: string }[];
}

const FIVE_MINUTES = 5 * 60 * 1000;

export function useHome(edition: Edition | null) {
  const api = useApi();
  return useQuery({
    queryKey: ["home", edition],
    queryFn: ({ signal }) => api.get<Home>("/home/", { edition }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: FIVE_MINUTES,
  });
}
