/** The year's rows: period, target, what the smaller periods leave over, last year, forecast, actual, state and steps. */
import { CheckCircleFilled, ExclamationCircleFilled, PartitionOutlined } from "@ant-design/icons";
import { Button, Input } from "antd";
import { useState } from "react";
import { stateOf } from "../../data/agreement";
import { formatAmount, groupDigits, toBig } from "../../data/decimal";
import { editedValues, fieldText, rowKey } from "../../data/edits";
import { formatPeriod } from "../../data/period";
import type { Me, TargetRow } from "../../data/types";
import { partsOf, type Year, type YearRow } from "../../data/year";
import { useI18n } from "../../i18n";
import type { DraftActions } from "../../pages/useDraftActions";
import { cellErrorText } from "../grid/columns";
import { Tag } from "../StatusTag";
import type { Asked } from "../target/AgreementDialog";
import { StateTag } from "../target/StateTag";
import { StepButtons } from "../target/StepButtons";

interface Props {
  year: Year;
  drafts: DraftActions;
  permissions: Me["permissions"] | undefined;
  canEdit: boolean;
  onAsk: (asked: Asked) => void;
  /** Shows a period's target in full. */
  onOpen: (row: TargetRow) => void;
  onSplit: (row: TargetRow) => void;
}

const HEADINGS = [
  ["targets.column.target_value", true],
  ["year.parts", true],
  ["year.residual", false],
  ["plan.last_year", true],
  ["year.forecast", true],
  ["targets.column.value", true],
  ["year.state", false],
] as const;

export function YearTable(props: Props) {
  const { t } = useI18n();
  return (
    <section
      className="kp-scroll"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={t("year.title")}
    >
      <table
        className="kp-table kp-table--tight kp-table--still kp-table--stack kp-year"
        data-testid="year-table"
      >
        <thead>
          <tr>
            <th scope="col">{t("filter.period")}</th>
            {HEADINGS.map(([key, isEnd]) => (
              <th key={key} scope="col" className={isEnd ? "kp-cell--end" : undefined}>
                {t(key)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.year.rows.map((one) => (
            <PeriodRow key={rowKey(one.row)} one={one} {...props} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function PeriodRow({
  one,
  year,
  drafts,
  permissions,
  canEdit,
  onAsk,
  onOpen,
  onSplit,
}: Props & { one: YearRow }) {
  const { t, locale } = useI18n();
  const { row } = one;
  const show = (value: string | null) =>
    formatAmount(value, row.number_format, { currency: row.currency, unit: row.unit });
  const name = formatPeriod(row.period_start, row.grain, locale);
  const state = stateOf(row);
  const canSplit = canEdit && year.kpi.is_additive && row.grain !== "month";
  return (
    <tr className={`kp-year__${row.grain}`} data-testid={`year-${row.grain}-${row.period_start}`}>
      <th scope="row" className="kp-stack--all">
        <button
          type="button"
          className="kp-open"
          title={t("year.open", { period: name })}
          onClick={() => onOpen(row)}
          data-testid="year-open"
        >
          {name}
        </button>
      </th>
      <td className="kp-cell--end kp-stack--all">
        <TargetCell {...{ row, name, drafts }} canEdit={canEdit && row.is_locked !== true} />
      </td>
      <Residual {...{ one, year, drafts, show }} />
      <td className="kp-cell--end kp-muted" data-label={t("plan.last_year")}>
        {show(one.last_year)}
      </td>
      <td className="kp-cell--end kp-muted" data-label={t("year.forecast")}>
        {show(one.p50)}
      </td>
      <td className="kp-cell--end" data-label={t("targets.column.value")}>
        {show(one.actual)}
        {one.actual !== null && !one.is_settled ? (
          <span className="kp-muted kp-objective__kind">{t("made.unsettled")}</span>
        ) : null}
      </td>
      <td className="kp-stack--all">
        <span className="kp-year__steps">
          {state ? <StateTag state={state} /> : <span className="kp-muted">—</span>}
          {drafts.edits.has(rowKey(row)) ? null : (
            <StepButtons row={row} permissions={permissions} onAsk={onAsk} steps={["lock", "unlock"]} />
          )}
          {canSplit ? (
            <Button icon={<PartitionOutlined />} onClick={() => onSplit(row)} data-testid="year-split">
              {t("split.action")}
              <span className="kp-hidden">{name}</span>
            </Button>
          ) : null}
        </span>
      </td>
    </tr>
  );
}

function TargetCell({
  row,
  name,
  drafts,
  canEdit,
}: {
  row: TargetRow;
  name: string;
  drafts: DraftActions;
  canEdit: boolean;
}) {
  const i18n = useI18n();
  const cell = drafts.edits.get(rowKey(row))?.fields.target_value;
  // What is typed stays as typed while it has the focus, even where it equals what is saved.
  const [typed, setTyped] = useState<string | null>(null);
  const saved = fieldText(row, "target_value", editedValues(row, undefined).target_value);
  const error = cell?.error ? cellErrorText(cell.error, i18n) : "";
  return (
    <span className="kp-manual__cell">
      <Input
        className={cell ? "kp-manual__typed" : undefined}
        value={typed ?? cell?.text ?? groupDigits(saved)}
        disabled={!canEdit}
        aria-label={i18n.t("year.target_of", { period: name })}
        aria-invalid={error !== ""}
        status={error ? "error" : undefined}
        inputMode="decimal"
        autoComplete="off"
        onChange={(event) => {
          setTyped(event.target.value);
          drafts.change([{ row, field: "target_value", text: event.target.value }]);
        }}
        onBlur={() => setTyped(null)}
      />
      {error ? (
        <span className="kp-field__error" role="alert">
          {error}
        </span>
      ) : null}
    </span>
  );
}

/** Two cells: what the smaller periods add up to, or imply of a ratio, and what that leaves over. */
function Residual({
  one,
  year,
  drafts,
  show,
}: {
  one: YearRow;
  year: Year;
  drafts: DraftActions;
  show: (value: string | null) => string;
}) {
  const { t } = useI18n();
  if (!year.kpi.is_additive) {
    return (
      <>
        <td className="kp-cell--end kp-muted">{one.implied === null ? "" : show(one.implied)}</td>
        <td className="kp-muted">{one.implied === null ? "" : t("year.implied")}</td>
      </>
    );
  }
  const parts = partsOf(year, one, drafts.edits);
  if (!parts) {
    return (
      <>
        <td />
        <td />
      </>
    );
  }
  const left = toBig(parts.residual);
  // A rest of cents is a rest.
  const { unit, currency } = one.row;
  const rest = unit === "money" ? formatAmount(parts.residual, "$,.2~f", { currency }) : show(parts.residual);
  return (
    <>
      <td className="kp-cell--end" data-label={t("year.parts")}>
        {show(parts.sum)}
      </td>
      <td className="kp-stack--two" data-testid="year-residual">
        {left ? (
          <Tag
            tone={left.eq(0) ? "ok" : "warn"}
            icon={left.eq(0) ? <CheckCircleFilled /> : <ExclamationCircleFilled />}
            text={
              left.eq(0)
                ? t("plan.residual_state.closed")
                : `${t(left.gt(0) ? "plan.residual_state.open" : "plan.residual_state.over")} ${rest}`
            }
          />
        ) : null}
        {parts.missing > 0 ? (
          <span className="kp-muted kp-objective__kind">{t("year.missing", { count: parts.missing })}</span>
        ) : null}
      </td>
    </>
  );
}
