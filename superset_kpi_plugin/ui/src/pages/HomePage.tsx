/** Home: the own few KPIs with what moves them, what is off, what waits, and how fresh it all is. */
import { Alert } from "antd";
import { useEffect } from "react";
import { HomeAlerts } from "../components/home/HomeAlerts";
import { HomeGroups } from "../components/home/HomeGroups";
import { HomeTasks } from "../components/home/HomeTasks";
import { KpiCard } from "../components/home/KpiCard";
import { PageHeader } from "../components/PageHeader";
import { PageLink } from "../components/PageLink";
import { GridSkeleton } from "../components/Skeletons";
import { errorText, LoadError, StateMessage } from "../components/StateMessage";
import { ApiError } from "../data/api";
import { type Edition, type Home, useHome } from "../data/home";
import { useI18n } from "../i18n";
import { useParams } from "../router";

const EDITIONS: readonly Edition[] = ["own", "boss", "owner"];

const EMPTY_HINTS = { own: "home.empty_own", boss: "home.empty_hint", owner: "home.empty_owner" } as const;

/** Whether asking once more would be refused once more, as of a link from somebody who sees more. */
function isRefused(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 400 || error.status === 403);
}

export function HomePage() {
  const i18n = useI18n();
  const { t } = i18n;
  const { params, setParams } = useParams();
  const asked = EDITIONS.find((name) => name === params.get("edition")) ?? null;
  const { data, isPending, isError, error, refetch, isPlaceholderData } = useHome(asked);
  useEffect(() => {
    document.title = t("home.title");
  }, [t]);
  return (
    <main className="kp-page" data-testid="home-page" aria-busy={isPending || isPlaceholderData}>
      <PageHeader page="home" freshness={data?.freshness} />
      {isError && !data && asked && isRefused(error) ? (
        <StateMessage
          kind="error"
          title={t("home.refused_title")}
          hint={errorText(error, i18n)}
          action={{ label: t("home.own"), onClick: () => setParams({ edition: null }) }}
        />
      ) : isError && !data ? (
        <LoadError error={error} onRetry={() => void refetch()} />
      ) : null}
      {isPending ? <GridSkeleton label={t("state.loading")} /> : null}
      {data ? <Content home={data} onEdition={(edition) => setParams({ edition })} /> : null}
    </main>
  );
}

function Content({ home, onEdition }: { home: Home; onEdition: (edition: Edition) => void }) {
  const { t, label } = useI18n();
  return (
    <>
      {home.editions.length > 1 ? (
        <fieldset className="kp-chips" aria-label={t("home.edition")}>
          {home.editions.map((name) => (
            <button
              key={name}
              type="button"
              className="kp-chip"
              aria-pressed={home.edition === name}
              onClick={() => onEdition(name)}
              data-testid={`home-edition-${name}`}
            >
              <span className="kp-chip__label">{label("home.edition", name)}</span>
            </button>
          ))}
        </fieldset>
      ) : null}
      {home.warnings.map((warning) => (
        <Alert key={warning.message} type="warning" showIcon message={warning.message} />
      ))}
      <section aria-label={t("home.kpis")}>
        {home.kpis.length > 0 ? (
          <ul className="kp-home__kpis" data-testid="home-kpis">
            {home.kpis.map((card) => (
              <li key={`${card.kpi_id} ${card.entity_id}`}>
                <KpiCard card={card} />
              </li>
            ))}
          </ul>
        ) : (
          <div className="kp-panel">
            <StateMessage
              kind="empty"
              title={t("home.empty_title")}
              hint={
                <>
                  {t(EMPTY_HINTS[home.edition])}{" "}
                  <PageLink page="targets" className="kp-link">
                    {t("home.to_targets")}
                  </PageLink>
                </>
              }
            />
          </div>
        )}
      </section>
      <div className="kp-home__below">
        <HomeTasks tasks={home.tasks} unacknowledged={home.alerts.unacknowledged} />
        <HomeAlerts alerts={home.alerts} />
      </div>
      {home.groups.length > 0 ? (
        <HomeGroups groups={home.groups} count={home.groups_count} edition={home.edition} />
      ) : null}
    </>
  );
}
