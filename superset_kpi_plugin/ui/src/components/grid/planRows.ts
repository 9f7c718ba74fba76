/** What the plan's grid shows as rows, and which edits a paste, a fill or a formula over a range means. Pure. */
import { editText } from "../../data/decimal";
import { type Change, type Edits, editedValues, fieldFormat, type RowEdit, rowKey } from "../../data/edits";
import { cellKey, cellOf, type Plan, type PlanNode } from "../../data/plan";
import { type Bounds, cellsOf, fillSources, place } from "../../data/range";
import { type Rollup, rollUp, type Tree, type TreeRow } from "../../data/tree";
import type { TargetField, TargetRow } from "../../data/types";

/** The field that the plan's cells hold; the others are edited in the drawer. */
export const PLAN_FIELD: TargetField = "target_value";

export interface PlanCellData {
  row: TargetRow;
  edit?: RowEdit;
}

export interface PlanRow {
  key: string;
  tree: TreeRow<PlanNode>;
  /** One a period, in the order of the columns. */
  cells: readonly PlanCellData[];
  /** On residual rows: what the children say in each period. */
  rollups: readonly Rollup[];
  series: readonly (string | null)[];
  /** The columns of this row that are in the selected range. */
  selected?: { left: number; right: number; isTop: boolean; isBottom: boolean };
  /** What the cell's editor, or the fill handle, leaves until it is committed. */
  pending?: { column: number; text: string };
}

export function buildPlanRows(
  plan: Plan,
  tree: Tree<PlanNode>,
  rows: readonly TreeRow<PlanNode>[],
  edits: Edits,
): PlanRow[] {
  const cell = (node: PlanNode, period: string): PlanCellData => {
    const row = cellOf(plan, node, period);
    return { row, edit: edits.get(rowKey(row)) };
  };
  const amount = (node: PlanNode, period: string) => {
    const { row, edit } = cell(node, period);
    return editedValues(row, edit)[PLAN_FIELD];
  };
  return rows.map((row) => {
    const { node } = row;
    if (row.kind === "node") {
      return {
        key: node.entity_id,
        tree: row,
        cells: plan.periods.map((period) => cell(node, period)),
        rollups: [],
        series: plan.series[node.entity_id] ?? [],
      };
    }
    const children = tree.children.get(node.entity_id) ?? [];
    const isMixed = plan.kpi.unit === "money" && children.some((child) => child.currency !== node.currency);
    const rollups = plan.periods.map((period) => ({
      ...rollUp(
        isMixed ? null : amount(node, period),
        children.map((child) => (isMixed ? null : amount(child, period))),
      ),
      isMixed,
      implied: plan.cells.get(cellKey(node.entity_id, period))?.implied ?? null,
    }));
    return { key: `residual|${node.entity_id}`, tree: row, cells: [], rollups, series: [] };
  });
}

/** Marks the rows of the range; the others stay the same objects, so that they aren't drawn again. */
export function withSelection(rows: readonly PlanRow[], range: Bounds | null): readonly PlanRow[] {
  if (!range) return rows;
  const { top, bottom, left, right } = range;
  return rows.map((row, at) =>
    at < top || at > bottom
      ? row
      : { ...row, selected: { left, right, isTop: at === top, isBottom: at === bottom } },
  );
}

export function canEditCell(cell: PlanCellData | undefined): cell is PlanCellData {
  return cell !== undefined && cell.row.is_locked !== true && cell.row.can_edit !== false;
}

/** The exact text of a cell, as a spreadsheet reads it back. */
export function cellText(row: PlanRow | undefined, column: number): string {
  if (!row) return "";
  const cell = row.cells[column];
  if (!cell) return row.rollups[column]?.residual ?? "";
  const pending = cell.edit?.fields[PLAN_FIELD];
  if (pending) return pending.text;
  return editText(editedValues(cell.row, cell.edit)[PLAN_FIELD], fieldFormat(cell.row, PLAN_FIELD));
}

/**
 * Residual rows are sums that stand between the entities: copies leave them out, and a pasted list of entities runs
 * on below them. Turns a range of the grid into one of entity rows, and gives the grid row of each.
 */
function entityRange(rows: readonly PlanRow[], range: Bounds): { range: Bounds; rowOf: number[] } {
  const rowOf = rows.flatMap((row, at) => (row.tree.kind === "node" ? [at] : []));
  const top = rowOf.findIndex((at) => at >= range.top);
  const inside = rowOf.filter((at) => at >= range.top && at <= range.bottom).length;
  return { range: { ...range, top, bottom: top + Math.max(1, inside) - 1 }, rowOf };
}

export function copyBlock(rows: readonly PlanRow[], range: Bounds): string[][] {
  const block: string[][] = [];
  for (let at = range.top; at <= range.bottom; at += 1) {
    const row = rows[at];
    if (row?.tree.kind !== "node" && range.top !== range.bottom) continue;
    const line: string[] = [];
    for (let column = range.left; column <= range.right; column += 1) line.push(cellText(row, column));
    block.push(line);
  }
  return block;
}

/** Edits, and how many cells were left as they are because they are locked, out of scope, or sums. */
export interface RangeEdit {
  changes: Change[];
  skipped: number;
}

function collect(
  rows: readonly PlanRow[],
  cells: readonly { row: number; column: number; text: string }[],
): RangeEdit {
  const changes: Change[] = [];
  let skipped = 0;
  for (const { row, column, text } of cells) {
    const cell = rows[row]?.cells[column];
    if (canEditCell(cell)) changes.push({ row: cell.row, field: PLAN_FIELD, text });
    else if (cell) skipped += 1;
  }
  return { changes, skipped };
}

/** The same text (an amount, `+10%`, `=LY*1.1`, or nothing) into every cell of the range. */
export function applyText(rows: readonly PlanRow[], range: Bounds, text: string): RangeEdit {
  return collect(
    rows,
    cellsOf(range).map((cell) => ({ ...cell, text })),
  );
}

export function pasteText(
  rows: readonly PlanRow[],
  selection: Bounds,
  block: readonly (readonly string[])[],
): RangeEdit {
  const { range, rowOf } = entityRange(rows, selection);
  if (range.top < 0) return { changes: [], skipped: 0 };
  const cells = place(block, range).map((cell) => ({ ...cell, row: rowOf[cell.row] ?? rows.length }));
  return collect(rows, cells);
}

export function fillRange(
  rows: readonly PlanRow[],
  selection: Bounds,
  direction: "down" | "right",
): RangeEdit {
  const { range, rowOf } = entityRange(rows, selection);
  if (range.top < 0) return { changes: [], skipped: 0 };
  const at = (row: number) => rowOf[row] ?? rows.length;
  const cells = fillSources(range, direction).map(({ from, to }) => ({
    row: at(to.row),
    column: to.column,
    text: cellText(rows[at(from.row)], from.column),
  }));
  return collect(rows, cells);
}
