/** The alert inbox: what is firing, since when, against which limit; acknowledge with a comment. */
import { Select } from "antd";
import { useEffect, useMemo } from "react";
import { AlertDrawer } from "../components/alert/AlertDrawer";
import { AlertList } from "../components/alert/AlertList";
import { RuleTable } from "../components/alert/RuleTable";
import { PageHeader } from "../components/PageHeader";
import { PageTabs } from "../components/PageTabs";
import { GridSkeleton } from "../components/Skeletons";
import { LoadError, StateMessage } from "../components/StateMessage";
import { type AlertFilter, useAlertCounts, useAlerts } from "../data/alerts";
import { useMe } from "../data/common";
import { type AlertInstance, type AlertState, SEVERITIES, type Severity } from "../data/types";
import { useI18n } from "../i18n";
import { useParams } from "../router";

const FILTERS: readonly AlertFilter[] = ["open", "firing", "pending", "resolved", "no_data", "stale", "all"];
const STATE_ORDER = ["firing", "pending", "stale", "no_data", "resolved", "ok"];

/** What needs a person first: firing and critical, not yet acknowledged, the oldest first. */
export function sortAlerts(rows: readonly AlertInstance[]): AlertInstance[] {
  const rank = (row: AlertInstance) => [
    STATE_ORDER.indexOf(row.state),
    row.acknowledged_at ? 1 : 0,
    SEVERITIES.indexOf(row.severity),
  ];
  return [...rows].sort((a, b) => {
    const left = rank(a);
    const right = rank(b);
    for (let at = 0; at < left.length; at += 1) {
      const order = (left[at] ?? 0) - (right[at] ?? 0);
      if (order !== 0) return order;
    }
    return (a.firing_since ?? "").localeCompare(b.firing_since ?? "");
  });
}

type Counts = Partial<Record<AlertState, number>>;

export function countOf(filter: AlertFilter, counts: Counts): number {
  if (filter === "all") return Object.values(counts).reduce((sum, count) => sum + count, 0);
  return filter === "open" ? (counts.firing ?? 0) + (counts.pending ?? 0) : (counts[filter] ?? 0);
}

const TABS = ["inbox", "rules"] as const;

export function AlertsPage() {
  const { t, label } = useI18n();
  const { params } = useParams();
  const { data: me } = useMe();
  const tab = TABS.find((name) => name === params.get("tab")) ?? "inbox";
  useEffect(() => {
    document.title = t("alerts.title");
  }, [t]);
  return (
    <main className="kp-page" data-testid="alerts-page">
      <PageHeader page="alerts" />
      <PageTabs tabs={TABS} open={tab} texts="alerts.tab" page="alerts" label={t("alerts.tabs")} />
      {tab === "inbox" ? (
        <Inbox />
      ) : (
        <section className="kp-panel kp-panel--padded" aria-label={label("alerts.tab", "rules")}>
          <RuleTable canWrite={me?.permissions.admin === true} channels={me?.channels ?? []} />
        </section>
      )}
    </main>
  );
}

function Inbox() {
  const { t, label } = useI18n();
  const { params, setParams } = useParams();
  const filter = FILTERS.find((name) => name === params.get("state")) ?? "open";
  const severity = SEVERITIES.find((name) => name === params.get("severity")) ?? null;
  const id = params.get("id");
  const { data: me } = useMe();
  const query = useAlerts(filter);
  const counts = useAlertCounts();
  const rows = useMemo(
    () => sortAlerts((query.data ?? []).filter((row) => severity === null || row.severity === severity)),
    [query.data, severity],
  );

  const body = () => {
    if (query.isError && !query.data)
      return <LoadError error={query.error} onRetry={() => void query.refetch()} />;
    if (query.isPending) return <GridSkeleton label={t("state.loading")} />;
    if (rows.length === 0) {
      return filter === "open" && !severity ? (
        <StateMessage
          kind="empty"
          title={t("alerts.quiet_title")}
          hint={t("alerts.quiet_hint")}
          action={{ label: t("alerts.show_all"), onClick: () => setParams({ state: "all" }) }}
        />
      ) : (
        <StateMessage
          kind="empty"
          title={t("alerts.none_title")}
          hint={t("alerts.none_hint")}
          action={{
            label: t("action.clear_filters"),
            onClick: () => setParams({ state: null, severity: null }),
          }}
        />
      );
    }
    return <AlertList rows={rows} openId={id} onOpen={(row) => setParams({ id: String(row.id) })} />;
  };

  return (
    <div aria-busy={query.isFetching} data-testid="alert-inbox">
      <search className="kp-toolbar" aria-label={t("filter.label")}>
        <fieldset className="kp-chips" aria-label={t("alerts.filter_state")}>
          {FILTERS.map((name) => (
            <button
              key={name}
              type="button"
              className="kp-chip"
              aria-pressed={filter === name}
              onClick={() => setParams({ state: name === "open" ? null : name })}
              data-testid={`alert-filter-${name}`}
            >
              <span className="kp-chip__label">{label("alert_filter", name)}</span>
              {counts.data ? <span className="kp-chip__count">{countOf(name, counts.data)}</span> : null}
            </button>
          ))}
        </fieldset>
        <Select<Severity>
          allowClear
          value={severity}
          placeholder={t("alerts.all_severities")}
          aria-label={t("alerts.filter_severity")}
          className="kp-toolbar__kind"
          onChange={(next?: Severity) => setParams({ severity: next ?? null })}
          options={SEVERITIES.map((value) => ({ value, label: label("severity", value) }))}
          data-testid="filter-severity"
        />
        <span className="kp-muted kp-toolbar__count" role="status" data-testid="alert-count">
          {query.data ? t("alerts.count", { count: rows.length }) : ""}
        </span>
      </search>
      <section
        className={`kp-panel${query.isPlaceholderData ? " kp-panel--stale" : ""}`}
        aria-label={t("alerts.title")}
      >
        {body()}
      </section>
      <AlertDrawer
        id={id}
        canAcknowledge={me?.permissions.acknowledge === true}
        onClose={() => setParams({ id: null })}
      />
    </div>
  );
}
