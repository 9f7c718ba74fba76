/** Splitting a parent's target over its children, or a period's over its parts: the API computes, nothing is saved. */
import { useQuery } from "@tanstack/react-query";
import { useApi } from "./context";
import type { Change } from "./edits";
import type { TreeName } from "./plan";
import { bare } from "./targets";
import type { Grain, TargetRow } from "./types";

export const METHODS = ["even", "last_year", "forecast", "season"] as const;
export type SplitMethod = (typeof METHODS)[number];

export interface SplitInput {
  kpi_id: string;
  entity_id: string;
  tree: TreeName;
  grain: Grain;
  period_start: string;
  method: SplitMethod;
  by: "entities" | "periods";
  /** What is given out; the parent's target where it is left out. */
  amount?: string;
  /** Children that keep what they have: entity ids, or first days of periods. */
  locked: string[];
  residual: "place" | "keep";
}

export interface SplitRow {
  entity_id: string;
  entity_name: string;
  grain: Grain;
  period_start: string;
  current: string | null;
  proposed: string | null;
  share: string | null;
  is_locked: boolean;
  etag: string | null;
  id: number | string | null;
}

export interface SplitPreview {
  rows: SplitRow[];
  amount: string;
  residual: string;
  warnings: { code: string; message: string }[];
}

export function useSplitPreview(input: SplitInput | null) {
  const api = useApi();
  return useQuery({
    queryKey: ["targets", "split", input],
    enabled: input !== null,
    // A preview is asked for by POST because of its lists; it changes nothing.
    queryFn: () => api.post<SplitPreview>("/targets/split", input),
    placeholderData: (known) => known,
  });
}

/**
 * The preview as unsaved edits, so that it can be looked at, undone, and saved with everything else. Children that
 * are held keep what they have.
 */
export function splitChanges(
  parent: TargetRow,
  preview: SplitPreview,
  rowOf: (row: SplitRow) => TargetRow | undefined,
): Change[] {
  return preview.rows.flatMap((split) => {
    if (split.is_locked || split.proposed === null) return [];
    const { entity_id, entity_name, grain, period_start, etag, id } = split;
    const known = rowOf(split) ?? {
      ...bare(parent),
      ...{ entity_id, entity_name, grain, period_start, etag, id, can_edit: true },
    };
    return [{ row: known, field: "target_value" as const, text: split.proposed }];
  });
}
