/** Typed hooks on the targets API. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Api } from "./api";
import { useApi } from "./context";
import type {
  CellFacts,
  Grain,
  Publication,
  TargetInput,
  TargetPage,
  TargetRow,
  TargetVersion,
  VersionDifference,
} from "./types";

export interface TargetQuery {
  grain: Grain;
  period_start: string;
  kpi_id?: string;
  entity_kind?: string;
  /** Adds the entities of the kind that have no target yet. */
  candidates?: boolean;
  /** An instant in UTC: the targets as they were approved then, without drafts and statuses. */
  as_of?: string;
}

const PAGE_SIZE = 500;
const MAX_PAGES = 20;

/** Reads all rows of a period; the API pages, the grid doesn't. */
export async function fetchTargets(api: Api, query: TargetQuery, signal?: AbortSignal): Promise<TargetPage> {
  const { candidates, ...filters } = query;
  const params = { ...filters, include: candidates ? "candidates" : undefined, page_size: PAGE_SIZE };
  const first = await api.get<TargetPage>("/targets/", { ...params, page: 0 }, signal);
  const rows = [...first.result];
  for (let page = 1; rows.length < first.count && page < MAX_PAGES; page += 1) {
    const next = await api.get<TargetPage>("/targets/", { ...params, page }, signal);
    if (next.result.length === 0) break;
    rows.push(...next.result);
  }
  return { ...first, result: rows.map(named) };
}

/** Without the warehouse the API knows ids only; the page then shows those. */
function named(row: TargetRow): TargetRow {
  return {
    ...row,
    kpi_name: row.kpi_name ?? row.kpi_id,
    entity_name: row.entity_name ?? row.entity_id,
    currency: row.currency ?? row.approved?.currency ?? row.draft?.currency ?? null,
    facts: factsOf(row),
  };
}

/** Last year, forecast and chance come flat beside a target's own fields. */
function factsOf(row: TargetRow & Partial<CellFacts>): CellFacts | null {
  const { last_year = null, p20 = null, p50 = null, p80 = null, probability = null } = row;
  const isKnown = [last_year, p20, p50, p80, probability].some((value) => value !== null);
  return isKnown ? { last_year, p20, p50, p80, probability } : null;
}

/** A row of which only the place is known: everything that the API would say about it is open. */
export function bare(row: TargetRow): TargetRow {
  const nothing = { id: null, etag: null, draft: null, approved: null, published_version: null };
  return { ...row, ...nothing, status: null, facts: null, state: null, is_locked: false, can_edit: false };
}

export function useTargets(query: TargetQuery, enabled = true) {
  const api = useApi();
  return useQuery({
    enabled,
    queryKey: ["targets", query],
    queryFn: ({ signal }) => fetchTargets(api, query, signal),
    placeholderData: keepPreviousData,
  });
}

export function usePublication() {
  const api = useApi();
  return useQuery({
    queryKey: ["publication"],
    queryFn: async ({ signal }) => {
      const answer = await api.get<Publication | { result?: Publication; publication?: Publication }>(
        "/targets/publication",
        {},
        signal,
      );
      return readPublication(answer);
    },
  });
}

/** The publication is the answer itself or sits under a key of it, by route. */
export function readPublication(answer: unknown): Publication | null {
  if (typeof answer !== "object" || answer === null) return null;
  const body = answer as Record<string, unknown>;
  for (const key of ["publication", "result"]) {
    if (key in body) return readPublication(body[key]);
  }
  return typeof body.state === "string" ? (body as unknown as Publication) : null;
}

export function useHistory(id: number | string | null | undefined) {
  const api = useApi();
  return useQuery({
    queryKey: ["history", id],
    enabled: id !== null && id !== undefined,
    queryFn: async ({ signal }) =>
      (await api.get<{ result: TargetVersion[] }>(`/targets/${id}/history`, {}, signal)).result,
  });
}

export function useDifference(id: number | string | null, from: number, to: number) {
  const api = useApi();
  return useQuery({
    queryKey: ["history", id, from, to],
    enabled: id !== null && from !== to,
    queryFn: async ({ signal }) =>
      (await api.get<{ result: VersionDifference }>(`/targets/${id}/compare`, { from, to }, signal)).result,
  });
}

/** Names the drafts as they were read, so that nobody approves or discards what came after. */
export function idsWithEtags(rows: readonly TargetRow[]): {
  ids: (number | string)[];
  etags: Record<string, string>;
} {
  const stored = rows.filter((row) => row.id !== null);
  return {
    ids: stored.map((row) => row.id as number | string),
    etags: Object.fromEntries(stored.map((row) => [String(row.id), row.etag ?? ""])),
  };
}

/** The writes. After each, whatever depends on targets is read again. */
export function useTargetActions() {
  const api = useApi();
  const client = useQueryClient();
  const refresh = async () => {
    await Promise.all([
      client.invalidateQueries({ queryKey: ["targets"] }),
      client.invalidateQueries({ queryKey: ["publication"] }),
      client.invalidateQueries({ queryKey: ["history"] }),
    ]);
  };
  const save = useMutation({
    mutationFn: (targets: TargetInput[]) => api.put<unknown>("/targets/", { targets }),
    onSuccess: refresh,
  });
  const publish = useMutation({
    mutationFn: () => api.post<unknown>("/targets/publish").then(readPublication),
    onSettled: refresh,
  });
  const discard = useMutation({
    mutationFn: (rows: readonly TargetRow[]) => api.delete<unknown>("/targets/drafts", idsWithEtags(rows)),
    onSuccess: refresh,
  });
  return { save, publish, discard, refresh };
}
