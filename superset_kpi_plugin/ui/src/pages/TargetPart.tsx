/** What stands beside targets on their page, each on its own data: objectives, KPIs that people enter, a year by its periods. */
import { useEffect } from "react";
import { PeriodPicker } from "../components/filters/PeriodPicker";
import { ViewSwitch } from "../components/filters/ViewSwitch";
import { ManualPanel } from "../components/manual/ManualPanel";
import { ObjectivePanel } from "../components/objective/ObjectivePanel";
import { PageHeader } from "../components/PageHeader";
import { useIsPhone } from "../components/useIsPhone";
import { YearPanel } from "../components/year/YearPanel";
import { useMe } from "../data/common";
import { useI18n } from "../i18n";
import type { TargetFilterState, TargetView } from "./useTargetFilters";

const PARTS = ["objectives", "manual", "year"] as const;
type Part = (typeof PARTS)[number];

export function isPart(view: TargetView): view is Part {
  return PARTS.some((part) => part === view);
}

export function TargetPart({ filters }: { filters: TargetFilterState }) {
  const { t, label } = useI18n();
  const isPhone = useIsPhone();
  const { data: me } = useMe();
  const canWrite = me?.permissions.propose === true;
  useEffect(() => {
    document.title = t("targets.title");
  }, [t]);
  return (
    <main className="kp-page" data-testid="targets-page">
      <PageHeader
        page="targets"
        extra={
          <ViewSwitch value={filters.view} hasPlan={!isPhone} onChange={(view) => filters.set({ view })} />
        }
      />
      {filters.view === "objectives" ? (
        <search className="kp-toolbar" aria-label={t("filter.label")}>
          <PeriodPicker grain={filters.grain} start={filters.start} onChange={filters.setPeriod} />
        </search>
      ) : null}
      <section className="kp-panel kp-panel--padded" aria-label={label("plan.view_name", filters.view)}>
        {filters.view === "objectives" ? (
          <ObjectivePanel grain={filters.grain} start={filters.start} canWrite={canWrite} />
        ) : null}
        {filters.view === "manual" ? <ManualPanel filters={filters} /> : null}
        {filters.view === "year" ? <YearPanel filters={filters} /> : null}
      </section>
    </main>
  );
}
