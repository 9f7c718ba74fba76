/** Weighted scores of a period, per owner or per entity: as they stand, or as they were when the period was closed. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { toSearch } from "./api";
import { useApi } from "./context";
import type { Grain, Status, Unit } from "./types";

export const SUBJECTS = ["owner", "entity"] as const;
export type Subject = (typeof SUBJECTS)[number];

export interface ScorePart {
  kpi_id: string;
  kpi_name: string;
  entity_id: string;
  entity_name: string;
  unit: Unit | null;
  number_format: string | null;
  target_value: string | null;
  value: string | null;
  attainment: string | null;
  /** The attainment that counts: between 0 and the cap. */
  counted: string | null;
  weight: string | null;
  status: Status | null;
}

export interface Scorecard {
  subject: string;
  subject_name: string;
  /** 1 where every target is met; null where nothing is known. */
  score: string | null;
  /** The share of the weights whose attainment is known. */
  covered: string | null;
  parts: ScorePart[];
}

export interface Scorecards {
  result: Scorecard[];
  formula: string;
  cap: string;
  closed: { closed_by: string; closed_at: string } | null;
}

export interface ScorePlace {
  grain: Grain;
  period_start: string;
  by: Subject;
}

export function useScorecards(place: ScorePlace) {
  const api = useApi();
  return useQuery({
    queryKey: ["targets", "scorecards", place],
    queryFn: ({ signal }) => api.get<Scorecards>("/targets/scorecards", { ...place }, signal),
  });
}

export function useScorecardFile(): (place: ScorePlace) => string {
  const { config } = useApi();
  return (place) =>
    `${config.baseUrl}/api/v1/kpi/targets/scorecards${toSearch({ ...place, format: "xlsx" })}`;
}

/** Keeps the period's cards as they are now, for good. */
export function useCloseScorecards() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ grain, period_start }: ScorePlace) =>
      api.post<{ closed: number }>("/targets/scorecards/close", { grain, period_start }),
    onSettled: () => client.invalidateQueries({ queryKey: ["targets", "scorecards"] }),
  });
}
