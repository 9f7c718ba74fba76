/** Ranges of cells as spreadsheets have them: select, copy, paste, fill. Pure; a cell is a row and a column from 0. */

import { safeText } from "./safeText";

export interface Cell {
  row: number;
  column: number;
}
/** The anchor stays where the selection began; the head is the cell that moves. */
export interface Range {
  anchor: Cell;
  head: Cell;
}
export interface Bounds {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

export function single(cell: Cell): Range {
  return { anchor: cell, head: cell };
}

export function bounds({ anchor, head }: Range): Bounds {
  return {
    top: Math.min(anchor.row, head.row),
    bottom: Math.max(anchor.row, head.row),
    left: Math.min(anchor.column, head.column),
    right: Math.max(anchor.column, head.column),
  };
}

export function isSingle(range: Range): boolean {
  return range.anchor.row === range.head.row && range.anchor.column === range.head.column;
}

/** The range with its head moved, inside of a sheet of so many rows and columns. */
export function extend(range: Range, down: number, right: number, rows: number, columns: number): Range {
  const head = {
    row: clamp(range.head.row + down, rows),
    column: clamp(range.head.column + right, columns),
  };
  return { anchor: range.anchor, head };
}

function clamp(at: number, count: number): number {
  return Math.max(0, Math.min(at, count - 1));
}

/** Every cell, row by row. */
export function cellsOf({ top, bottom, left, right }: Bounds): Cell[] {
  const cells: Cell[] = [];
  for (let row = top; row <= bottom; row += 1) {
    for (let column = left; column <= right; column += 1) cells.push({ row, column });
  }
  return cells;
}

/**
 * Tab-separated text that Excel and Sheets read back cell by cell; quotes where a cell holds a tab, line or quote, and
 * no cell becomes a formula there.
 */
export function toTsv(block: readonly (readonly string[])[]): string {
  return block.map((cells) => cells.map((text) => quoted(safeText(text))).join("\t")).join("\r\n");
}

function quoted(text: string): string {
  return /["\t\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

export interface Placed extends Cell {
  text: string;
}

/**
 * Where a copied block lands: over the whole selection where that is a multiple of the block (one copied cell fills
 * any range), else once from the selection's first cell on.
 */
export function place(block: readonly (readonly string[])[], selection: Bounds): Placed[] {
  const height = block.length;
  const width = Math.max(...block.map((cells) => cells.length));
  if (height === 0 || width < 1) return [];
  const rows = selection.bottom - selection.top + 1;
  const columns = selection.right - selection.left + 1;
  const tiles = rows % height === 0 && columns % width === 0;
  const placed: Placed[] = [];
  for (let down = 0; down < (tiles ? rows : height); down += 1) {
    const cells = block[down % height] ?? [];
    for (let right = 0; right < (tiles ? columns : width); right += 1) {
      const text = cells[right % width];
      if (text !== undefined)
        placed.push({ row: selection.top + down, column: selection.left + right, text });
    }
  }
  return placed;
}

/** Ctrl+D and Ctrl+R: for every cell of the range but the first row (column), the cell that it takes its value from. */
export function fillSources(range: Bounds, direction: "down" | "right"): { from: Cell; to: Cell }[] {
  return cellsOf(range)
    .map((to) => ({
      from: direction === "down" ? { ...to, row: range.top } : { ...to, column: range.left },
      to,
    }))
    .filter(({ from, to }) => from.row !== to.row || from.column !== to.column);
}
