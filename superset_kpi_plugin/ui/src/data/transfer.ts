/** Targets as a file: the template's address, and a filled-in file's preview and import. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toSearch } from "./api";
import { useApi } from "./context";
import type { Grain, TargetField } from "./types";

export const FORMATS = ["xlsx", "csv"] as const;
export type FileFormat = (typeof FORMATS)[number];

export interface ExportPlace {
  grain: Grain;
  period_start: string;
  kpi_id?: string;
  entity_kind?: string;
  /** What has no target yet, which makes the file a template; needs the kind of entity. */
  include?: "candidates";
}

/** What a column of the file can mean. */
export const IMPORT_FIELDS = [
  "kpi_id",
  "entity_id",
  "grain",
  "period_start",
  "floor_value",
  "target_value",
  "stretch_value",
  "warn_limit",
  "breach_limit",
  "tolerance",
  "weight",
  "budget",
  "budget_currency",
  "headcount",
  "owner",
  "reason",
] as const;
export type ImportField = (typeof IMPORT_FIELDS)[number];

export interface ImportColumn {
  name: string;
  field: ImportField | string | null;
}

export interface ImportDiff {
  /** The line in the file; its heading is line 1. */
  row: number;
  kpi_id: string;
  kpi_name?: string | null;
  entity_id: string;
  entity_name?: string | null;
  grain: Grain;
  period_start: string;
  changes: Partial<Record<TargetField, { from: string | null; to: string | null }>>;
}

export interface ImportPreview {
  /** What a CSV's text was read as; null of a workbook. */
  encoding: string | null;
  columns: ImportColumn[];
  rows: number;
  errors: { row: number; column: string | null; message: string }[];
  /** The first of what differs from today. */
  diff: ImportDiff[];
  counts: { new: number; changed: number; unchanged: number; errors: number };
}

/** Column of the file to field; a column without a field is left out. */
export type Mapping = Record<string, string>;

function formOf(file: File, mapping: Mapping | null, apply: boolean): FormData {
  const form = new FormData();
  form.set("file", file, file.name);
  if (mapping) form.set("mapping", JSON.stringify(mapping));
  if (apply) form.set("apply", "true");
  return form;
}

export function useExportAddress(): (place: ExportPlace, format: FileFormat) => string {
  const { config } = useApi();
  return (place, format) => `${config.baseUrl}/api/v1/kpi/targets/export${toSearch({ ...place, format })}`;
}

export function useImport() {
  const api = useApi();
  const client = useQueryClient();
  const preview = useMutation({
    mutationFn: ({ file, mapping }: { file: File; mapping: Mapping | null }) =>
      api.postForm<ImportPreview>("/targets/import", formOf(file, mapping, false)),
  });
  const apply = useMutation({
    mutationFn: ({ file, mapping }: { file: File; mapping: Mapping | null }) =>
      api.postForm<{ saved: number }>("/targets/import", formOf(file, mapping, true)),
    onSuccess: () =>
      Promise.all(["targets", "lint"].map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
  return { preview, apply };
}
