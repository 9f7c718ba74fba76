/**
 * The unsaved edits of the Targets page: pure functions over an immutable map, row key -> edited fields.
 * An edit that says what the row already says disappears by itself, so "dirty" always means different.
 */
import { editText, isPercentFormat, type ParseError, parseAmount, sameAmount } from "./decimal";
import { evaluate, type FormulaError, isFormula } from "./formula";
import {
  TARGET_FIELDS,
  type TargetField,
  type TargetInput,
  type TargetRow,
  type TargetValues,
  TEXT_FIELDS,
  type Unit,
} from "./types";

export interface CellEdit {
  /** What was typed, kept so that a mistake can be mended instead of vanishing. */
  text: string;
  value: string | null;
  /** A key of the translations, or a sentence from the server. */
  error?: ParseError | "error.target_required" | FormulaError | { message: string };
}

export interface RowEdit {
  row: TargetRow;
  fields: Partial<Record<TargetField, CellEdit>>;
}

export type Edits = ReadonlyMap<string, RowEdit>;

export const EMPTY_VALUES: TargetValues = {
  floor_value: null,
  target_value: null,
  stretch_value: null,
  warn_limit: null,
  breach_limit: null,
  tolerance: null,
  weight: null,
  budget: null,
  budget_currency: null,
  headcount: null,
  owner: null,
};

const OWN_FORMATS: Partial<Record<TargetField, string>> = {
  tolerance: ".1%",
  weight: ",.2~f",
  budget: "$,.2~f",
  headcount: ",.2~f",
};

export function rowKey(row: Pick<TargetRow, "kpi_id" | "entity_id" | "grain" | "period_start">): string {
  return [row.kpi_id, row.entity_id, row.grain, row.period_start].join("|");
}

/** What the row says now: its draft, else what was approved. */
export function baseValues(row: TargetRow): TargetValues {
  return row.draft ?? row.approved ?? EMPTY_VALUES;
}

/** The number format a field is read and shown in; some are of their own kind, whatever the KPI is. */
export function fieldFormat(row: Pick<TargetRow, "number_format">, field: TargetField): string | null {
  return OWN_FORMATS[field] ?? row.number_format;
}

/** The unit of a field: the KPI's, but for those of their own kind. */
export function fieldUnit(row: Pick<TargetRow, "unit">, field: TargetField): Unit | undefined {
  return field in OWN_FORMATS ? undefined : row.unit;
}

/** The currency of a field: the entity's, but a budget may have been given in another. */
export function fieldCurrency(
  row: Pick<TargetRow, "currency"> & Partial<Pick<TargetRow, "draft" | "approved">>,
  field: TargetField,
  edit?: RowEdit,
): string | null {
  const own = row.currency ?? null;
  if (field !== "budget") return own;
  const typed = edit?.fields.budget_currency?.value;
  return typed ?? row.draft?.budget_currency ?? row.approved?.budget_currency ?? own;
}

/** A field's value as it is edited: a text as it is, a number in full. */
export function fieldText(
  row: Pick<TargetRow, "number_format">,
  field: TargetField,
  value: string | null,
): string {
  return TEXT_FIELDS.includes(field) ? (value ?? "") : editText(value, fieldFormat(row, field));
}

/** Whether two values of a field mean the same. */
export function sameValue(field: TargetField, a: string | null, b: string | null): boolean {
  return TEXT_FIELDS.includes(field) ? (a ?? "") === (b ?? "") : sameAmount(a, b);
}

const RELATIVE = /^\s*([+−-])\s*(\d+(?:\.\d+)?)\s*%\s*$/;

/**
 * What `=LY*1.1` or, where the KPI is no percentage, `+10%` makes of the value that the cell holds now; null where
 * the text is a plain amount.
 */
function compute(row: TargetRow, field: TargetField, text: string, now: string | null): CellEdit | null {
  const format = fieldFormat(row, field);
  const percent = isPercentFormat(format);
  const relative = percent ? null : RELATIVE.exec(text.normalize("NFKC"));
  const formula = relative
    ? `=TARGET*(1${relative[1] === "+" ? "+" : "-"}${relative[2]}%)`
    : isFormula(text)
      ? text
      : null;
  if (formula === null) return null;
  const { last_year, p20, p50, p80 } = row.facts ?? {};
  const names = { LY: last_year, P20: p20, P50: p50, P80: p80, TARGET: now };
  const answer = evaluate(formula, names, { percent, unit: fieldUnit(row, field) });
  if (!answer.ok) return { text, value: null, error: answer.error };
  return { text: editText(answer.value, format), value: answer.value };
}

function readCell(row: TargetRow, field: TargetField, text: string, now: string | null): CellEdit {
  if (TEXT_FIELDS.includes(field)) {
    const word = text.trim();
    return { text, value: (field === "budget_currency" ? word.toUpperCase() : word) || null };
  }
  const computed = compute(row, field, text, now);
  if (computed) return computed;
  const parsed = parseAmount(text, fieldFormat(row, field));
  if (!parsed.ok) return { text, value: null, error: parsed.error };
  if (field === "target_value" && parsed.value === null) {
    return { text, value: null, error: "error.target_required" };
  }
  return { text, value: parsed.value };
}

/** What somebody typed, pasted or filled into a cell. */
export interface Change {
  row: TargetRow;
  field: TargetField;
  text: string;
}

export function editCell(edits: Edits, row: TargetRow, field: TargetField, text: string): Edits {
  return editCells(edits, [{ row, field, text }]);
}

/** All the changes in order, over one copy of the map: a pasted block may have thousands of cells. */
export function editCells(edits: Edits, changes: readonly Change[]): Edits {
  const next = new Map(edits);
  for (const change of changes) layOver(next, change);
  return next;
}

function layOver(next: Map<string, RowEdit>, { row, field, text }: Change): void {
  const key = rowKey(row);
  const known = next.get(key);
  const base = known?.row ?? row;
  const cell = readCell(base, field, text, editedValues(base, known)[field]);
  const fields = { ...known?.fields };
  const unchanged = !cell.error && sameValue(field, cell.value, baseValues(base)[field]);
  const emptyAgain = cell.error === "error.target_required" && baseValues(base).target_value === null;
  if (unchanged || emptyAgain) delete fields[field];
  else fields[field] = cell;
  if (Object.keys(fields).length === 0) next.delete(key);
  else next.set(key, { row: base, fields });
}

/** The row's values with its unsaved edits laid over. */
export function editedValues(row: TargetRow, edit: RowEdit | undefined): TargetValues {
  const values = { ...baseValues(row) };
  for (const field of TARGET_FIELDS) {
    const cell = edit?.fields[field];
    if (cell && !cell.error) values[field] = cell.value;
  }
  return pickValues(values);
}

export function pickValues(values: Partial<TargetValues>): TargetValues {
  const picked = { ...EMPTY_VALUES };
  for (const field of TARGET_FIELDS) picked[field] = values[field] ?? null;
  return picked;
}

export function cellCount(edits: Edits): number {
  let count = 0;
  for (const edit of edits.values()) count += Object.keys(edit.fields).length;
  return count;
}

/** Cells that cannot be saved as they are; a row without a target value counts once. */
export function errorCount(edits: Edits): number {
  let count = 0;
  for (const edit of edits.values()) {
    count += Object.values(edit.fields).filter((cell) => cell.error).length;
    if (isTargetMissing(edit)) count += 1;
  }
  return count;
}

function isTargetMissing(edit: RowEdit): boolean {
  return !edit.fields.target_value && baseValues(edit.row).target_value === null;
}

/** Marks the target cell of rows where only other cells were filled in. */
export function markMissingTargets(edits: Edits): Edits {
  const next = new Map(edits);
  for (const [key, edit] of edits) {
    if (!isTargetMissing(edit)) continue;
    const target_value: CellEdit = { text: "", value: null, error: "error.target_required" };
    next.set(key, { row: edit.row, fields: { ...edit.fields, target_value } });
  }
  return next;
}

/** The request body (what is left out keeps its value), with the row key of each entry so that answers by index find their cell again. */
export function toPayload(edits: Edits): { keys: string[]; targets: TargetInput[] } {
  const keys: string[] = [];
  const targets: TargetInput[] = [];
  for (const [key, edit] of edits) {
    const { row } = edit;
    const input: TargetInput = {
      kpi_id: row.kpi_id,
      entity_id: row.entity_id,
      grain: row.grain,
      period_start: row.period_start,
      etag: row.etag,
    };
    for (const field of TARGET_FIELDS) {
      const cell = edit.fields[field];
      if (cell) input[field] = cell.value;
    }
    keys.push(key);
    targets.push(input);
  }
  return { keys, targets };
}

export interface ServerRowError {
  index: number;
  field?: string | null;
  message: string;
}

/** Puts the server's complaints at the cells they are about; unknown fields land on the target cell. */
export function withServerErrors(
  edits: Edits,
  keys: readonly string[],
  errors: readonly ServerRowError[],
): Edits {
  const next = new Map(edits);
  for (const error of errors) {
    const key = keys[error.index];
    const edit = key === undefined ? undefined : next.get(key);
    if (key === undefined || !edit) continue;
    const field = TARGET_FIELDS.find((name) => name === error.field) ?? "target_value";
    const value = editedValues(edit.row, edit)[field];
    const cell: CellEdit = {
      text: edit.fields[field]?.text ?? value ?? "",
      value,
      error: { message: error.message },
    };
    next.set(key, { row: edit.row, fields: { ...edit.fields, [field]: cell } });
  }
  return next;
}

export interface Conflict {
  key: string;
  mine: RowEdit;
  theirs: TargetRow;
}

/**
 * Rows that somebody else changed since they were read, from the answer 412: `theirs` is what is saved now, laid
 * over the row as it was known here.
 */
export function readConflicts(edits: Edits, keys: readonly string[], details: unknown): Conflict[] {
  if (!Array.isArray(details)) return [];
  const conflicts: Conflict[] = [];
  for (const { index, theirs } of details as { index: number; theirs: Partial<TargetRow> }[]) {
    const key = keys[index];
    const mine = key === undefined ? undefined : edits.get(key);
    if (key === undefined || !mine || typeof theirs !== "object" || theirs === null) continue;
    conflicts.push({ key, mine, theirs: { ...mine.row, ...theirs } });
  }
  return conflicts;
}

/** Keeps my edit on top of their row (`mine`), or drops it (`theirs`). */
export function resolveConflict(edits: Edits, conflict: Conflict, choice: "mine" | "theirs"): Edits {
  const next = new Map(edits);
  next.delete(conflict.key);
  if (choice === "theirs") return next;
  let rebased: Edits = next;
  for (const field of TARGET_FIELDS) {
    const cell = conflict.mine.fields[field];
    if (cell) rebased = editCell(rebased, conflict.theirs, field, cell.text);
  }
  return rebased;
}

export interface EditHistory {
  past: readonly Edits[];
  present: Edits;
  future: readonly Edits[];
}

export const NO_EDITS: EditHistory = { past: [], present: new Map(), future: [] };
const MAX_UNDO = 200;

export function record(history: EditHistory, present: Edits): EditHistory {
  if (present === history.present) return history;
  return { past: [...history.past.slice(-MAX_UNDO + 1), history.present], present, future: [] };
}

export function undo(history: EditHistory): EditHistory {
  const previous = history.past.at(-1);
  if (!previous) return history;
  return {
    past: history.past.slice(0, -1),
    present: previous,
    future: [history.present, ...history.future],
  };
}

export function redo(history: EditHistory): EditHistory {
  const [next, ...future] = history.future;
  if (!next) return history;
  return { past: [...history.past, history.present], present: next, future };
}
