/** Diagnosis: why is this KPI red? Sources, targets, owners, reviews, in this order, on one page. */
import { DownloadOutlined } from "@ant-design/icons";
import { useEffect } from "react";
import { ActionChart } from "../components/diagnosis/ActionChart";
import { ActionList } from "../components/diagnosis/ActionList";
import { diagnosisOf } from "../components/diagnosis/DiagnoseLink";
import { DiagnosisFilters } from "../components/diagnosis/DiagnosisFilters";
import { DiagnosisIcon } from "../components/diagnosis/look";
import { StepCard } from "../components/diagnosis/StepCard";
import { StreamTable } from "../components/diagnosis/StreamTable";
import { PageHeader } from "../components/PageHeader";
import { PageLink } from "../components/PageLink";
import { GridSkeleton } from "../components/Skeletons";
import { LoadError } from "../components/StateMessage";
import { useMe } from "../data/common";
import { type Diagnosis, useBundleAddress, useDiagnosis } from "../data/diagnosis";
import { useI18n } from "../i18n";
import { useParams } from "../router";

export function DiagnosisPage() {
  const { t } = useI18n();
  const { params } = useParams();
  const { data: me } = useMe();
  const query = useDiagnosis(params.get("kpi"), params.get("entity"));
  const { data, isPending, isError, error, refetch, isFetching, isPlaceholderData } = query;
  const bundle = useBundleAddress();
  useEffect(() => {
    document.title = t("diagnosis.title");
  }, [t]);
  return (
    <main className="kp-page" data-testid="diagnosis-page" aria-busy={isFetching}>
      <PageHeader
        page="diagnosis"
        extra={
          me?.permissions.diagnose ? (
            <a className="kp-link" href={bundle} title={t("diagnosis.bundle_hint")} data-testid="bundle">
              <DownloadOutlined aria-hidden="true" /> {t("diagnosis.bundle")}
            </a>
          ) : null
        }
      />
      <DiagnosisFilters entity={data?.entity} />
      {isError ? <LoadError error={error} onRetry={() => void refetch()} /> : null}
      {isPending ? <GridSkeleton label={t("state.loading")} /> : null}
      {data && !isError ? (
        <div className={isPlaceholderData ? "kp-diagnosis kp-panel--stale" : "kp-diagnosis"}>
          <Content data={data} />
        </div>
      ) : null}
    </main>
  );
}

function Content({ data }: { data: Diagnosis }) {
  const { t, label } = useI18n();
  return (
    <>
      <nav aria-label={t("diagnosis.path")}>
        <ol className="kp-diagnosis__path" data-testid="diagnosis-path">
          {data.steps.map((step) => (
            <li key={step.step} data-status={step.status}>
              <a
                href={`#step-${step.step}`}
                aria-current={step.step === data.begin_with ? "step" : undefined}
                data-testid={`path-${step.step}`}
              >
                <DiagnosisIcon status={step.status} /> {label("diagnosis.step", step.step)}
              </a>
            </li>
          ))}
        </ol>
      </nav>
      {data.begin_with === null ? <p data-testid="all-fine">{t("diagnosis.all_fine")}</p> : null}
      {data.offered.length > 0 ? <Offered data={data} /> : null}
      {data.steps.map((step, at) => (
        <StepCard key={step.step} step={step} number={at + 1} isFirst={step.step === data.begin_with}>
          {step.step === "sources" ? <StreamTable streams={data.streams} /> : null}
          {step.step === "reviews" ? <Done data={data} /> : null}
        </StepCard>
      ))}
    </>
  );
}

/** Open alerts, each of which is a KPI of an entity to look at. */
function Offered({ data }: { data: Diagnosis }) {
  const { t } = useI18n();
  return (
    <section className="kp-diagnosis__offered" aria-label={t("diagnosis.offered")}>
      <p className="kp-muted">{t("diagnosis.offered")}</p>
      <ul>
        {data.offered.map((row) => (
          <li key={`${row.kpi_id} ${row.entity_id} ${row.rule}`}>
            <PageLink
              page="diagnosis"
              at={diagnosisOf(row.kpi_id, row.entity_id)}
              className="kp-chip"
              title={row.rule}
              data-testid="offered"
            >
              {row.label}
            </PageLink>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Done({ data }: { data: Diagnosis }) {
  const { t } = useI18n();
  const isPlace = data.kpi !== null && data.entity !== null;
  return (
    <div className="kp-diagnosis__done">
      <h3>{t("diagnosis.actions")}</h3>
      {data.chart ? <ActionChart chart={data.chart} actions={data.actions} /> : null}
      {data.chart ? null : (
        <p className="kp-muted">{t(isPlace ? "diagnosis.no_series" : "diagnosis.choose")}</p>
      )}
      <ActionList actions={data.actions} />
    </div>
  );
}
