/** A year of one KPI and entity by quarters and months: shapes, hook, and what each level leaves over. */
import { useQuery } from "@tanstack/react-query";
import Big from "big.js";
import { useApi } from "./context";
import { plain, toBig } from "./decimal";
import { type Edits, editedValues, rowKey } from "./edits";
import type { PlanKpi } from "./plan";
import type { Grain, TargetRow } from "./types";

interface Place {
  grain: Grain;
  period_start: string;
}

interface YearAnswerRow extends Place {
  parent: Place | null;
  target: Pick<TargetRow, "id" | "etag" | "state" | "is_locked" | "draft" | "approved"> | null;
  actual: string | null;
  is_settled: boolean;
  covered_through: string | null;
  last_year: string | null;
  p50: string | null;
  /** For a ratio: what the smaller periods imply, by their denominators. */
  implied?: string | null;
}

interface YearAnswer {
  kpi: PlanKpi;
  entity: { entity_id: string; entity_name: string; entity_kind: string; currency: string | null };
  rows: YearAnswerRow[];
  can_edit: boolean;
  can_approve: boolean;
  warnings: { code: string; message: string }[];
}

export interface YearRow {
  row: TargetRow;
  parent: string | null;
  actual: string | null;
  is_settled: boolean;
  last_year: string | null;
  p50: string | null;
  implied: string | null;
}

export interface Year extends Pick<YearAnswer, "kpi" | "entity" | "can_edit" | "warnings"> {
  /** The year, then each quarter before its months. */
  rows: YearRow[];
}

export interface YearQuery {
  kpi_id: string;
  entity_id: string;
  year: string;
}

export function useYear(query: YearQuery | null) {
  const api = useApi();
  return useQuery({
    queryKey: ["targets", "periods", query],
    enabled: query !== null,
    queryFn: async ({ signal }) =>
      readYear(await api.get<YearAnswer>("/targets/periods", { ...query }, signal)),
  });
}

const NOTHING = { id: null, etag: null, draft: null, approved: null, state: null, is_locked: false };

/** Gives each period the row that edits, splits and steps work on. */
export function readYear(answer: YearAnswer): Year {
  const { kpi, entity, can_edit, can_approve, warnings } = answer;
  const rows = answer.rows.map(({ grain, period_start, parent, target, ...facts }): YearRow => {
    const { last_year, p50, actual, is_settled, implied = null } = facts;
    const isKnown = last_year !== null || p50 !== null;
    const row: TargetRow = {
      ...NOTHING,
      ...target,
      kpi_id: kpi.kpi_id,
      kpi_name: kpi.name,
      unit: kpi.unit,
      direction: kpi.direction,
      number_format: kpi.number_format,
      ...entity,
      grain,
      period_start,
      published_version: null,
      status: null,
      facts: isKnown ? { last_year, p50, p20: null, p80: null, probability: null } : null,
      can_edit,
      can_approve,
    };
    const above = parent ? rowKey({ ...row, ...parent }) : null;
    return { row, parent: above, actual, is_settled, last_year, p50, implied };
  });
  return { kpi, entity, can_edit, warnings, rows };
}

export interface Parts {
  sum: string;
  /** Null where the period itself has no target. */
  residual: string | null;
  missing: number;
}

/** What the smaller periods add up to and leave over, with what is typed and not saved; null where none has a target. */
export function partsOf(year: Year, of: YearRow, edits: Edits): Parts | null {
  const key = rowKey(of.row);
  const parts = year.rows.filter((one) => one.parent === key);
  const said = ({ row }: YearRow) => toBig(editedValues(row, edits.get(rowKey(row))).target_value);
  const known = parts.map(said).filter((value) => value !== null);
  if (known.length === 0) return null;
  const sum = known.reduce((left, right) => left.plus(right), new Big(0));
  const own = said(of);
  return {
    sum: plain(sum),
    residual: own ? plain(own.minus(sum)) : null,
    missing: parts.length - known.length,
  };
}
