/** Reports: the archive to read, comment and release; plans; a company's own templates. */
import { useEffect } from "react";
import { PageHeader } from "../components/PageHeader";
import { PageTabs } from "../components/PageTabs";
import { PlanTable } from "../components/report/PlanTable";
import { ReportList } from "../components/report/ReportList";
import { ReportView } from "../components/report/ReportView";
import { TemplateEditor } from "../components/report/TemplateEditor";
import { GridSkeleton } from "../components/Skeletons";
import { LoadError, StateMessage } from "../components/StateMessage";
import { useMe } from "../data/common";
import { useReportPlans, useReports } from "../data/reports";
import { useI18n } from "../i18n";
import { useParams } from "../router";

const TABS = ["archive", "plans", "templates"] as const;
type Tab = (typeof TABS)[number];

export function ReportsPage() {
  const { t, label } = useI18n();
  const { params } = useParams();
  const { data: me } = useMe();
  const canWrite = me?.permissions.reports === true;
  const tabs = TABS.filter((name) => name !== "templates" || me?.permissions.templates);
  const tab: Tab = tabs.find((name) => name === params.get("tab")) ?? "archive";
  useEffect(() => {
    document.title = t("reports.title");
  }, [t]);
  return (
    <main className="kp-page" data-testid="reports-page">
      <PageHeader page="reports" />
      <PageTabs tabs={tabs} open={tab} texts="reports.tab" page="reports" label={t("reports.tabs")} />
      <section className="kp-panel kp-panel--padded" aria-label={label("reports.tab", tab)}>
        {tab === "archive" ? <Archive canWrite={canWrite} /> : null}
        {tab === "plans" ? <Plans canWrite={canWrite} /> : null}
        {tab === "templates" ? <TemplateEditor /> : null}
      </section>
    </main>
  );
}

function Archive({ canWrite }: { canWrite: boolean }) {
  const { t } = useI18n();
  const { params, setParams } = useParams();
  const { data, isPending, isError, error, refetch } = useReports();
  const id = params.get("id");
  if (isError && !data) return <LoadError error={error} onRetry={() => void refetch()} />;
  if (isPending) return <GridSkeleton label={t("state.loading")} />;
  if (data.length === 0 && !id) {
    return (
      <StateMessage
        kind="empty"
        title={t("reports.empty_title")}
        hint={t("reports.empty_hint")}
        action={
          canWrite ? { label: t("reports.tab.plans"), onClick: () => setParams({ tab: "plans" }) } : undefined
        }
      />
    );
  }
  return (
    <div className="kp-reports" data-open={id ? "true" : undefined}>
      <ReportList reports={data} openId={id} onOpen={(report) => setParams({ id: String(report.id) })} />
      {id ? (
        <button type="button" className="kp-chip kp-reports__back" onClick={() => setParams({ id: null })}>
          {t("reports.back")}
        </button>
      ) : null}
      {id ? <ReportView id={id} canWrite={canWrite} /> : <p className="kp-muted">{t("reports.choose")}</p>}
    </div>
  );
}

function Plans({ canWrite }: { canWrite: boolean }) {
  const { t } = useI18n();
  const { setParams } = useParams();
  const { data, isPending, isError, error, refetch } = useReportPlans();
  if (isError && !data) return <LoadError error={error} onRetry={() => void refetch()} />;
  if (isPending) return <GridSkeleton label={t("state.loading")} />;
  return (
    <PlanTable
      plans={data}
      canWrite={canWrite}
      onMade={(report) => setParams({ tab: null, id: String(report.id) })}
    />
  );
}
