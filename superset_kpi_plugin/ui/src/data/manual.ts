/** Typed hooks on the manual KPIs' API: what nobody computes, its entered values, and their history. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCatalogue } from "./common";
import { useApi } from "./context";
import { type ParseError, parseAmount, sameAmount } from "./decimal";
import type { Direction, Grain, Publication, Unit } from "./types";

export const MANUAL_UNITS: readonly Unit[] = ["score", "ratio", "count", "money", "days", "hours", "rank"];
export const MANUAL_GRAINS: readonly Grain[] = ["week", "month", "quarter", "year"];
export const DIRECTIONS: readonly Direction[] = ["higher", "lower", "band"];

export interface ManualKpiInput {
  kpi_id: string;
  name_en: string;
  name_zh: string;
  description_en: string | null;
  description_zh: string | null;
  unit: Unit;
  direction: Direction;
  is_additive: boolean;
  entity_kinds: string[];
  grain: Grain;
  owner: string | null;
  is_active: boolean;
}

export interface ManualKpi extends ManualKpiInput {
  number_format: string | null;
  created_by: string;
  created_at: string;
  etag: string;
}

export interface ManualValue {
  id: number;
  etag: string;
  kpi_id: string;
  entity_kind: string;
  entity_id: string;
  entity_name: string | null;
  period_start: string;
  /** Null was withdrawn. */
  value: string | null;
  currency: string | null;
  /** Where the value comes from. */
  note: string;
  entered_by: string;
  entered_at: string;
}

export type ManualEntry = Pick<ManualValue, "value" | "currency" | "note" | "entered_by" | "entered_at"> & {
  revision: number;
};

/** What somebody typed into a cell. */
export interface TypedValue {
  entity_id: string;
  entity_name: string;
  period_start: string;
  text: string;
  /** What stood when the typing began; absent: what stands. */
  etag?: string | null;
}

export interface ValueInput {
  kpi_id: string;
  entity_id: string;
  period_start: string;
  value: string | null;
  note: string;
  etag: string | null;
}

interface Stored {
  publication: Publication;
}

const ROOT = ["manual"];

export function cellOf(at: { entity_id: string; period_start: string }): string {
  return `${at.entity_id}|${at.period_start}`;
}

/** Whether a KPI's values are entered by people; its name carries a mark wherever it is shown. */
export function useIsManual(kpiId: string): boolean {
  const { data } = useCatalogue();
  return data?.some((row) => row.kpi_id === kpiId && row.source === "manual") ?? false;
}

export function useManualKpis() {
  const api = useApi();
  return useQuery({
    queryKey: [...ROOT, "kpis"],
    queryFn: async ({ signal }) =>
      (await api.get<{ result: ManualKpi[] }>("/manual/kpis", {}, signal)).result,
  });
}

/** All values of a KPI that the reader may see, by cell. */
export function useManualValues(kpi_id: string) {
  const api = useApi();
  return useQuery({
    queryKey: [...ROOT, "values", kpi_id],
    queryFn: async ({ signal }) => {
      const { result } = await api.get<{ result: ManualValue[] }>("/manual/values", { kpi_id }, signal);
      return new Map(result.map((row) => [cellOf(row), row]));
    },
  });
}

export function useManualHistory(id: number) {
  const api = useApi();
  return useQuery({
    queryKey: [...ROOT, "history", id],
    queryFn: async ({ signal }) =>
      (await api.get<{ result: ManualEntry[] }>(`/manual/values/${id}/history`, {}, signal)).result,
  });
}

export type Reading = { ok: true; value: string | null; isSame: boolean } | { ok: false; error: ParseError };

/** What a typed text means beside the value that stands. */
export function readTyped(text: string, known: ManualValue | undefined, format: string | null): Reading {
  const parsed = parseAmount(text, format);
  if (!parsed.ok) return parsed;
  return { ...parsed, isSame: sameAmount(parsed.value, known?.value) };
}

/** The typed cells that say something else than what stands, as the API takes them. */
export function toValues(
  kpi: Pick<ManualKpi, "kpi_id" | "number_format">,
  typed: Iterable<TypedValue>,
  known: ReadonlyMap<string, ManualValue>,
  note: string,
): ValueInput[] {
  return [...typed].flatMap(({ entity_id, period_start, text, etag: begun }) => {
    const standing = known.get(cellOf({ entity_id, period_start }));
    const read = readTyped(text, standing, kpi.number_format);
    if (!read.ok || read.isSame) return [];
    const etag = begun === undefined ? (standing?.etag ?? null) : begun;
    return [{ kpi_id: kpi.kpi_id, entity_id, period_start, value: read.value, note: note.trim(), etag }];
  });
}

export function useManualActions() {
  const api = useApi();
  const client = useQueryClient();
  const refresh = (keys: string[]) =>
    Promise.all(keys.map((key) => client.invalidateQueries({ queryKey: [key] })));
  return {
    define: useMutation({
      mutationFn: ({ isNew, kpi, etag }: { isNew: boolean; kpi: ManualKpiInput; etag?: string }) => {
        if (isNew) return api.post<Stored>("/manual/kpis", kpi);
        const { kpi_id, unit: _unit, grain: _grain, ...rest } = kpi;
        return api.put<Stored>(`/manual/kpis/${kpi_id}`, rest, etag);
      },
      onSuccess: () => refresh(["manual", "catalogue", "glossary"]),
    }),
    enter: useMutation({
      mutationFn: (values: ValueInput[]) => api.put<Stored>("/manual/values", { values }),
      // After a refusal too: what somebody else entered meanwhile shows beside what was typed.
      onSettled: () => refresh(["manual", "targets", "home"]),
    }),
  };
}
