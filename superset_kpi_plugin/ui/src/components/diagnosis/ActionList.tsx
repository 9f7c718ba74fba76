/** What people did in the last two weeks, the latest first. */
import type { DiagnosisAction } from "../../data/diagnosis";
import { formatInstant } from "../../data/period";
import { useI18n } from "../../i18n";
import { DiagnosisAnchor } from "./DiagnosisAnchor";

const OPEN = 8;

export function ActionList({ actions }: { actions: readonly DiagnosisAction[] }) {
  const { t } = useI18n();
  if (actions.length === 0) return <p className="kp-muted">{t("diagnosis.no_actions")}</p>;
  return (
    <>
      <ol className="kp-diagnosis__actions" data-testid="actions">
        {actions.slice(0, OPEN).map((action) => (
          <Action key={`${action.at} ${action.kind} ${action.entity_id} ${action.kpi_id}`} action={action} />
        ))}
      </ol>
      {actions.length > OPEN ? (
        <details>
          <summary>{t("diagnosis.more", { count: actions.length - OPEN })}</summary>
          <ol className="kp-diagnosis__actions">
            {actions.slice(OPEN).map((action) => (
              <Action
                key={`${action.at} ${action.kind} ${action.entity_id} ${action.kpi_id}`}
                action={action}
              />
            ))}
          </ol>
        </details>
      ) : null}
    </>
  );
}

function Action({ action }: { action: DiagnosisAction }) {
  const { t, label, locale } = useI18n();
  const about = [action.kpi_name, action.entity_name].filter(Boolean).join(" · ");
  return (
    <li data-testid="action">
      <span className="kp-muted">{formatInstant(action.at, locale)}</span>
      <span>
        <strong>{action.by}</strong> {label("diagnosis.action", action.kind)}
        {about ? ": " : ""}
        <DiagnosisAnchor link={action.link}>{about}</DiagnosisAnchor>
        {action.count > 1 ? (
          <span className="kp-muted"> {t("diagnosis.and", { count: action.count - 1 })}</span>
        ) : null}
        {action.text ? <span className="kp-diagnosis__text kp-prewrap">{action.text}</span> : null}
      </span>
    </li>
  );
}
