/** What a number is made of, and what can be reached: hooks on explain and feasibility. */
import { useQuery } from "@tanstack/react-query";
import type { FreshnessRow } from "./common";
import { useApi } from "./context";
import type { Direction, TargetRow, Unit } from "./types";

export interface Driver {
  kpi_id: string;
  name: string;
  unit: Unit;
  number_format: string | null;
  direction: Direction;
  value: string | null;
  last_year: string | null;
}

export interface Part {
  /** Which of the two trees it hangs in. */
  tree?: string;
  entity_id: string;
  entity_kind: string;
  entity_name: string;
  value: string | null;
  /** Its share of the whole; null for ratios. */
  share: string | null;
}

export interface Explanation {
  kpi: { kpi_id: string; name: string; formula: string | null };
  value: {
    value: string | null;
    numerator: string | null;
    denominator: string | null;
    currency: string | null;
    is_settled: boolean | null;
    covered_through: string | null;
  } | null;
  drivers: Driver[];
  parts: Part[];
  sources: FreshnessRow[];
}

/** A goal that history says is reached with 80, 50 and 20%, and what the present values' chances are. */
export interface Feasibility {
  has_forecast: boolean;
  method: string | null;
  floor: string | null;
  target: string | null;
  stretch: string | null;
  probabilities: { floor: string | null; target: string | null; stretch: string | null };
  current: { floor: string | null; target: string | null; stretch: string | null };
  history_periods: number | null;
  made_at: string | null;
  backtest?: {
    below_p20: string | null;
    below_p50: string | null;
    below_p80: string | null;
    points: number;
  } | null;
  message: string | null;
}

type Place = Pick<TargetRow, "kpi_id" | "entity_id" | "grain" | "period_start">;

function placeOf({ kpi_id, entity_id, grain, period_start }: Place) {
  return { kpi_id, entity_id, grain, period_start };
}

export function useExplanation(row: Place | null) {
  const api = useApi();
  const place = row ? placeOf(row) : null;
  return useQuery({
    queryKey: ["explain", place],
    enabled: place !== null,
    queryFn: ({ signal }) => api.get<Explanation>("/targets/explain", { ...place }, signal),
  });
}

export function useFeasibility(row: Place | null) {
  const api = useApi();
  const place = row ? placeOf(row) : null;
  return useQuery({
    queryKey: ["targets", "feasibility", place],
    enabled: place !== null,
    queryFn: ({ signal }) => api.get<Feasibility>("/targets/feasibility", { ...place }, signal),
  });
}
