/** The inbox: the alerts that the address asks for, in groups where it says so, and the one that is open. */
import { useMemo } from "react";
import { AlertDrawer } from "../components/alert/AlertDrawer";
import { AlertFilters } from "../components/alert/AlertFilters";
import { AlertList } from "../components/alert/AlertList";
import { GridSkeleton } from "../components/Skeletons";
import { LoadError, StateMessage } from "../components/StateMessage";
import { useDelayed } from "../components/useDelayed";
import { ownerOf, sortAlerts } from "../data/alertOrder";
import { type AlertCounts, countOf, HANDLED, type Handled, useAlertCounts, useAlerts } from "../data/alerts";
import { useMe } from "../data/common";
import { useI18n } from "../i18n";
import { useParams } from "../router";
import { type AlertFilterState, useAlertFilters } from "./useAlertFilters";

export function AlertInbox() {
  const { t } = useI18n();
  const { params, setParams } = useParams();
  const filters = useAlertFilters();
  const id = params.get("id");
  const { data: me } = useMe();
  const scope = useDelayed(filters.scope);
  const query = useAlerts(filters.filter, scope);
  const counts = useAlertCounts(scope);
  const rows = useMemo(() => sortAlerts(query.data?.rows ?? []), [query.data]);
  const owners = useMemo(() => distinctOwners(rows), [rows]);
  const count = query.data?.count ?? 0;

  const body = () => {
    if (query.isError && !query.data)
      return <LoadError error={query.error} onRetry={() => void query.refetch()} />;
    if (query.isPending) return <GridSkeleton label={t("state.loading")} />;
    if (rows.length === 0) {
      return <NoAlerts filters={filters} counts={counts.data} canWrite={me?.permissions.admin === true} />;
    }
    return (
      <AlertList
        // Another list begins at its top.
        key={`${filters.filter} ${filters.group}`}
        rows={rows}
        group={filters.group}
        openId={id}
        onOpen={(row) => setParams({ id: String(row.id) })}
      />
    );
  };

  return (
    <div className="kp-inbox" aria-busy={query.isFetching} data-testid="alert-inbox">
      <AlertFilters
        filters={filters}
        counts={counts.data}
        owners={owners}
        summary={
          !query.data
            ? ""
            : count > rows.length
              ? t("alerts.count_of", { shown: rows.length, count })
              : t("alerts.count", { count })
        }
      />
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

function distinctOwners(rows: Parameters<typeof ownerOf>[0][]): { key: string; name: string }[] {
  const found = new Map(rows.map((row) => [ownerOf(row).key, ownerOf(row)]));
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** Why the list is empty, and the next thing to do about it. */
function NoAlerts({
  filters,
  counts,
  canWrite,
}: {
  filters: AlertFilterState;
  counts: AlertCounts | undefined;
  canWrite: boolean;
}) {
  const { t, label } = useI18n();
  const { setParams } = useParams();
  const { filter, active, set, clear } = filters;
  const total = counts ? countOf("all", counts) : null;
  const showAll = { label: t("alerts.show_all"), onClick: () => set({ state: "all" }) };
  if (active > 0 && total === 0) {
    return (
      <StateMessage
        kind="empty"
        title={t("alerts.none_title")}
        hint={t("alerts.none_hint")}
        action={{ label: t("action.clear_filters"), onClick: clear }}
      />
    );
  }
  if (total === 0) {
    return (
      <StateMessage
        kind="empty"
        title={t("alerts.no_rules_title")}
        hint={t(canWrite ? "alerts.no_rules_hint" : "alerts.no_rules_ask")}
        action={
          canWrite
            ? { label: label("alerts.tab", "packs"), onClick: () => setParams({ tab: "packs" }) }
            : undefined
        }
      />
    );
  }
  if (filter === "open" && active === 0) {
    return (
      <StateMessage
        kind="empty"
        title={t("alerts.quiet_title")}
        hint={t("alerts.quiet_hint")}
        action={showAll}
      />
    );
  }
  const handled = HANDLED.find((name): name is Handled => name === filter);
  const action =
    handled === "silenced"
      ? { label: label("alerts.tab", "silences"), onClick: () => setParams({ tab: "silences" }) }
      : showAll;
  return (
    <StateMessage
      kind="empty"
      title={t("alerts.none_in_state", { state: label("alert_filter", filter) })}
      hint={
        handled
          ? label("alerts.none_handled", handled)
          : t("alerts.none_in_state_hint", { count: total ?? 0 })
      }
      action={action}
    />
  );
}
