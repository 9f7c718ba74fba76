/** Why a proposal was not written: somebody came first, or rows that can't stand; nothing of it was written. */
import { Alert, Button } from "antd";
import { ApiError } from "../../data/api";
import type { ProposedRow } from "../../data/setup";
import { useI18n } from "../../i18n";
import { errorText } from "../StateMessage";

const SHOWN = 20;

interface Props {
  error: unknown;
  /** The rows that were sent, in their order. */
  rows: readonly ProposedRow[];
  onRefresh: () => void;
}

export function WriteRefused({ error, rows, onRefresh }: Props) {
  const i18n = useI18n();
  const { t } = i18n;
  const found = problemsOf(error);
  return (
    <Alert
      type="error"
      showIcon
      message={errorText(error, i18n)}
      description={
        found.length > 0 ? (
          <ul className="kp-setup__names">
            {found.slice(0, SHOWN).map(({ index, message }) => {
              const row = rows[index];
              const name = row ? `${row.kpi_name} · ${row.entity_name}` : "";
              return (
                <li key={`${index}|${message}`}>
                  {name}: {message || t("setup.set_meanwhile")}
                </li>
              );
            })}
            {found.length > SHOWN ? <li>{t("agree.more", { count: found.length - SHOWN })}</li> : null}
          </ul>
        ) : undefined
      }
      action={
        <Button size="small" onClick={onRefresh} data-testid="setup-refresh">
          {t("setup.refresh")}
        </Button>
      }
      data-testid="setup-refused"
    />
  );
}

function problemsOf(error: unknown): { index: number; message: string }[] {
  if (!(error instanceof ApiError)) return [];
  if (!error.isConflict) return error.rowErrors;
  const conflicts = error.details.conflicts;
  if (!Array.isArray(conflicts)) return [];
  return conflicts
    .filter((one) => typeof one?.index === "number")
    .map((one) => ({ index: one.index as number, message: "" }));
}
