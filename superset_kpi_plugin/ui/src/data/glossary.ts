/** Typed hook on the glossary, and what the page does with it as pure functions. */
import { useQuery } from "@tanstack/react-query";
import { useApi } from "./context";
import type { Direction, Locale, Unit } from "./types";

/** An official limit (or fee) of a platform and its days of validity; `valid_to` is the first day it no longer holds. */
export interface Standard {
  platform: string;
  /** Null of a platform that the company has no account on. */
  platform_name: string | null;
  name_en: string | null;
  name_zh: string | null;
  comparison: "below" | "at_most" | "at_least" | "fee" | string;
  limit_value: string | null;
  warn_limit: string | null;
  window_days: number | null;
  age_from_days: number | null;
  age_to_days: number | null;
  fee_unit: string | null;
  currency: string | null;
  valid_from: string | null;
  valid_to: string | null;
  is_verified: boolean | null;
  source: string | null;
  note: string | null;
}

export interface GlossaryKpi {
  kpi_id: string;
  name_en: string;
  name_zh: string | null;
  description_en: string | null;
  description_zh: string | null;
  formula_en: string | null;
  formula_zh: string | null;
  domain: string | null;
  unit: Unit;
  direction: Direction;
  number_format: string | null;
  entity_kinds: string[];
  drivers: string[];
  counter_kpis: string[];
  /** Streams, in order of precedence. */
  source: string[];
  days_until_settled: number | null;
  owner_role: string | null;
  playbook_en: string | null;
  playbook_zh: string | null;
  standards: Standard[];
}

export interface Glossary {
  result: GlossaryKpi[];
  warnings: { code: string; message: string }[];
}

const TEN_MINUTES = 10 * 60 * 1000;

export function useGlossary() {
  const api = useApi();
  return useQuery({
    queryKey: ["glossary"],
    queryFn: ({ signal }) => api.get<Glossary>("/glossary/", {}, signal),
    staleTime: TEN_MINUTES,
  });
}

type Text = "name" | "description" | "formula" | "playbook";

/** A text in the reader's language, or in English where nobody wrote it in Chinese. */
export function textOf(kpi: GlossaryKpi, name: Text, locale: Locale): string | null {
  const chinese = locale === "zh" ? kpi[`${name}_zh`] : null;
  return chinese || kpi[`${name}_en`];
}

/** The KPIs that hold all words, in either language, in name, id, description or formula. */
export function searched(kpis: readonly GlossaryKpi[], search: string, domain: string | null): GlossaryKpi[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return kpis.filter((kpi) => {
    if (domain && kpi.domain !== domain) return false;
    const { kpi_id, name_en, name_zh, description_en, description_zh, formula_en, formula_zh } = kpi;
    const parts = [kpi_id, name_en, name_zh, description_en, description_zh, formula_en, formula_zh];
    const text = parts.join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The areas of the business in the catalogue's order. */
export function domainsOf(kpis: readonly GlossaryKpi[]): string[] {
  return [...new Set(kpis.flatMap((kpi) => (kpi.domain ? [kpi.domain] : [])))];
}

/** Whether a standard holds on a day. */
export function holds(standard: Standard, day: string): boolean {
  return (standard.valid_from ?? "") <= day && (standard.valid_to === null || day < standard.valid_to);
}
