/**
 * The plan as a spreadsheet: the tree of entities down, periods across, virtualised both ways. Keys follow the
 * WAI-ARIA pattern of a tree grid. The grid library stays behind this component.
 */
import {
  type ClipboardEvent,
  type Key,
  type MouseEvent,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import DataGrid, {
  type CellKeyboardEvent,
  type CellKeyDownArgs,
  type CellSelectArgs,
  type DataGridHandle,
  type FillEvent,
  type Renderers,
  Row,
  type RowsChangeData,
} from "react-data-grid";
import type { Change, Edits } from "../../data/edits";
import type { Plan, PlanNode } from "../../data/plan";
import { bounds, type Cell, extend, isSingle, type Range, single, toTsv } from "../../data/range";
import type { Tree, TreeRow } from "../../data/tree";
import type { TargetRow } from "../../data/types";
import { useI18n } from "../../i18n";
import { readBlock } from "./clipboard";
import { FormulaBar } from "./FormulaBar";
import { buildPlanColumns, LEADING, PERIOD_WIDTH, type PlanContext } from "./planColumns";
import {
  applyText,
  buildPlanRows,
  canEditCell,
  cellText,
  copyBlock,
  fillRange,
  PLAN_FIELD,
  type PlanRow,
  pasteText,
  type RangeEdit,
  withSelection,
} from "./planRows";

interface Props {
  plan: Plan;
  tree: Tree<PlanNode>;
  treeRows: readonly TreeRow<PlanNode>[];
  edits: Edits;
  canEdit: boolean;
  /** The period to begin at. */
  current: string;
  onToggle: (entityId: string) => void;
  onEdit: (changes: Change[]) => void;
  /** Cells that a paste, fill or formula left alone. */
  onSkipped: (count: number) => void;
  onOpen: (row: TargetRow) => void;
  onSplit: (row: TargetRow) => void;
  virtual?: boolean;
}

const ROW_HEIGHT = 54;
const RESIDUAL_HEIGHT = 28;
const HEADER_HEIGHT = 32;
const MAX_HEIGHT = "calc(100vh - 300px)";
const ARROWS: Record<string, [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

export function PlanGrid(props: Props) {
  const { plan, tree, treeRows, edits, canEdit, current, onToggle, onEdit, onSkipped, onOpen, onSplit } =
    props;
  const { virtual = true } = props;
  const i18n = useI18n();
  const grid = useRef<DataGridHandle>(null);
  const [range, setRange] = useState<Range | null>(null);
  const toggle = useCallback((row: PlanRow) => onToggle(row.tree.node.entity_id), [onToggle]);
  const context = useMemo<PlanContext>(
    () => ({ i18n, plan, canEdit, current, onToggle: toggle, onOpen }),
    [i18n, plan, canEdit, current, toggle, onOpen],
  );
  const columns = useMemo(() => buildPlanColumns(context), [context]);
  const built = useMemo(() => buildPlanRows(plan, tree, treeRows, edits), [plan, tree, treeRows, edits]);
  const count = plan.periods.length;
  // Rows may have been folded away under the selection.
  const box = useMemo(() => {
    const found = range ? bounds(range) : null;
    return found && found.bottom < built.length && found.right < count ? found : null;
  }, [range, built.length, count]);
  const rows = useMemo(() => withSelection(built, box), [built, box]);
  useLayoutEffect(() => {
    // Said here and not by the library's own prop, which would add a way of focusing rows that this grid has no use for.
    grid.current?.element?.setAttribute("role", "treegrid");
  });
  const currentIndex = plan.periods.indexOf(current);
  useEffect(() => {
    // The period before it stays in sight.
    if (currentIndex > 0) scrollTo(grid.current?.element, currentIndex - 1);
  }, [currentIndex]);

  const edit = ({ changes, skipped }: RangeEdit) => {
    if (changes.length > 0) onEdit(changes);
    if (skipped > 0) onSkipped(skipped);
  };
  /** Back from the bar to the cell that is in the order of Tab. */
  const refocus = () =>
    grid.current?.element?.querySelector<HTMLElement>("[role=gridcell][tabindex='0']")?.focus();

  const commit = (changed: PlanRow[], { indexes }: RowsChangeData<PlanRow>) => {
    const changes: Change[] = [];
    for (const index of indexes) {
      const pending = changed[index]?.pending;
      const cell = pending ? changed[index]?.cells[pending.column] : undefined;
      if (pending && canEditCell(cell))
        changes.push({ row: cell.row, field: PLAN_FIELD, text: pending.text });
    }
    onEdit(changes);
  };
  const dragFill = ({ columnKey, sourceRow, targetRow }: FillEvent<PlanRow>): PlanRow => {
    const column = plan.periods.indexOf(columnKey);
    if (column < 0 || !canEditCell(targetRow.cells[column])) return targetRow;
    return { ...targetRow, pending: { column, text: cellText(sourceRow, column) } };
  };

  const onSelected = ({ rowIdx, column }: CellSelectArgs<PlanRow>) => {
    const at = { row: rowIdx, column: column.idx - LEADING };
    setRange(rowIdx < 0 || at.column < 0 ? null : single(at));
  };

  const onSelectKey = (args: CellKeyDownArgs<PlanRow>, event: CellKeyboardEvent) => {
    const { rowIdx, row, column } = args;
    const stop = () => {
      event.preventGridDefault();
      event.preventDefault();
    };
    const isCtrl = event.ctrlKey || event.metaKey;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const at = column.idx - LEADING;
    if (isCtrl && key === "Home") {
      // The headings are cells too for the library; a spreadsheet's first cell is the first of its rows.
      stop();
      grid.current?.selectCell({ rowIdx: 0, idx: 0 });
      return;
    }
    if (at < 0) {
      if (column.idx === 0 && treeKey(key, row)) stop();
      return;
    }
    const arrow = ARROWS[key];
    if (event.altKey && key === "Enter") {
      stop();
      const cell = row.cells[at];
      if (cell) onOpen(cell.row);
    } else if (arrow && event.shiftKey) {
      stop();
      const next = extend(
        range ?? single({ row: rowIdx, column: at }),
        arrow[0],
        arrow[1],
        rows.length,
        count,
      );
      setRange(next);
      grid.current?.scrollToCell({ rowIdx: next.head.row, idx: next.head.column + LEADING });
    } else if (isCtrl && key === "a") {
      stop();
      setRange({ anchor: { row: 0, column: 0 }, head: { row: rows.length - 1, column: count - 1 } });
    } else if (isCtrl && (key === "d" || key === "r")) {
      stop();
      if (box && canEdit) edit(fillRange(rows, box, key === "d" ? "down" : "right"));
    } else if (isCtrl && key === "v") {
      // The paste event that follows is ours: without this the library would open the editor for it.
      event.preventGridDefault();
    } else if ((key === "Delete" || key === "Backspace") && canEdit) {
      stop();
      if (box) edit(applyText(rows, box, ""));
    } else if (key === "Escape" && range && !isSingle(range)) {
      stop();
      setRange(single({ row: rowIdx, column: at }));
    }
  };

  /** On the tree's own column the arrows open and close, as in any tree; elsewhere they move. */
  const treeKey = (key: string, { tree: place, cells, ...row }: PlanRow): boolean => {
    if (place.kind === "residual") return false;
    const opens = key === "ArrowRight" && place.hasChildren && !place.isExpanded;
    const closes = key === "ArrowLeft" && place.isExpanded;
    if (opens || closes || (key === " " && place.hasChildren)) {
      toggle({ ...row, tree: place, cells });
      return true;
    }
    const first = cells[0];
    if (key !== "Enter" || !first) return false;
    onOpen(first.row);
    return true;
  };

  const onKeyDown = (args: CellKeyDownArgs<PlanRow>, event: CellKeyboardEvent) => {
    if (args.mode === "SELECT") return args.row ? onSelectKey(args as never, event) : undefined;
    if (event.nativeEvent.isComposing) return event.preventGridDefault();
    const step = event.key === "Enter" ? (event.shiftKey ? -1 : 1) : (ARROWS[event.key]?.[0] ?? 0);
    if (step === 0) return;
    event.preventGridDefault();
    event.preventDefault();
    args.onClose(true);
    const next = Math.max(0, Math.min(args.rowIdx + step, rows.length - 1));
    grid.current?.selectCell({ idx: args.column.idx, rowIdx: next });
  };

  const isEditing = (target: EventTarget) => target instanceof HTMLInputElement;
  const onCopy = (event: ClipboardEvent<HTMLDivElement>) => {
    if (!box || isEditing(event.target)) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", toTsv(copyBlock(rows, box)));
  };
  const onPaste = (event: ClipboardEvent<HTMLDivElement>) => {
    if (!box || !canEdit || isEditing(event.target)) return;
    event.preventDefault();
    edit(pasteText(rows, box, readBlock(event.clipboardData.getData("text/plain"))));
  };

  /** The mouse selects from where it goes down; with Shift the cell becomes the range's head, and the anchor stays. */
  const onMouseDown = (event: MouseEvent) => {
    const at = cellUnder(event.target, headerRows);
    if (event.button !== 0 || !at || at.row >= rows.length) return;
    if (event.shiftKey && range) {
      event.preventDefault();
      setRange({ ...range, head: at });
    } else grid.current?.selectCell({ rowIdx: at.row, idx: at.column + LEADING });
  };
  const onMouseOver = (event: MouseEvent) => {
    if (event.buttons !== 1) return;
    const at = cellUnder(event.target, headerRows);
    if (at && at.row < rows.length) setRange((known) => (known ? { ...known, head: at } : known));
  };

  const splitting = box ? rows[box.top] : undefined;
  const splitRow =
    splitting?.tree.hasChildren && plan.kpi.is_additive ? splitting.cells[box?.left ?? 0]?.row : undefined;
  const headerRows = plan.grain === "year" ? 1 : 2;
  const renderers = useMemo<Renderers<PlanRow, unknown>>(
    () => ({
      renderRow: (key, rowProps) => {
        const { tree: place } = rowProps.row;
        return (
          <Row
            key={key}
            {...rowProps}
            aria-level={place.level}
            aria-posinset={place.position}
            aria-setsize={place.siblings}
            aria-expanded={place.hasChildren ? place.isExpanded : undefined}
          />
        );
      },
    }),
    [],
  );
  const height = rows.reduce((sum, row) => sum + heightOf(row), 0) + headerRows * HEADER_HEIGHT + 18;

  return (
    <div className="kp-plan">
      <FormulaBar
        plan={plan}
        rows={rows}
        range={box}
        canEdit={canEdit}
        onApply={(text) => {
          if (box) edit(applyText(rows, box, text));
          refocus();
        }}
        onFill={(direction) => {
          if (box) edit(fillRange(rows, box, direction));
          refocus();
        }}
        onSplit={splitRow ? () => onSplit(splitRow) : undefined}
      />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the grid inside is the control; this only hears its events */}
      {/* biome-ignore lint/a11y/useKeyWithMouseEvents: Shift and the arrows select by keyboard */}
      <div
        className="kp-grid"
        onCopy={onCopy}
        onPaste={onPaste}
        onMouseDown={onMouseDown}
        onMouseOver={onMouseOver}
        data-testid="plan-grid"
      >
        <DataGrid<PlanRow, unknown, Key>
          ref={grid}
          aria-label={i18n.t("plan.grid_label", { kpi: plan.kpi.name })}
          className="kp-grid__table"
          columns={columns}
          rows={rows}
          rowKeyGetter={(row) => row.key}
          rowHeight={heightOf}
          headerRowHeight={HEADER_HEIGHT}
          style={{ blockSize: `min(${height}px, max(320px, ${MAX_HEIGHT}))` }}
          rowClass={(row) => `kp-row kp-row--${row.tree.kind}`}
          onRowsChange={commit}
          onFill={canEdit ? dragFill : undefined}
          onCellKeyDown={onKeyDown}
          onCellClick={(_, event) => {
            if (event.shiftKey) event.preventGridDefault();
          }}
          onCellDoubleClick={({ row, column }, event) => {
            const cell = row.cells[column.idx - LEADING];
            if (!cell || (canEdit && canEditCell(cell))) return;
            event.preventGridDefault();
            onOpen(cell.row);
          }}
          onSelectedCellChange={onSelected}
          renderers={renderers}
          enableVirtualization={virtual}
        />
      </div>
    </div>
  );
}

/** Brings a period's column to the edge of the frozen ones. */
function scrollTo(element: HTMLElement | null | undefined, column: number): void {
  if (element) element.scrollLeft = column * PERIOD_WIDTH;
}

/** The cell of a period under the mouse; nothing over a button, an editor, the fill handle or the tree. */
function cellUnder(target: EventTarget, headerRows: number): Cell | null {
  if (!(target instanceof Element) || target.closest("button, input, .rdg-cell-drag-handle")) return null;
  const cell = target.closest("[role=gridcell]");
  const column = Number(cell?.getAttribute("aria-colindex")) - 1 - LEADING;
  const row = Number(cell?.closest("[role=row]")?.getAttribute("aria-rowindex")) - 1 - headerRows;
  return cell && row >= 0 && column >= 0 ? { row, column } : null;
}

function heightOf(row: PlanRow): number {
  return row.tree.kind === "residual" ? RESIDUAL_HEIGHT : ROW_HEIGHT;
}
