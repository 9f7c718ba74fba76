/** Platforms and teams for the boss, accounts for their owner: how many targets are where, and the worst by name. */
import type { Edition, HomeGroup } from "../../data/home";
import { STATUSES } from "../../data/types";
import { useI18n } from "../../i18n";
import { KpiName } from "../KpiName";
import { PageLink } from "../PageLink";
import { StatusTag, statusIcon, statusTone } from "../StatusTag";
import { amountOf, targetAddress } from "./KpiCard";

interface Props {
  groups: readonly HomeGroup[];
  /** Of how many groups these are the worst. */
  count: number;
  edition: Edition;
}

export function HomeGroups({ groups, count, edition }: Props) {
  const { t } = useI18n();
  const title = t(edition === "boss" ? "home.groups_boss" : "home.groups_owner");
  return (
    <section aria-label={title} data-testid="home-groups">
      <h2 className="kp-home__title">{title}</h2>
      <ul className="kp-home__groups">
        {groups.map((group) => (
          <li key={group.entity_id} className="kp-panel kp-home__part" data-testid="home-group">
            <Head group={group} />
            <ul className="kp-home__list">
              {group.worst.map((row) => (
                <li key={`${row.kpi_id} ${row.entity_id}`} className="kp-home__alert">
                  <StatusTag status={row.status} />
                  <span className="kp-home__grow">
                    <KpiName kpi={row} />
                    {row.entity_id === group.entity_id ? null : (
                      <span className="kp-muted"> · {row.entity_name}</span>
                    )}
                  </span>
                  <PageLink page="targets" at={targetAddress(row)} className="kp-home__figures">
                    {amountOf(row, row.value)}{" "}
                    <span className="kp-muted">/ {amountOf(row, row.target_value)}</span>
                  </PageLink>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {count > groups.length ? (
        <p>
          <PageLink page="targets" className="kp-link">
            {t("home.groups_more", { count: count - groups.length })}
          </PageLink>
        </p>
      ) : null}
    </section>
  );
}

function Head({ group }: { group: HomeGroup }) {
  const { t, label } = useI18n();
  const counts = STATUSES.filter((status) => group.statuses[status]);
  return (
    <header className="kp-home__head">
      <h3>
        {group.entity_name} <span className="kp-muted">{label("entity_kind", group.entity_kind)}</span>
      </h3>
      <span className="kp-home__counts" role="img" aria-label={t("home.group_count", { count: group.count })}>
        {counts.map((status) => (
          <span
            key={status}
            className={`kp-tag kp-tag--${statusTone(status)}`}
            title={label("status", status)}
          >
            <span className="kp-tag__icon" aria-hidden="true">
              {statusIcon(status)}
            </span>
            {group.statuses[status]}
          </span>
        ))}
      </span>
    </header>
  );
}
