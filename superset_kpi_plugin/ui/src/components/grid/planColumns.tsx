/** The plan's columns: the frozen tree, the trend, and one column a period below its quarter or year. */
import { CaretDownOutlined, CaretRightOutlined } from "@ant-design/icons";
import type { Column, ColumnOrColumnGroup } from "react-data-grid";
import { formatPeriod } from "../../data/period";
import { type Plan, periodGroup } from "../../data/plan";
import type { TargetRow } from "../../data/types";
import type { I18n } from "../../i18n";
import { EntityKind } from "../EntityKind";
import { Sparkline } from "../Sparkline";
import { PlanCell, ResidualCell } from "./PlanCell";
import { PlanEditor } from "./PlanEditor";
import { canEditCell, PLAN_FIELD, type PlanRow } from "./planRows";

/** Columns before the first period. */
export const LEADING = 2;
const TREND_WIDTH = 104;
export const PERIOD_WIDTH = 212;

export interface PlanContext {
  i18n: I18n;
  plan: Pick<Plan, "kpi" | "periods" | "grain">;
  canEdit: boolean;
  /** The period that the page is about; its heading stands out. */
  current: string;
  onToggle: (row: PlanRow) => void;
  onOpen: (row: TargetRow) => void;
}

export function buildPlanColumns(context: PlanContext): ColumnOrColumnGroup<PlanRow>[] {
  const { plan, i18n } = context;
  const groups: { name: string; key: string; children: Column<PlanRow>[] }[] = [];
  plan.periods.forEach((period, at) => {
    const above = periodGroup(period, plan.grain);
    if (groups.at(-1)?.key !== above.start) {
      groups.push({
        key: above.start,
        name: formatPeriod(above.start, above.grain, i18n.locale),
        children: [],
      });
    }
    groups.at(-1)?.children.push(periodColumn(period, at, context));
  });
  const leading = [treeColumn(context), trendColumn(context)];
  // Above years there is nothing.
  if (plan.grain === "year") return [...leading, ...groups.flatMap((group) => group.children)];
  return [
    ...leading,
    ...groups.map(({ name, children }) => ({ name, children, headerCellClass: "kp-head" })),
  ];
}

function treeColumn({ i18n, plan, current, onToggle, onOpen }: PlanContext): Column<PlanRow> {
  return {
    key: "tree",
    name: i18n.t("targets.column.entity"),
    width: 244,
    minWidth: 150,
    frozen: true,
    resizable: true,
    headerCellClass: "kp-head",
    cellClass: (row) => `kp-cell kp-tree kp-tree--${row.tree.kind}`,
    renderCell: ({ row, tabIndex }) => (
      <TreeCell {...{ row, tabIndex, i18n, plan, current, onToggle, onOpen }} />
    ),
  };
}

interface TreeCellProps extends Pick<PlanContext, "i18n" | "plan" | "current" | "onToggle" | "onOpen"> {
  row: PlanRow;
  tabIndex: number;
}

function TreeCell({ row, tabIndex, i18n: { t }, plan, current, onToggle, onOpen }: TreeCellProps) {
  const { node, level, hasChildren, isExpanded, kind } = row.tree;
  const indent = { paddingInlineStart: (level - 1) * 16 };
  if (kind === "residual") {
    return (
      <span className="kp-tree__residual" style={indent}>
        {t(plan.kpi.is_additive ? "plan.residual_of" : "plan.implied_of", { entity: node.entity_name })}
      </span>
    );
  }
  // The period that the page is at, else the horizon's first.
  const shown = (row.cells.find((cell) => cell.row.period_start === current) ?? row.cells[0])?.row;
  return (
    <span className="kp-tree__node" style={indent}>
      {hasChildren ? (
        <button
          type="button"
          className="kp-tree__toggle"
          tabIndex={-1}
          aria-label={t(isExpanded ? "plan.fold" : "plan.unfold", { entity: node.entity_name })}
          onClick={() => onToggle(row)}
          data-testid="tree-toggle"
        >
          {isExpanded ? <CaretDownOutlined /> : <CaretRightOutlined />}
        </button>
      ) : (
        <span className="kp-tree__toggle" />
      )}
      <button
        type="button"
        className="kp-entity"
        tabIndex={tabIndex}
        onClick={() => shown && onOpen(shown)}
        title={`${node.entity_name} (${node.entity_id})`}
        data-testid="open-node"
      >
        <span className="kp-entity__name">{node.entity_name}</span>
        <span className="kp-entity__kind">
          <EntityKind entity={node} />
        </span>
      </button>
    </span>
  );
}

function trendColumn({ i18n: { t } }: PlanContext): Column<PlanRow> {
  return {
    key: "trend",
    name: t("plan.trend"),
    width: TREND_WIDTH,
    frozen: true,
    headerCellClass: "kp-head",
    cellClass: "kp-cell",
    renderCell: ({ row }) =>
      row.tree.kind === "node" ? (
        <Sparkline
          values={row.series}
          label={t("plan.trend_of", { entity: row.tree.node.entity_name, count: row.series.length })}
        />
      ) : null,
  };
}

function periodColumn(period: string, at: number, context: PlanContext): Column<PlanRow> {
  const { i18n, plan, canEdit } = context;
  return {
    key: period,
    name: shortPeriod(period, context),
    width: PERIOD_WIDTH,
    minWidth: 120,
    resizable: true,
    headerCellClass: `kp-head kp-cell--end${period === context.current ? " kp-head--now" : ""}`,
    cellClass: (row) => cellClass(row, at, canEdit),
    editable: (row) => canEdit && canEditCell(row.cells[at]),
    renderCell: ({ row }) => {
      const cell = row.cells[at];
      if (cell) return <PlanCell cell={cell} i18n={i18n} />;
      const rollup = row.rollups[at];
      return rollup ? <ResidualCell rollup={rollup} kpi={plan.kpi} i18n={i18n} /> : null;
    },
    renderEditCell: canEdit ? (props) => <PlanEditor {...props} at={at} period={period} /> : undefined,
  };
}

function shortPeriod(period: string, { plan, i18n }: PlanContext): string {
  return formatPeriod(period, plan.grain, i18n.locale);
}

function cellClass(row: PlanRow, at: number, canEdit: boolean): string {
  const names = ["kp-cell", "kp-pcell"];
  const cell = row.cells[at];
  if (!cell) names.push("kp-pcell--sum");
  else if (!canEditCell(cell)) names.push("kp-pcell--locked");
  else if (canEdit) names.push("kp-cell--editable");
  const edit = cell?.edit?.fields[PLAN_FIELD];
  if (edit) names.push(edit.error ? "kp-cell--error" : "kp-cell--dirty");
  const { selected } = row;
  if (selected && at >= selected.left && at <= selected.right) {
    names.push("kp-pcell--in");
    if (selected.isTop) names.push("kp-pcell--top");
    if (selected.isBottom) names.push("kp-pcell--bottom");
    if (at === selected.left) names.push("kp-pcell--left");
    if (at === selected.right) names.push("kp-pcell--right");
  }
  return names.join(" ");
}
