/** Above the plan: what the selected cells hold, one text for all of them, fill, and their sum. */
import {
  ApartmentOutlined,
  ArrowDownOutlined,
  ArrowRightOutlined,
  QuestionCircleOutlined,
} from "@ant-design/icons";
import { Button, Input, Popover } from "antd";
import Big from "big.js";
import { useEffect, useState } from "react";
import { formatAmount, plain, toBig } from "../../data/decimal";
import { editedValues } from "../../data/edits";
import { formatPeriod } from "../../data/period";
import type { Plan } from "../../data/plan";
import { type Bounds, cellsOf } from "../../data/range";
import { useI18n } from "../../i18n";
import { cellText, PLAN_FIELD, type PlanRow } from "./planRows";

interface Props {
  plan: Plan;
  rows: readonly PlanRow[];
  range: Bounds | null;
  canEdit: boolean;
  onApply: (text: string) => void;
  onFill: (direction: "down" | "right") => void;
  /** Given where the first selected cell is a parent's, whose target can be split. */
  onSplit?: () => void;
}

export function FormulaBar({ plan, rows, range, canEdit, onApply, onFill, onSplit }: Props) {
  const { t, locale } = useI18n();
  const start = range ? cellText(rows[range.top], range.left) : "";
  const [text, setText] = useState(start);
  // Another selection starts from what it holds; what was typed and not applied was about the old one.
  useEffect(() => setText(start), [start]);
  const count = range ? (range.bottom - range.top + 1) * (range.right - range.left + 1) : 0;
  const row = range ? rows[range.top] : undefined;
  const period = range ? plan.periods[range.left] : undefined;
  const name =
    row && period
      ? `${row.tree.node.entity_name} · ${formatPeriod(period, plan.grain, locale)}`
      : t("plan.nothing_selected");
  return (
    <div className="kp-fx">
      <span className="kp-fx__name" data-testid="selection-name">
        {name}
        {count > 1 ? <span className="kp-muted"> {t("plan.more_cells", { count: count - 1 })}</span> : null}
      </span>
      {canEdit ? (
        <>
          <Input
            className="kp-fx__input"
            prefix={<span aria-hidden="true">ƒ</span>}
            value={text}
            disabled={!range}
            aria-label={t("plan.formula")}
            placeholder="=LY*1.1   +10%   125000"
            autoComplete="off"
            onChange={(event) => setText(event.target.value)}
            onPressEnter={(event) => {
              if (!event.nativeEvent.isComposing) onApply(text);
            }}
            onKeyDown={(event) => {
              if (event.key === "Escape") setText(start);
            }}
            data-testid="formula-bar"
          />
          <Button disabled={!range} onClick={() => onApply(text)} data-testid="formula-apply">
            {t("plan.apply", { count: Math.max(1, count) })}
          </Button>
          <Button
            icon={<ArrowDownOutlined />}
            disabled={!range || range.top === range.bottom}
            aria-label={t("plan.fill_down")}
            title={`${t("plan.fill_down")} (Ctrl+D)`}
            onClick={() => onFill("down")}
            data-testid="fill-down"
          />
          <Button
            icon={<ArrowRightOutlined />}
            disabled={!range || range.left === range.right}
            aria-label={t("plan.fill_right")}
            title={`${t("plan.fill_right")} (Ctrl+R)`}
            onClick={() => onFill("right")}
            data-testid="fill-right"
          />
          <Button icon={<ApartmentOutlined />} disabled={!onSplit} onClick={onSplit} data-testid="split">
            {t("split.action")}
          </Button>
        </>
      ) : null}
      <span className="kp-fx__sum kp-muted" role="status">
        {range && count > 1 ? <SelectionSum plan={plan} rows={rows} range={range} /> : null}
      </span>
      <Popover content={<Keys />} title={t("plan.keys")} trigger="click" placement="bottomRight">
        <Button type="text" icon={<QuestionCircleOutlined />} aria-label={t("plan.keys")} />
      </Popover>
    </div>
  );
}

/** Sum of an additive KPI's selected cells, average of a ratio's; residual rows don't count. */
function SelectionSum({ plan, rows, range }: { plan: Plan; rows: readonly PlanRow[]; range: Bounds }) {
  const { t } = useI18n();
  const numbers = cellsOf(range).flatMap(({ row, column }) => {
    const cell = rows[row]?.cells[column];
    const number = cell ? toBig(editedValues(cell.row, cell.edit)[PLAN_FIELD]) : null;
    return number ? [number] : [];
  });
  if (numbers.length === 0) return null;
  const sum = numbers.reduce((total, one) => total.plus(one), new Big(0));
  const { kpi } = plan;
  const options = { currency: kpi.currency, unit: kpi.unit };
  const value = kpi.is_additive ? sum : sum.div(numbers.length);
  return (
    <>
      {t(kpi.is_additive ? "plan.sum" : "plan.average", {
        value: formatAmount(plain(value), kpi.number_format, options),
        count: numbers.length,
      })}
    </>
  );
}

const KEYS: [string, string][] = [
  ["↑ ↓ ← →", "move"],
  ["Shift + ↑ ↓ ← →", "select"],
  ["Ctrl + A", "all"],
  ["Home / End", "row"],
  ["Ctrl + Home / End", "sheet"],
  ["PageUp / PageDown", "page"],
  ["Enter / F2", "edit"],
  ["Esc", "escape"],
  ["Delete", "clear"],
  ["Ctrl + C / V", "copy"],
  ["Ctrl + D / R", "fill"],
  ["Ctrl + Z / Y", "undo"],
  ["Alt + Enter", "open"],
];

function Keys() {
  const { label } = useI18n();
  return (
    <dl className="kp-keys">
      {KEYS.map(([keys, what]) => (
        <div key={what}>
          <dt>
            <kbd>{keys}</kbd>
          </dt>
          <dd>{label("plan_key", what)}</dd>
        </div>
      ))}
    </dl>
  );
}
