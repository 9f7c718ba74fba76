/** Typed hooks on the uploads API. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Api } from "./api";
import { useApi } from "./context";

export interface PlatformChoice {
  platform: string;
  title: string;
  streams: { stream: string; report: string }[];
}

export interface UploadChoices {
  platforms: PlatformChoice[];
  accounts: { platform: string; account_id: string }[];
  max_mb: number;
}

export interface RowProblem {
  row: number;
  reason: string;
  cells?: Record<string, string | null>;
}

export interface Preview {
  platform: string;
  stream: string;
  account_id: string;
  report_name: string;
  mode: "window" | "changes" | "snapshot" | string;
  rows_read: number;
  rows_good: number;
  rows_refused: number;
  window: [string, string] | null;
  /** What the file's text was read as; null of a workbook. */
  encoding: string | null;
  columns: string[];
  sample: (string | null)[][];
  errors: RowProblem[];
  unknown_columns: string[];
  candidates: { platform: string; stream: string; score: number }[];
}

export interface Upload {
  upload_id: string | null;
  file: string;
  account_id: string | null;
  platform: string | null;
  stream: string | null;
  state: "waiting" | "working" | "loaded" | "refused" | string;
  reason?: string;
  rows_read?: number;
  rows_loaded?: number;
  rows_unchanged?: number;
  rows_refused?: number;
  by: string | null;
  submitted_at: string | null;
  finished_at?: string;
}

/** Whose file it is and, once that is known or chosen, of which report. */
export interface Destination {
  account: string;
  platform: string;
  stream: string;
}

const UNDER_WAY = 5_000;
const AT_REST = 60_000;

export function isUnderWay(upload: Upload): boolean {
  return upload.state === "waiting" || upload.state === "working";
}

function formOf(file: File, destination: Destination): FormData {
  const form = new FormData();
  form.set("account", destination.account);
  form.set("platform", destination.platform);
  form.set("stream", destination.stream);
  form.set("file", file, file.name);
  return form;
}

export function fetchPreview(api: Api, file: File, destination: Destination): Promise<Preview> {
  return api.postForm<Preview>("/uploads/preview/", formOf(file, destination));
}

export function useUploadChoices(isAllowed: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: ["uploads", "choices"],
    enabled: isAllowed,
    queryFn: ({ signal }) => api.get<UploadChoices>("/uploads/choices/", {}, signal),
  });
}

export function useUploads(isAllowed: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: ["uploads", "list"],
    enabled: isAllowed,
    queryFn: async ({ signal }) => (await api.get<{ result: Upload[] }>("/uploads/", {}, signal)).result,
    refetchInterval: (query) => (query.state.data?.some(isUnderWay) ? UNDER_WAY : AT_REST),
  });
}

export function usePreview() {
  const api = useApi();
  return useMutation({
    mutationFn: ({ file, destination }: { file: File; destination: Destination }) =>
      fetchPreview(api, file, destination),
  });
}

export function useSubmitUpload() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ file, destination }: { file: File; destination: Destination }) =>
      api.postForm<{ upload_id: string }>("/uploads/", formOf(file, destination)),
    onSuccess: () => client.invalidateQueries({ queryKey: ["uploads", "list"] }),
  });
}
