/** The grid's columns: what each shows, which can be edited, how wide they are. */
import { ExclamationCircleFilled } from "@ant-design/icons";
import { Tooltip } from "antd";
import { type Column, type RenderCellProps, SelectColumn } from "react-data-grid";
import { formatAmount } from "../../data/decimal";
import { type CellEdit, editedValues, fieldCurrency, fieldFormat, fieldUnit } from "../../data/edits";
import { type TargetField, type TargetRow, TEXT_FIELDS } from "../../data/types";
import type { I18n, MessageKey } from "../../i18n";
import { AttainmentBar } from "../AttainmentBar";
import { EntityKind } from "../EntityKind";
import { KpiName } from "../KpiName";
import { StatusTag } from "../StatusTag";
import { GapText } from "../target/GapText";
import { VersionBadge } from "../target/VersionBadge";
import { CellEditor } from "./CellEditor";
import { EDITABLE_COLUMNS, type GridRow } from "./rows";

export interface ColumnContext {
  i18n: I18n;
  canEdit: boolean;
  onOpen: (row: TargetRow) => void;
}

interface Spec {
  key: string;
  title: MessageKey;
  width: number;
  frozen?: boolean;
  align?: "end";
  render?: (row: TargetRow, context: ColumnContext, tabIndex: number) => React.ReactNode;
}

const SPECS: readonly Spec[] = [
  { key: "entity", title: "targets.column.entity", width: 196, frozen: true, render: renderEntity },
  {
    key: "kpi",
    title: "targets.column.kpi",
    width: 146,
    frozen: true,
    render: (row, _, tabIndex) => (
      <Text>
        <KpiName kpi={row} tabIndex={tabIndex} />
      </Text>
    ),
  },
  { key: "floor_value", title: "targets.column.floor_value", width: 94, align: "end" },
  { key: "target_value", title: "targets.column.target_value", width: 100, align: "end" },
  { key: "stretch_value", title: "targets.column.stretch_value", width: 94, align: "end" },
  {
    key: "value",
    title: "targets.column.value",
    width: 100,
    align: "end",
    render: (row) => renderAmount(row, row.status?.value),
  },
  {
    key: "attainment",
    title: "targets.column.attainment",
    width: 142,
    render: (row) => <AttainmentBar row={row} />,
  },
  {
    key: "expected",
    title: "targets.column.expected",
    width: 98,
    align: "end",
    render: (row) => renderAmount(row, row.status?.expected_value),
  },
  {
    key: "gap",
    title: "targets.column.gap",
    width: 98,
    align: "end",
    render: (row) => <GapText row={row} />,
  },
  {
    key: "status",
    title: "targets.column.status",
    width: 112,
    render: (row) => <StatusTag status={row.status?.status} />,
  },
  { key: "version", title: "targets.column.version", width: 136, render: renderVersion },
  { key: "warn_limit", title: "targets.column.warn_limit", width: 104, align: "end" },
  { key: "breach_limit", title: "targets.column.breach_limit", width: 104, align: "end" },
  { key: "budget", title: "targets.column.budget", width: 110, align: "end" },
  { key: "headcount", title: "targets.column.headcount", width: 92, align: "end" },
  { key: "owner", title: "targets.column.owner", width: 140 },
];

export function buildColumns(context: ColumnContext): Column<GridRow>[] {
  const select: Column<GridRow>[] = [{ ...SelectColumn, width: 40, minWidth: 40, maxWidth: 40 }];
  return select.concat(SPECS.map((spec) => toColumn(spec, context)));
}

function toColumn(spec: Spec, context: ColumnContext): Column<GridRow> {
  const field = EDITABLE_COLUMNS.find((name) => name === spec.key);
  const align = spec.align === "end" ? " kp-cell--end" : "";
  const base: Column<GridRow> = {
    key: spec.key,
    name: context.i18n.t(spec.title),
    width: spec.width,
    minWidth: 72,
    frozen: spec.frozen,
    resizable: true,
    sortable: true,
    headerCellClass: `kp-head${align}`,
    cellClass: (row) => `kp-cell${align}${field ? fieldClass(row, field, context.canEdit) : ""}`,
  };
  if (!field) {
    return { ...base, renderCell: ({ row, tabIndex }) => spec.render?.(row.row, context, tabIndex) };
  }
  return {
    ...base,
    editable: context.canEdit,
    renderCell: (props) => <FieldCell {...props} field={field} i18n={context.i18n} />,
    renderEditCell: context.canEdit ? (props) => <CellEditor {...props} field={field} /> : undefined,
  };
}

function fieldClass(row: GridRow, field: TargetField, canEdit: boolean): string {
  const cell = row.edit?.fields[field];
  const editable = canEdit ? " kp-cell--editable" : "";
  if (!cell) return editable;
  return `${editable} kp-cell--dirty${cell.error ? " kp-cell--error" : ""}`;
}

export function cellErrorText(error: CellEdit["error"], i18n: I18n): string {
  if (!error) return "";
  if (typeof error === "string") return i18n.t(error);
  return "message" in error ? error.message : i18n.t(error.code, { at: error.at });
}

function FieldCell({ row, field, i18n }: RenderCellProps<GridRow> & { field: TargetField; i18n: I18n }) {
  const cell = row.edit?.fields[field];
  const value = editedValues(row.row, row.edit)[field];
  const shown = TEXT_FIELDS.includes(field)
    ? value || "—"
    : formatAmount(value, fieldFormat(row.row, field), {
        currency: fieldCurrency(row.row, field, row.edit),
        unit: fieldUnit(row.row, field),
      });
  const inForce = limitInForce(row.row, field);
  if (!cell?.error && value === null && inForce) {
    return (
      <span
        className="kp-muted kp-default"
        title={i18n.t("targets.default_limit")}
        data-testid={`cell-${field}`}
        data-field={field}
      >
        {formatAmount(inForce, row.row.number_format, { currency: row.row.currency, unit: row.row.unit })}
      </span>
    );
  }
  if (!cell?.error) {
    return (
      <span
        className={value === null ? "kp-muted" : undefined}
        data-testid={`cell-${field}`}
        data-field={field}
      >
        {shown}
      </span>
    );
  }
  const message = cellErrorText(cell.error, i18n);
  return (
    <Tooltip title={message}>
      <span className="kp-cell__error" data-testid="cell-error" data-field={field}>
        <ExclamationCircleFilled aria-hidden="true" />
        <span>{cell.text || "—"}</span>
        <span className="kp-hidden">{message}</span>
      </span>
    </Tooltip>
  );
}

/** The limit that holds where none is set: the contract derives it from the target. */
function limitInForce(row: TargetRow, field: TargetField): string | null {
  return field === "warn_limit" || field === "breach_limit" ? (row.status?.[field] ?? null) : null;
}

function Text({ children }: { children: React.ReactNode }) {
  return (
    <span className="kp-ellipsis" title={typeof children === "string" ? children : undefined}>
      {children}
    </span>
  );
}

function renderEntity(row: TargetRow, { onOpen }: ColumnContext, tabIndex: number) {
  return (
    <button
      type="button"
      className="kp-entity"
      tabIndex={tabIndex}
      onClick={() => onOpen(row)}
      title={`${row.entity_name} (${row.entity_id})`}
      data-testid="open-target"
    >
      <span className="kp-entity__name">{row.entity_name}</span>
      <span className="kp-entity__kind">
        <EntityKind entity={row} />
      </span>
    </button>
  );
}

function renderAmount(row: TargetRow, value: string | null | undefined) {
  return <span>{formatAmount(value, row.number_format, { currency: row.currency, unit: row.unit })}</span>;
}

function renderVersion(row: TargetRow) {
  return <VersionBadge row={row} />;
}
