/** The glossary: what each KPI means, how it is computed, what it is held against, what to do when it is off. */
import { Alert, Input, Select } from "antd";
import { useDeferredValue, useEffect, useMemo } from "react";
import { GlossaryEntry } from "../components/glossary/GlossaryEntry";
import { PageHeader } from "../components/PageHeader";
import { GridSkeleton } from "../components/Skeletons";
import { LoadError, StateMessage } from "../components/StateMessage";
import { domainsOf, type Glossary, searched, useGlossary } from "../data/glossary";
import { useI18n } from "../i18n";
import { useHash, useParams } from "../router";

/** What a person does to look elsewhere. */
const OWN_MOVES = ["wheel", "touchstart", "pointerdown", "keydown"] as const;

/** Scrolls to an entry, and again when Superset, which draws itself at its own time, scrolls to its top; until a
 * person moves. */
function keepInView(id: string): () => void {
  const show = () => document.getElementById(id)?.scrollIntoView?.({ block: "start" });
  const onScroll = () => {
    if (window.scrollY === 0) show();
  };
  const stop = () => {
    window.removeEventListener("scroll", onScroll);
    for (const move of OWN_MOVES) window.removeEventListener(move, stop);
  };
  window.addEventListener("scroll", onScroll);
  for (const move of OWN_MOVES) window.addEventListener(move, stop);
  show();
  return stop;
}

export function GlossaryPage() {
  const { t } = useI18n();
  const { data, isPending, isError, error, refetch } = useGlossary();
  useEffect(() => {
    document.title = t("glossary.title");
  }, [t]);
  return (
    <main className="kp-page" data-testid="glossary-page" aria-busy={isPending}>
      <PageHeader page="glossary" />
      {isError && !data ? <LoadError error={error} onRetry={() => void refetch()} /> : null}
      {isPending ? <GridSkeleton label={t("state.loading")} /> : null}
      {data ? <Entries glossary={data} /> : null}
    </main>
  );
}

function Entries({ glossary }: { glossary: Glossary }) {
  const { t, label } = useI18n();
  const { params, setParams } = useParams();
  const open = useHash();
  const search = params.get("q") ?? "";
  const domain = params.get("domain");
  const words = useDeferredValue(search);
  const kpis = useMemo(() => searched(glossary.result, words, domain), [glossary, words, domain]);
  const names = useMemo(() => new Map(glossary.result.map((kpi) => [kpi.kpi_id, kpi])), [glossary]);
  // A link from elsewhere names an entry, which must show whatever was searched before.
  const linked = open && names.has(open) && !kpis.some((kpi) => kpi.kpi_id === open) ? names.get(open) : null;
  const shown = linked ? [linked, ...kpis] : kpis;
  useEffect(() => (open ? keepInView(open) : undefined), [open]);
  return (
    <>
      <search className="kp-toolbar" aria-label={t("filter.label")}>
        <Input.Search
          allowClear
          value={search}
          placeholder={t("glossary.search")}
          aria-label={t("glossary.search")}
          className="kp-toolbar__search"
          onChange={(event) => setParams({ q: event.target.value })}
          data-testid="glossary-search"
        />
        <Select<string>
          allowClear
          value={domain}
          placeholder={t("glossary.all_domains")}
          aria-label={t("glossary.domain")}
          className="kp-toolbar__kpi"
          onChange={(next?: string) => setParams({ domain: next ?? null })}
          options={domainsOf(glossary.result).map((value) => ({ value, label: label("domain", value) }))}
          data-testid="glossary-domain"
        />
        <span className="kp-muted kp-toolbar__count" role="status" data-testid="glossary-count">
          {t("glossary.count", { count: kpis.length })}
        </span>
      </search>
      {glossary.warnings.map((warning) => (
        <Alert key={warning.message} type="warning" showIcon message={warning.message} />
      ))}
      {shown.length === 0 ? (
        <div className="kp-panel">
          <StateMessage
            kind="empty"
            title={t("glossary.none_title")}
            action={{
              label: t("action.clear_filters"),
              onClick: () => setParams({ q: null, domain: null }),
            }}
          />
        </div>
      ) : null}
      <div className="kp-glossary">
        {shown.map((kpi, place) => (
          <div key={kpi.kpi_id} className="kp-glossary">
            {kpi.domain !== shown[place - 1]?.domain ? (
              <h2 className="kp-glossary__domain">{label("domain", kpi.domain)}</h2>
            ) : null}
            <GlossaryEntry kpi={kpi} names={names} isOpen={kpi.kpi_id === open} />
          </div>
        ))}
      </div>
    </>
  );
}
