/** What the last three months hold: entities, accounts with their streams, and what is missing with what to do. */
import { InfoCircleFilled, WarningFilled } from "@ant-design/icons";
import { kpiName, useCatalogue, useMe } from "../../data/common";
import { formatPeriod } from "../../data/period";
import type { Lack, Survey } from "../../data/setup";
import { useI18n } from "../../i18n";
import { KpiName } from "../KpiName";
import { PageLink } from "../PageLink";
import { Tag } from "../StatusTag";

export function SetupFound({ survey }: { survey: Survey }) {
  const { t, label, locale } = useI18n();
  const [first, last] = [survey.months[0], survey.months.at(-1)];
  const names = new Map(
    [...survey.found.flatMap((one) => one.examples), ...survey.accounts].map((one) => [
      one.entity_id,
      one.entity_name,
    ]),
  );
  return (
    <div className="kp-setup" data-testid="setup-found">
      {first && last ? (
        <p>
          {t("setup.months", {
            first: formatPeriod(first, "month", locale),
            last: formatPeriod(last, "month", locale),
          })}
        </p>
      ) : null}
      <ul className="kp-setup__counts" aria-label={t("setup.found")}>
        {survey.found.map((one) => (
          <li key={one.entity_kind} data-testid={`found-${one.entity_kind}`}>
            <strong>{one.count.toLocaleString("en-US")}</strong> {label("entity_kind", one.entity_kind)}
          </li>
        ))}
      </ul>
      <h3>{t("setup.missing")}</h3>
      {survey.missing.length === 0 ? <p>{t("setup.nothing_missing")}</p> : null}
      <ul className="kp-findings">
        {survey.missing.map((lack) => (
          <LackItem key={lack.code} lack={lack} names={names} survey={survey} />
        ))}
      </ul>
      <h3>{t("setup.accounts")}</h3>
      <section
        className="kp-scroll"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={t("setup.accounts")}
      >
        <table className="kp-table kp-table--tight kp-table--still">
          <thead>
            <tr>
              <th scope="col">{label("entity_kind", "account")}</th>
              <th scope="col">{label("entity_kind", "platform")}</th>
              <th scope="col">{t("setup.currency")}</th>
              <th scope="col" className="kp-cell--end">
                {t("setup.months_with_sales")}
              </th>
              <th scope="col" className="kp-cell--end">
                {t("setup.streams")}
              </th>
            </tr>
          </thead>
          <tbody>
            {survey.accounts.map((account) => (
              <tr key={account.entity_id} data-testid={`account-${account.entity_id}`}>
                <td>{account.entity_name}</td>
                <td>{account.platform_name}</td>
                <td>{account.currency ?? "—"}</td>
                <td className="kp-cell--end">
                  {t("setup.of", { count: account.months_with_sales, all: survey.months.length })}
                </td>
                <td className={`kp-cell--end${account.stale_streams > 0 ? " kp-late" : ""}`}>
                  {account.stale_streams > 0
                    ? t("setup.streams_late", { streams: account.streams, late: account.stale_streams })
                    : account.streams}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p className="kp-muted">{survey.imports.scheme}</p>
    </div>
  );
}

function LackItem({
  lack,
  names,
  survey,
}: {
  lack: Lack;
  names: ReadonlyMap<string, string>;
  survey: Survey;
}) {
  const { t, label, locale } = useI18n();
  const { data: me } = useMe();
  const { data: catalogue } = useCatalogue();
  const isInfo = lack.severity === "info";
  const isPeople = lack.code === "no_people" || lack.code === "no_teams";
  const isLoading = isPeople || lack.code === "no_costs" || lack.code === "no_owner";
  return (
    <li className="kp-finding" data-testid={`missing-${lack.code}`}>
      <div className="kp-finding__head">
        <Tag
          tone={isInfo ? "info" : "warn"}
          icon={isInfo ? <InfoCircleFilled /> : <WarningFilled />}
          text={label("lint.severity", lack.severity)}
        />
      </div>
      <p>{lack.message}</p>
      <p className="kp-muted">
        {isPeople ? survey.imports.people : label("setup.todo", lack.code)}{" "}
        {isLoading && me?.permissions.upload ? (
          <PageLink page="uploads" className="kp-link">
            {t("uploads.title")}
          </PageLink>
        ) : null}
      </p>
      {lack.entity_ids.length + lack.kpi_ids.length > 0 ? (
        <details>
          <summary>{t("setup.which", { count: lack.count })}</summary>
          <ul className="kp-setup__names">
            {lack.entity_ids.map((id) => (
              <li key={id}>{names.get(id) ?? id}</li>
            ))}
            {lack.kpi_ids.map((id) => {
              const kpi = catalogue?.find((one) => one.kpi_id === id);
              return (
                <li key={id}>
                  <KpiName kpi={{ kpi_id: id, kpi_name: kpi ? kpiName(kpi, locale) : id }} />
                </li>
              );
            })}
          </ul>
        </details>
      ) : null}
    </li>
  );
}
