/** Typed hooks on the reports API: plans, the archive, templates. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useApi } from "./context";
import type { Locale } from "./types";

export const CADENCES = ["daily", "weekly", "biweekly", "monthly"] as const;
export type Cadence = (typeof CADENCES)[number];
/** Kinds of entities that a report can be about. */
export const SUBJECT_KINDS = ["company", "platform", "account", "category", "team", "person"] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];
export type ReportState = "waiting" | "released" | "discarded";

export interface ReportPlan {
  id: number;
  name: string;
  entity_id: string;
  entity_name: string | null;
  entity_kind: string | null;
  cadence: Cadence;
  locale: Locale;
  channels: string[];
  template_id: number | null;
  needs_release: boolean;
  is_enabled: boolean;
}

export type PlanInput = Omit<ReportPlan, "id" | "entity_name" | "entity_kind">;

export interface ReportPlans {
  result: ReportPlan[];
  /** Names to choose from; empty for who may not change plans. */
  channels: string[];
  templates: { id: number; name: string }[];
}

export interface Report {
  id: number;
  plan_id: number;
  name: string;
  entity_id: string;
  entity_name: string;
  entity_kind: string;
  cadence: Cadence;
  period_start: string;
  period_end: string;
  locale: Locale;
  state: ReportState;
  channels: string[];
  commentary: string | null;
  commented_by: string | null;
  commented_at: string | null;
  made_at: string;
  released_by: string | null;
  released_at: string | null;
  statuses: Record<string, number>;
  /** The report's body; only in the answer for one report. */
  html?: string;
  /** What the body is made of, as far as the page reads it; beside `html`. */
  content?: Record<"headlines" | "targets" | "margin", ReportKpi[]>;
}

export interface ReportKpi {
  kpi_id: string;
  name_en: string | null;
  name_zh: string | null;
}

/** The KPIs that a report shows, each once, in the report's order. */
export function kpisOf(report: Report): ReportKpi[] {
  const { headlines = [], targets = [], margin = [] } = report.content ?? {};
  return [...new Map([...headlines, ...targets, ...margin].map((kpi) => [kpi.kpi_id, kpi])).values()];
}

export interface ReportTemplate {
  id: number;
  name: string;
  body: string;
}

const PAGE_SIZE = 200;
const ROOT = ["reports"];

export function useReports() {
  const api = useApi();
  return useQuery({
    queryKey: [...ROOT, "list"],
    queryFn: async ({ signal }) =>
      (await api.get<{ result: Report[] }>("/reports/", { page_size: PAGE_SIZE }, signal)).result,
  });
}

export function useReport(id: string | null) {
  const api = useApi();
  return useQuery({
    queryKey: [...ROOT, "one", id],
    enabled: id !== null,
    queryFn: async ({ signal }) =>
      (await api.get<{ result: Report }>(`/reports/${encodeURIComponent(id ?? "")}`, {}, signal)).result,
  });
}

export function useReportFile(): (id: number, format: "pdf" | "xlsx") => string {
  const { config } = useApi();
  return (id, format) => `${config.baseUrl}/api/v1/kpi/reports/${id}/file?format=${format}`;
}

export function useReportPlans() {
  const api = useApi();
  return useQuery({
    queryKey: [...ROOT, "plans"],
    queryFn: ({ signal }) => api.get<ReportPlans>("/report_plans/", {}, signal),
  });
}

export function useReportTemplates(isAllowed: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: [...ROOT, "templates"],
    enabled: isAllowed,
    queryFn: ({ signal }) =>
      api.get<{ result: ReportTemplate[]; built_in: string }>("/report_templates/", {}, signal),
  });
}

export interface Released {
  result: Report;
  left_out: { channel: string; reason: string }[];
}

/** Every change; each of them makes the lists ask again. */
export function useReportActions() {
  const api = useApi();
  const client = useQueryClient();
  const onSuccess = () => client.invalidateQueries({ queryKey: ROOT });
  return {
    make: useMutation({
      mutationFn: (planId: number) => api.post<{ result: Report }>("/reports/", { plan_id: planId }),
      onSuccess,
    }),
    comment: useMutation({
      mutationFn: ({ id, commentary }: { id: number; commentary: string }) =>
        api.put<unknown>(`/reports/${id}/commentary`, { commentary }),
      onSuccess,
    }),
    release: useMutation({
      mutationFn: (id: number) => api.post<Released>(`/reports/${id}/release`),
      onSuccess,
    }),
    discard: useMutation({ mutationFn: (id: number) => api.delete<unknown>(`/reports/${id}`), onSuccess }),
    savePlan: useMutation({
      mutationFn: ({ id, plan }: { id: number | null; plan: PlanInput }) =>
        id === null
          ? api.post<unknown>("/report_plans/", plan)
          : api.put<unknown>(`/report_plans/${id}`, plan),
      onSuccess,
    }),
    deletePlan: useMutation({
      mutationFn: (id: number) => api.delete<unknown>(`/report_plans/${id}`),
      onSuccess,
    }),
    saveTemplate: useMutation({
      mutationFn: ({ id, name, body }: { id: number | null; name: string; body: string }) =>
        id === null
          ? api.post<{ result: ReportTemplate }>("/report_templates/", { name, body })
          : api.put<{ result: ReportTemplate }>(`/report_templates/${id}`, { name, body }),
      onSuccess,
    }),
    deleteTemplate: useMutation({
      mutationFn: (id: number) => api.delete<unknown>(`/report_templates/${id}`),
      onSuccess,
    }),
    preview: useMutation({
      mutationFn: ({ body, locale }: { body: string; locale: Locale }) =>
        api.post<{ html: string }>("/report_templates/preview", { body, locale }),
    }),
  };
}
