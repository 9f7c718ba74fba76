/** The alert's history, newest first. */
import { formatInstant } from "../../data/period";
import type { AlertInstance } from "../../data/types";
import { useI18n } from "../../i18n";
import { alertAmount } from "./AlertList";

export function AlertEvents({ alert }: { alert: AlertInstance }) {
  const { t, label, locale } = useI18n();
  const events = [...(alert.events ?? [])].sort((a, b) => (b.at ?? "").localeCompare(a.at ?? ""));
  if (events.length === 0) return null;
  return (
    <section className="kp-history" aria-label={t("alerts.events")}>
      <h2>{t("alerts.events")}</h2>
      <ol className="kp-timeline" data-testid="alert-events">
        {events.map((event, index) => (
          <li key={event.id ?? index}>
            <div className="kp-timeline__head">
              <strong>{label("alert_event", event.event)}</strong>
              {event.value ? (
                <span className="kp-timeline__value">{alertAmount(alert, event.value)}</span>
              ) : null}
            </div>
            <div className="kp-muted">
              {formatInstant(event.at, locale)}
              {event.by ? ` · ${event.by}` : ""}
            </div>
            {event.comment ? <p className="kp-prewrap">{event.comment}</p> : null}
          </li>
        ))}
      </ol>
    </section>
  );
}
