/** Copying from and pasting into spreadsheets: tab-separated text, laid over the grid from the active cell. */
import { withoutGuard } from "../../data/safeText";
import type { TargetField, TargetRow } from "../../data/types";
import { EDITABLE_COLUMNS, type GridRow } from "./rows";

/** Rows of cells as Excel and Sheets (and `toTsv`) write them, quoted cells with line breaks included. */
export function readBlock(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = "";
  let quoted = false;
  const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let at = 0; at < source.length; at += 1) {
    const char = source[at] as string;
    if (quoted) {
      if (char === '"' && source[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else if (char === '"') quoted = false;
      else cell += char;
    } else if (char === '"' && cell === "") quoted = true;
    else if (char === "\t" || char === "\n") {
      rows.at(-1)?.push(withoutGuard(cell));
      cell = "";
      if (char === "\n") rows.push([]);
    } else cell += char;
  }
  rows.at(-1)?.push(withoutGuard(cell));
  return rows;
}

/**
 * The edits that a pasted block means. It covers neighbouring columns in the order they are shown; cells that
 * fall on columns nobody can edit, or below the last row, are left out.
 */
export function pasteBlock(
  block: readonly (readonly string[])[],
  rows: readonly GridRow[],
  order: readonly string[],
  rowIndex: number,
  columnIndex: number,
): { row: TargetRow; field: TargetField; text: string }[] {
  const changes: { row: TargetRow; field: TargetField; text: string }[] = [];
  block.forEach((cells, down) => {
    const row = rows[rowIndex + down]?.row;
    if (!row) return;
    cells.forEach((text, right) => {
      const field = EDITABLE_COLUMNS.find((name) => name === order[columnIndex + right]);
      if (field) changes.push({ row, field, text });
    });
  });
  return changes;
}
