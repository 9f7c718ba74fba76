/** What the grid shows a row as, and how rows are sorted. Pure. */
import { toBig } from "../../data/decimal";
import { baseValues, type RowEdit } from "../../data/edits";
import { STATUSES, type TargetField, type TargetRow } from "../../data/types";

export interface GridRow {
  key: string;
  row: TargetRow;
  edit?: RowEdit;
  /** What the cell's editor holds until it is committed. */
  pending?: { field: TargetField; text: string };
}

/** The grid's editable columns; their keys are the fields' names. Tolerance and weight are edited in the drawer. */
export const EDITABLE_COLUMNS: readonly TargetField[] = [
  "floor_value",
  "target_value",
  "stretch_value",
  "warn_limit",
  "breach_limit",
  "budget",
  "headcount",
  "owner",
];

type Sortable = string | number | null;

const NUMERIC: Record<string, (row: TargetRow) => string | null | undefined> = {
  floor_value: (row) => baseValues(row).floor_value,
  target_value: (row) => baseValues(row).target_value,
  stretch_value: (row) => baseValues(row).stretch_value,
  warn_limit: (row) => baseValues(row).warn_limit,
  breach_limit: (row) => baseValues(row).breach_limit,
  budget: (row) => baseValues(row).budget,
  headcount: (row) => baseValues(row).headcount,
  value: (row) => row.status?.value,
  attainment: (row) => row.status?.attainment,
  expected: (row) => row.status?.expected_value,
  gap: (row) => row.status?.gap,
};

const TEXT: Record<string, (row: TargetRow) => Sortable> = {
  entity: (row) => row.entity_name,
  kpi: (row) => row.kpi_name,
  owner: (row) => baseValues(row).owner,
  version: (row) => (row.draft ? 0 : 1),
  status: (row) => (row.status?.status ? STATUSES.indexOf(row.status.status) : null),
};

/** Sorts by what is saved, not by what is being typed, so that rows don't jump under the hands. */
export function sortRows(
  rows: readonly TargetRow[],
  sort: readonly { columnKey: string; direction: "ASC" | "DESC" }[],
): readonly TargetRow[] {
  if (sort.length === 0) return rows;
  return [...rows].sort((a, b) => {
    for (const { columnKey, direction } of sort) {
      const order = compareBy(columnKey, a, b, direction === "ASC" ? 1 : -1);
      if (order !== 0) return order;
    }
    return 0;
  });
}

function compareBy(column: string, a: TargetRow, b: TargetRow, sign: 1 | -1): number {
  const numeric = NUMERIC[column];
  if (numeric) {
    const left = toBig(numeric(a));
    const right = toBig(numeric(b));
    // What is missing goes last, whichever way the rest is sorted.
    if (!left || !right) return Number(!left) - Number(!right);
    return left.cmp(right) * sign;
  }
  const text = TEXT[column];
  if (!text) return 0;
  const left = text(a);
  const right = text(b);
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  const order =
    typeof left === "number" && typeof right === "number"
      ? left - right
      : String(left).localeCompare(String(right));
  return order * sign;
}
