/**
 * The targets as a spreadsheet-like grid. The grid library stays behind this component: the page knows rows,
 * edits and selection, and nothing of the library.
 */
import { type ClipboardEvent, type Key, useMemo, useRef, useState } from "react";
import DataGrid, {
  type CellKeyboardEvent,
  type CellKeyDownArgs,
  type CellSelectArgs,
  type DataGridHandle,
  type FillEvent,
  type Renderers,
  type RowsChangeData,
  type SortColumn,
} from "react-data-grid";
import { type Change, type Edits, editedValues, fieldFormat, fieldText, rowKey } from "../../data/edits";
import { toTsv } from "../../data/range";
import type { TargetField, TargetRow } from "../../data/types";
import { useI18n } from "../../i18n";
import { pasteBlock, readBlock } from "./clipboard";
import { buildColumns, type ColumnContext } from "./columns";
import { GridCheckbox } from "./GridCheckbox";
import { EDITABLE_COLUMNS, type GridRow, sortRows } from "./rows";

interface Props {
  rows: readonly TargetRow[];
  edits: Edits;
  canEdit: boolean;
  selected: ReadonlySet<string>;
  onSelect: (selected: ReadonlySet<string>) => void;
  onEdit: (changes: Change[]) => void;
  onOpen: (row: TargetRow) => void;
  virtual?: boolean;
}

const ROW_HEIGHT = 44;
const HEADER_HEIGHT = 38;
const SCROLLBAR = 18;
const MAX_HEIGHT = "calc(100vh - 290px)";

export function TargetGrid({
  rows,
  edits,
  canEdit,
  selected,
  onSelect,
  onEdit,
  onOpen,
  virtual = true,
}: Props) {
  const i18n = useI18n();
  const grid = useRef<DataGridHandle>(null);
  const active = useRef<CellSelectArgs<GridRow> | null>(null);
  const [sort, setSort] = useState<readonly SortColumn[]>([]);
  const context = useMemo<ColumnContext>(() => ({ i18n, canEdit, onOpen }), [i18n, canEdit, onOpen]);
  const columns = useMemo(() => buildColumns(context), [context]);
  const sorted = useMemo(() => sortRows(rows, sort), [rows, sort]);
  const gridRows = useMemo<GridRow[]>(
    () => sorted.map((row) => ({ key: rowKey(row), row, edit: edits.get(rowKey(row)) })),
    [sorted, edits],
  );
  const renderers = useMemo<Renderers<GridRow, unknown>>(
    () => ({ renderCheckbox: (props) => <GridCheckbox {...props} /> }),
    [],
  );

  const commit = (changed: GridRow[], { indexes }: RowsChangeData<GridRow>) => {
    const changes: Change[] = [];
    for (const index of indexes) {
      const pending = changed[index]?.pending;
      const row = changed[index]?.row;
      if (row && pending) changes.push({ row, ...pending });
    }
    onEdit(changes);
  };

  const fill = ({ columnKey, sourceRow, targetRow }: FillEvent<GridRow>): GridRow => {
    const field = EDITABLE_COLUMNS.find((name) => name === columnKey);
    // A count dragged over a ratio would be nonsense: fill stays within one kind of number.
    if (!field || fieldFormat(sourceRow.row, field) !== fieldFormat(targetRow.row, field)) return targetRow;
    return { ...targetRow, pending: { field, text: cellText(sourceRow, field) } };
  };

  const onKeyDown = (args: CellKeyDownArgs<GridRow>, event: CellKeyboardEvent) => {
    const { column, rowIdx, row } = args;
    const move = (step: number) => {
      event.preventGridDefault();
      event.preventDefault();
      const next = Math.max(0, Math.min(rowIdx + step, gridRows.length - 1));
      grid.current?.selectCell({ idx: column.idx, rowIdx: next });
    };
    if (args.mode === "EDIT") {
      if (event.nativeEvent.isComposing) return event.preventGridDefault();
      if (event.key === "Enter") {
        args.onClose(true);
        move(event.shiftKey ? -1 : 1);
      } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        args.onClose(true);
        move(event.key === "ArrowDown" ? 1 : -1);
      }
      return;
    }
    const field = EDITABLE_COLUMNS.find((name) => name === column.key);
    // The paste event that follows is ours: without this the library would open the editor for it.
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "v") event.preventGridDefault();
    else if (canEdit && field && (event.key === "Delete" || event.key === "Backspace")) {
      event.preventGridDefault();
      onEdit([{ row: row.row, field, text: "" }]);
    } else if (event.key === "Enter" && (column.key === "entity" || column.key === "version")) {
      event.preventGridDefault();
      onOpen(row.row);
    }
  };

  const isEditing = (target: EventTarget) => target instanceof HTMLInputElement;
  const onCopy = (event: ClipboardEvent<HTMLDivElement>) => {
    const cell = active.current;
    if (!cell || isEditing(event.target)) return;
    const field = EDITABLE_COLUMNS.find((name) => name === cell.column.key);
    if (!field) return;
    event.preventDefault();
    const current = gridRows[cell.rowIdx];
    event.clipboardData.setData("text/plain", toTsv([[current ? cellText(current, field) : ""]]));
  };
  const onPaste = (event: ClipboardEvent<HTMLDivElement>) => {
    const cell = active.current;
    if (!cell || !canEdit || isEditing(event.target)) return;
    event.preventDefault();
    const block = readBlock(event.clipboardData.getData("text/plain"));
    const order = columns.map((column) => column.key);
    onEdit(pasteBlock(block, gridRows, order, cell.rowIdx, order.indexOf(cell.column.key)));
  };

  return (
    <div className="kp-grid" onCopy={onCopy} onPaste={onPaste} data-testid="targets-grid">
      <DataGrid<GridRow, unknown, Key>
        ref={grid}
        aria-label={i18n.t("targets.grid_label")}
        className="kp-grid__table"
        columns={columns}
        rows={gridRows}
        rowKeyGetter={(row) => row.key}
        rowHeight={ROW_HEIGHT}
        headerRowHeight={HEADER_HEIGHT}
        style={{
          blockSize: `min(${HEADER_HEIGHT + gridRows.length * ROW_HEIGHT + SCROLLBAR}px, max(320px, ${MAX_HEIGHT}))`,
        }}
        rowClass={(row) => `kp-row${row.edit ? " kp-row--dirty" : ""}`}
        selectedRows={selected as ReadonlySet<Key>}
        onSelectedRowsChange={(keys) => onSelect(keys as Set<string>)}
        sortColumns={sort}
        onSortColumnsChange={setSort}
        onRowsChange={commit}
        onFill={canEdit ? fill : undefined}
        onCellKeyDown={onKeyDown}
        onSelectedCellChange={(cell) => {
          active.current = cell;
        }}
        renderers={renderers}
        enableVirtualization={virtual}
      />
    </div>
  );
}

function cellText({ row, edit }: GridRow, field: TargetField): string {
  const pending = edit?.fields[field];
  if (pending) return pending.text;
  const value = editedValues(row, edit)[field];
  return fieldText(row, field, value);
}
