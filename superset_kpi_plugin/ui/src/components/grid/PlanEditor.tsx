/** Editor of one cell of the plan: takes amounts, `+10%` and formulas. */
import { useState } from "react";
import type { RenderEditCellProps } from "react-data-grid";
import { formatPeriod } from "../../data/period";
import { useI18n } from "../../i18n";
import { cellText, type PlanRow } from "./planRows";

interface Props extends RenderEditCellProps<PlanRow> {
  at: number;
  period: string;
}

export function PlanEditor({ row, at, period, onRowChange, onClose }: Props) {
  const { t, locale } = useI18n();
  const [text, setText] = useState(() => row.pending?.text ?? cellText(row, at));
  const grain = row.cells[at]?.row.grain ?? "month";
  return (
    <input
      className="kp-editor"
      aria-label={`${t("targets.column.target_value")}, ${row.tree.node.entity_name}, ${formatPeriod(period, grain, locale)}`}
      autoComplete="off"
      spellCheck={false}
      value={text}
      ref={focusOnce}
      onChange={(event) => {
        setText(event.target.value);
        onRowChange({ ...row, pending: { column: at, text: event.target.value } });
      }}
      onBlur={() => onClose(true, false)}
      data-testid="cell-editor"
    />
  );
}

function focusOnce(input: HTMLInputElement | null): void {
  if (!input || document.activeElement === input) return;
  input.focus();
  input.select();
}
