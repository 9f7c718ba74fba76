/** The set-up guide: shapes of its API, what a person has chosen so far (kept in the browser), and the hooks. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { useApi } from "./context";
import { shiftPeriod } from "./period";
import type { Direction, TargetInput, Unit } from "./types";

export const STEPS = ["found", "problems", "pack", "targets"] as const;
export type SetupStep = (typeof STEPS)[number];

export interface PackKpi {
  kpi_id: string;
  name: string;
  /** False where this catalogue lacks it. */
  is_known: boolean;
  kinds: string[];
  weight: string;
}

export interface Pack {
  pack_id: string;
  name: string;
  description: string;
  is_variant: boolean;
  kpis: PackKpi[];
}

export interface Trouble {
  problem_id: string;
  name: string;
  description: string;
  kpis: { kpi_id: string; name: string; is_known: boolean }[];
  alert_packs: string[];
  /** The value that shows it most; null where no data tells. */
  evidence: {
    kpi_id: string;
    name: string;
    unit: Unit | null;
    number_format: string | null;
    value: string;
    limit: string;
    side: "above" | "below";
    entity_id: string;
    entity_name: string;
  } | null;
  is_likely: boolean | null;
}

export interface Lack {
  code: string;
  severity: "warning" | "info";
  message: string;
  count: number;
  entity_ids: string[];
  kpi_ids: string[];
}

export interface Survey {
  /** First days of the last three whole months. */
  months: string[];
  found: { entity_kind: string; count: number; examples: { entity_id: string; entity_name: string }[] }[];
  accounts: {
    entity_id: string;
    entity_name: string;
    platform: string;
    platform_name: string;
    currency: string | null;
    months_with_sales: number;
    streams: number;
    stale_streams: number;
  }[];
  missing: Lack[];
  problems: Trouble[];
  packs: Pack[];
  imports: { people: string; scheme: string };
  warnings: { code: string; message: string }[];
}

export interface ProposedRow {
  kpi_id: string;
  kpi_name: string;
  unit: Unit;
  number_format: string | null;
  direction: Direction;
  entity_id: string;
  entity_kind: string;
  entity_name: string;
  currency: string | null;
  period_start: string;
  floor_value: string | null;
  target_value: string | null;
  stretch_value: string | null;
  weight: string;
  owner: string | null;
  basis: "forecast" | "history" | null;
  /** Where the values come from, in words. */
  reason: string;
  probability: string | null;
  state: "new" | "exists" | "no_target";
  /** Of the target as the proposal found it; null where there was none. */
  etag: string | null;
}

export interface Proposal {
  grain: "month";
  period_start: string;
  rows: ProposedRow[];
  counts: Record<ProposedRow["state"], number>;
  unknown_kpis: string[];
  warnings: { code: string; message: string }[];
}

/** What a person has said so far; null is "as the guide finds it". */
export interface SetupChoices {
  step: SetupStep;
  pack: string;
  variant: string | null;
  problems: string[] | null;
  kinds: string[] | null;
  period_start: string | null;
  owner: string;
  /** Rows that are not to be written, by `placeOf`. */
  left_out: string[];
}

const NOTHING_CHOSEN: SetupChoices = {
  step: "found",
  pack: "basic",
  variant: null,
  problems: null,
  kinds: null,
  period_start: null,
  owner: "",
  left_out: [],
};

export function placeOf(row: Pick<ProposedRow, "kpi_id" | "entity_id">): string {
  return `${row.kpi_id}|${row.entity_id}`;
}

/** What was chosen, in this browser and for this user, so that the guide goes on where it was left. */
export function useSetupChoices(user: string) {
  const key = `kpi.setup.${user}`;
  const [choices, setChoices] = useState<SetupChoices>(() => read(key));
  const choose = useCallback(
    (part: Partial<SetupChoices>) =>
      setChoices((known) => {
        const next = { ...known, ...part };
        write(key, next);
        return next;
      }),
    [key],
  );
  const startOver = useCallback(() => choose(NOTHING_CHOSEN), [choose]);
  return { choices, choose, startOver };
}

function read(key: string): SetupChoices {
  try {
    const known: unknown = JSON.parse(window.localStorage.getItem(key) ?? "{}");
    return typeof known === "object" ? { ...NOTHING_CHOSEN, ...known } : NOTHING_CHOSEN;
  } catch {
    return NOTHING_CHOSEN;
  }
}

function write(key: string, choices: SetupChoices): void {
  try {
    window.localStorage.setItem(key, JSON.stringify(choices));
  } catch {
    // A browser that keeps nothing can still be walked through in one go.
  }
}

export function useSurvey() {
  const api = useApi();
  return useQuery({
    queryKey: ["setup", "survey"],
    queryFn: ({ signal }) => api.get<Survey>("/setup/", {}, signal),
  });
}

/** The month that is planned: what was chosen, else the one after the running month. */
export function monthOf(choices: SetupChoices, survey: Survey): string {
  const last = survey.months.at(-1);
  return choices.period_start ?? (last ? shiftPeriod(last, "month", 2) : "");
}

/** The problems that were ticked; until somebody did, those that the data shows. */
export function troublesOf(choices: SetupChoices, survey: Survey): string[] {
  const known = survey.problems.map((one) => one.problem_id);
  return choices.problems
    ? choices.problems.filter((id) => known.includes(id))
    : survey.problems.filter((one) => one.is_likely).map((one) => one.problem_id);
}

/** The kinds of entity for which the chosen pack and variant have a KPI, in the order in which they were found. */
export function kindsOf(choices: SetupChoices, survey: Survey): string[] {
  const packs = survey.packs.filter((one) => one.pack_id === choices.pack || one.pack_id === choices.variant);
  const wanted = new Set(packs.flatMap((pack) => pack.kpis.flatMap((kpi) => kpi.kinds)));
  return survey.found.map((one) => one.entity_kind).filter((kind) => wanted.has(kind));
}

export interface ProposalInput {
  pack: string;
  variant: string | null;
  problems: string[];
  period_start: string;
  kinds: string[];
  owner: string | null;
}

export function inputOf(choices: SetupChoices, survey: Survey): ProposalInput {
  const possible = kindsOf(choices, survey);
  return {
    pack: choices.pack,
    variant: choices.variant,
    problems: troublesOf(choices, survey),
    period_start: monthOf(choices, survey),
    kinds: choices.kinds ? possible.filter((kind) => choices.kinds?.includes(kind)) : possible,
    owner: choices.owner.trim() || null,
  };
}

export function useProposal(input: ProposalInput) {
  const api = useApi();
  return useQuery({
    queryKey: ["setup", "proposal", input],
    enabled: input.kinds.length > 0,
    // A preview is asked for by POST because of its lists; it changes nothing.
    queryFn: () => api.post<Proposal>("/setup/proposal", input),
    placeholderData: (known) => known,
  });
}

/** The rows exactly as they were shown; the etag refuses them where somebody set a target meanwhile. */
export function toTargets(rows: readonly ProposedRow[]): TargetInput[] {
  return rows.map((row) => ({
    kpi_id: row.kpi_id,
    entity_id: row.entity_id,
    grain: "month",
    period_start: row.period_start,
    floor_value: row.floor_value,
    target_value: row.target_value,
    stretch_value: row.stretch_value,
    weight: row.weight,
    owner: row.owner,
    etag: row.etag,
  }));
}

export function useWriteProposal() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (rows: readonly ProposedRow[]) => api.put<unknown>("/targets/", { targets: toTargets(rows) }),
    onSettled: () =>
      Promise.all(
        ["setup", "targets", "lint", "home"].map((key) => client.invalidateQueries({ queryKey: [key] })),
      ),
  });
}
