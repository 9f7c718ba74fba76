/** Which channels were told, and which messages still wait or have failed. */
import { formatInstant } from "../../data/period";
import type { AlertInstance } from "../../data/types";
import { useI18n } from "../../i18n";

const TONES: Record<string, string> = { sent: "ok", failed: "breach" };

export function AlertDeliveries({ alert }: { alert: AlertInstance }) {
  const { t, label, locale } = useI18n();
  const deliveries = alert.deliveries ?? [];
  if (deliveries.length === 0) return null;
  return (
    <section className="kp-history" aria-label={t("alerts.deliveries")}>
      <h2>{t("alerts.deliveries")}</h2>
      <ul className="kp-deliveries" data-testid="alert-deliveries">
        {deliveries.map((item) => (
          <li key={`${item.channel}|${item.event}|${item.created_at}`}>
            <span>
              <strong>{item.channel}</strong>{" "}
              <span className="kp-muted">{label("alert_event", item.event)}</span>
            </span>
            <span className={`kp-tag kp-tag--${TONES[item.state] ?? "muted"}`}>
              {label("delivery_state", item.state)}
            </span>
            <span className="kp-muted">
              {item.sent_at
                ? formatInstant(item.sent_at, locale)
                : t("alerts.attempts", { count: item.attempts })}
            </span>
            {item.last_error && item.state !== "sent" ? (
              <span className="kp-field__error">{item.last_error}</span>
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  );
}
