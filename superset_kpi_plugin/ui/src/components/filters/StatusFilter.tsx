/** How many targets stand how, as buttons that filter by it. */
import { EditOutlined } from "@ant-design/icons";
import { STATUSES, type Status } from "../../data/types";
import { useI18n } from "../../i18n";
import { statusIcon, statusTone } from "../StatusTag";

export type StatusChoice = Status | "draft";

interface Props {
  counts: Readonly<Record<StatusChoice, number>>;
  total: number;
  value: StatusChoice | null;
  onChange: (value: StatusChoice | null) => void;
}

export function StatusFilter({ counts, total, value, onChange }: Props) {
  const { t, label } = useI18n();
  const choices: StatusChoice[] = [...STATUSES, "draft"];
  return (
    <fieldset className="kp-chips" aria-label={t("filter.status")}>
      <button
        type="button"
        className="kp-chip"
        aria-pressed={value === null}
        onClick={() => onChange(null)}
        data-testid="status-filter-all"
      >
        <span className="kp-chip__label">{t("filter.all")}</span>
        <span className="kp-chip__count">{total}</span>
      </button>
      {choices.map((choice) => (
        <button
          key={choice}
          type="button"
          className={`kp-chip kp-chip--${choice === "draft" ? "draft" : statusTone(choice)}`}
          aria-pressed={value === choice}
          onClick={() => onChange(value === choice ? null : choice)}
          data-testid={`status-filter-${choice}`}
        >
          <span className="kp-chip__icon" aria-hidden="true">
            {choice === "draft" ? <EditOutlined /> : statusIcon(choice)}
          </span>
          <span className="kp-chip__label">
            {choice === "draft" ? t("filter.drafts") : label("status", choice)}
          </span>
          <span className="kp-chip__count">{counts[choice]}</span>
        </button>
      ))}
    </fieldset>
  );
}
