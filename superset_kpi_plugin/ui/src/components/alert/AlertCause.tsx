/** Why it may have happened and what to do: the driver that moved most, the season, details, the playbook. */
import { formatShare } from "../../data/decimal";
import type { AlertInstance } from "../../data/types";
import { useI18n } from "../../i18n";

export function AlertCause({ alert }: { alert: AlertInstance }) {
  const { t, locale } = useI18n();
  const season = locale === "zh" ? alert.season_zh : alert.season_en;
  const driver = alert.driver;
  const name = driver ? (locale === "zh" && driver.name_zh) || driver.name_en : "";
  const facts: [string, string][] = [
    ...(driver
      ? ([
          [
            t("alerts.driver"),
            t("alerts.driver_line", {
              name,
              change: `${driver.change.startsWith("-") ? "" : "+"}${formatShare(driver.change)}`,
              share: formatShare(driver.share),
            }),
          ],
        ] as [string, string][])
      : []),
    ...(season ? ([[t("alerts.season"), season]] as [string, string][]) : []),
    ...(alert.detail ? ([[t("alerts.detail"), alert.detail]] as [string, string][]) : []),
    ...(alert.playbook ? ([[t("alerts.playbook"), alert.playbook]] as [string, string][]) : []),
  ];
  if (facts.length === 0) return null;
  return (
    <section aria-label={t("alerts.cause")} data-testid="alert-cause">
      <dl className="kp-facts kp-facts--wide">
        {facts.map(([title, value]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd className="kp-prewrap">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
