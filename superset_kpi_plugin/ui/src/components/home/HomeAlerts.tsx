/** The open alerts that concern the reader, the most urgent first. */
import type { Home } from "../../data/home";
import { formatAgo } from "../../data/period";
import { useI18n } from "../../i18n";
import { alertAmount, sinceOf } from "../alert/AlertList";
import { KpiName } from "../KpiName";
import { PageLink } from "../PageLink";
import { AlertStateTag } from "../StatusTag";

export function HomeAlerts({ alerts }: { alerts: Home["alerts"] }) {
  const { t, locale } = useI18n();
  return (
    <section className="kp-panel kp-home__part" aria-label={t("home.alerts")} data-testid="home-alerts">
      <h2>
        {t("home.alerts")} <span className="kp-muted">{alerts.count}</span>
      </h2>
      {alerts.count === 0 ? <p className="kp-muted">{t("home.no_alerts")}</p> : null}
      <ul className="kp-home__list">
        {alerts.result.map((row) => (
          <li key={row.id} className="kp-home__alert" data-testid="home-alert">
            <AlertStateTag state={row.state} />
            <span className="kp-home__grow">
              <PageLink page="alerts" at={`?id=${row.id}`} className="kp-home__strong">
                {row.entity_name}
              </PageLink>{" "}
              <KpiName kpi={row} />{" "}
              <span className="kp-muted">
                {alertAmount(row, row.value)}{" "}
                {t("alerts.against", { limit: alertAmount(row, row.limit_value) })}
              </span>
            </span>
            <span className="kp-muted">{formatAgo(sinceOf(row), locale)}</span>
          </li>
        ))}
      </ul>
      {alerts.count > alerts.result.length ? (
        <PageLink page="alerts" className="kp-link">
          {t("home.all_alerts", { count: alerts.count })}
        </PageLink>
      ) : null}
    </section>
  );
}
