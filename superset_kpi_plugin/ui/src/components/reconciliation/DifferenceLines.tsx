/** The differences by line and currency: what each side says in all, and how much waits. */
import type { DifferenceLine } from "../../data/reconciliation";
import { useI18n } from "../../i18n";
import { money } from "./amounts";

interface Props {
  lines: readonly DifferenceLine[];
  open: string | null;
  onOpen: (line: string | null) => void;
}

export function DifferenceLines({ lines, open, onOpen }: Props) {
  const { t, label } = useI18n();
  return (
    <ul className="kp-lines" aria-label={t("difference.by_line")} data-testid="difference-lines">
      {lines.map((one) => (
        <li key={`${one.line} ${one.currency}`}>
          <button
            type="button"
            className="kp-lines__one"
            aria-pressed={open === one.line}
            onClick={() => onOpen(open === one.line ? null : one.line)}
          >
            <span className="kp-muted">
              {label("difference.line", one.line)} · {one.currency ?? "—"}
            </span>
            <strong>{money(one.difference, one.currency, true)}</strong>
            <span className="kp-muted">
              {t("difference.line_count", { count: one.count })}
              {one.waiting > 0 ? ` · ${t("difference.line_waiting", { waiting: one.waiting })}` : ""}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
