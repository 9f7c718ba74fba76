/** One cell of the plan: the target and its state, the status, last year, the forecast and the chance to reach it. */
import { ExclamationCircleFilled } from "@ant-design/icons";
import { memo } from "react";
import { formatAmount, formatCompact, formatShare } from "../../data/decimal";
import { type CellEdit, editedValues } from "../../data/edits";
import type { PlanKpi } from "../../data/plan";
import { type Rollup, residualState } from "../../data/tree";
import type { TargetRow } from "../../data/types";
import type { I18n } from "../../i18n";
import { StatusTag } from "../StatusTag";
import { StateIcon } from "../target/StateTag";
import { cellErrorText } from "./columns";
import { ForecastBand } from "./ForecastBand";
import { PLAN_FIELD, type PlanCellData } from "./planRows";

interface Props {
  cell: PlanCellData;
  i18n: I18n;
}

/** Drawn again only when the cell itself changes, not with every step of the selection. */
export const PlanCell = memo(function PlanCell({ cell, i18n }: Props) {
  const { row, edit } = cell;
  const changed = edit?.fields[PLAN_FIELD];
  if (changed?.error) return <CellError cell={changed} i18n={i18n} />;
  const target = editedValues(row, edit)[PLAN_FIELD];
  const options = { currency: row.currency, unit: row.unit };
  return (
    <span className="kp-pc" data-testid="plan-cell" title={cellHint(row, i18n)}>
      <span className="kp-pc__top">
        {row.status?.status ? <StatusTag status={row.status.status} /> : <span />}
        <span className={`kp-pc__value${target === null ? " kp-muted" : ""}`}>
          <StateIcon state={row.is_locked ? "locked" : (row.state ?? null)} />
          {formatAmount(target, row.number_format, options)}
        </span>
      </span>
      <Beside row={row} target={target} isChanged={changed !== undefined} i18n={i18n} />
    </span>
  );
});

function Beside({
  row,
  target,
  isChanged,
  i18n: { t },
}: {
  row: TargetRow;
  target: string | null;
  isChanged: boolean;
  i18n: I18n;
}) {
  const facts = row.facts;
  if (!facts) return <span className="kp-pc__low" />;
  const options = { currency: row.currency, unit: row.unit };
  return (
    <span className="kp-pc__low">
      <span>
        <span className="kp-hidden">{t("plan.last_year")} </span>
        <span aria-hidden="true">{t("plan.last_year_short")} </span>
        {formatCompact(facts.last_year, row.number_format, options)}
      </span>
      <ForecastBand facts={facts} target={target} />
      <span className="kp-pc__chance">
        <span className="kp-hidden">{t("plan.chance")} </span>
        {/* The chance belongs to the saved target, not to what is being typed. */}
        {isChanged ? "…" : facts.probability ? formatShare(facts.probability).replace(/\.\d+/, "") : "—"}
      </span>
    </span>
  );
}

function cellHint(row: TargetRow, { t }: I18n): string | undefined {
  const facts = row.facts;
  if (!facts) return undefined;
  const show = (value: string | null) =>
    formatAmount(value, row.number_format, { currency: row.currency, unit: row.unit });
  if (!facts.p50) return t("plan.no_history");
  return t("plan.hint", {
    last: show(facts.last_year),
    p20: show(facts.p20),
    p50: show(facts.p50),
    p80: show(facts.p80),
    chance: formatShare(facts.probability),
  });
}

function CellError({ cell, i18n }: { cell: CellEdit; i18n: I18n }) {
  const message = cellErrorText(cell.error, i18n);
  return (
    <span className="kp-cell__error" title={message} data-testid="cell-error">
      <ExclamationCircleFilled aria-hidden="true" />
      <span>{cell.text || "—"}</span>
      <span className="kp-hidden">{message}</span>
    </span>
  );
}

const TONE = { none: "muted", open: "warn", over: "breach", closed: "ok" } as const;

/** The residual of a parent in one period; for a ratio there is none: only that its children don't add up. */
export function ResidualCell({ rollup, kpi, i18n }: { rollup: Rollup; kpi: PlanKpi; i18n: I18n }) {
  const { t } = i18n;
  if (!kpi.is_additive) return <ImpliedCell implied={rollup.implied ?? null} kpi={kpi} i18n={i18n} />;
  if (rollup.isMixed) {
    return <span className="kp-residual kp-residual--muted">{t("plan.mixed_currency")}</span>;
  }
  const state = residualState(rollup);
  const show = (value: string | null) =>
    formatAmount(value, kpi.number_format, { currency: kpi.currency, unit: kpi.unit });
  const hint = t("plan.residual_hint", {
    sum: show(rollup.sum),
    set: rollup.set,
    children: rollup.count,
  });
  return (
    <span
      className={`kp-residual kp-residual--${TONE[state]}`}
      title={hint}
      data-testid="residual"
      data-state={state}
    >
      <span className="kp-residual__word">{t(`plan.residual_state.${state}`)}</span>
      <span>{state === "none" || state === "closed" ? "" : show(rollup.residual)}</span>
      <span className="kp-hidden">{hint}</span>
    </span>
  );
}

/** What the targets of a ratio's children come to, by their numerators and denominators. */
function ImpliedCell({ implied, kpi, i18n: { t } }: { implied: string | null; kpi: PlanKpi; i18n: I18n }) {
  return (
    <span className="kp-residual kp-residual--muted" title={t("plan.implied_hint")} data-testid="implied">
      <span />
      <span>{formatAmount(implied, kpi.number_format, { unit: kpi.unit, currency: kpi.currency })}</span>
    </span>
  );
}
