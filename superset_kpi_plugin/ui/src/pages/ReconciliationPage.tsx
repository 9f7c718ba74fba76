/** Differences between platform, settlement and ERP: by line, down to their items, explained and signed off. */
import { DownloadOutlined } from "@ant-design/icons";
import { Pagination, Select } from "antd";
import { useEffect } from "react";
import { DayInput } from "../components/DayInput";
import { PageHeader } from "../components/PageHeader";
import { DifferenceDrawer } from "../components/reconciliation/DifferenceDrawer";
import { DifferenceLines } from "../components/reconciliation/DifferenceLines";
import { DifferenceList } from "../components/reconciliation/DifferenceList";
import { GridSkeleton } from "../components/Skeletons";
import { LoadError, StateMessage } from "../components/StateMessage";
import { useMe } from "../data/common";
import { ALL, useEntities } from "../data/entities";
import {
  DIFFERENCE_STATES,
  LINES,
  PAGE_SIZE,
  STANDINGS,
  useDifferences,
  useDifferencesFile,
} from "../data/reconciliation";
import { useI18n } from "../i18n";
import { useParams } from "../router";

const FILTERS = ["account_id", "from", "to", "line", "state", "standing"] as const;
const NONE = Object.fromEntries([...FILTERS, "page"].map((name) => [name, null]));

export function ReconciliationPage() {
  const { t } = useI18n();
  const { params, setParams } = useParams();
  const { data: me } = useMe();
  const filters = Object.fromEntries(FILTERS.map((name) => [name, params.get(name)]));
  const page = Math.max(0, Number.parseInt(params.get("page") ?? "1", 10) - 1 || 0);
  const query = useDifferences(filters, page);
  const { data, isPending, isError, error, refetch, isPlaceholderData } = query;
  const id = params.get("id");
  useEffect(() => {
    document.title = t("reconciliation.title");
  }, [t]);
  return (
    <main className="kp-page" data-testid="reconciliation-page" aria-busy={query.isFetching}>
      <PageHeader page="reconciliation" />
      <Filters />
      {data ? (
        <DifferenceLines
          lines={data.lines}
          open={params.get("line")}
          onOpen={(line) => setParams({ line, page: null })}
        />
      ) : null}
      <section
        className={`kp-panel${isPlaceholderData ? " kp-panel--stale" : ""}`}
        aria-label={t("reconciliation.title")}
      >
        {isError && !data ? <LoadError error={error} onRetry={() => void refetch()} /> : null}
        {isPending ? <GridSkeleton label={t("state.loading")} /> : null}
        {data && data.count === 0 ? (
          <StateMessage
            kind="empty"
            title={t("difference.none_title")}
            hint={t("difference.none_hint")}
            action={{ label: t("action.clear_filters"), onClick: () => setParams(NONE) }}
          />
        ) : null}
        {data && data.count > 0 ? (
          <DifferenceList
            rows={data.result}
            openId={id}
            onOpen={(row) => setParams({ id: row.reconciliation_id })}
          />
        ) : null}
      </section>
      {data && data.count > PAGE_SIZE ? (
        <Pagination
          current={page + 1}
          pageSize={PAGE_SIZE}
          total={data.count}
          showSizeChanger={false}
          onChange={(next) => setParams({ page: String(next) })}
        />
      ) : null}
      <DifferenceDrawer
        id={id}
        reasons={data?.reasons ?? []}
        canExplain={me?.permissions.explain === true}
        canSign={me?.permissions.sign === true}
        onClose={() => setParams({ id: null })}
      />
    </main>
  );
}

function Filters() {
  const { t, label } = useI18n();
  const { params, setParams } = useParams();
  const accounts = useEntities("account", "", ALL);
  const fileOf = useDifferencesFile();
  const filters = Object.fromEntries(FILTERS.map((name) => [name, params.get(name)]));
  const choice = (name: "line" | "state" | "standing", values: readonly string[], texts: string) => (
    <Select<string>
      allowClear
      value={params.get(name)}
      placeholder={t(`difference.all.${name}`)}
      aria-label={t(`difference.all.${name}`)}
      className="kp-toolbar__kind"
      onChange={(next?: string) => setParams({ [name]: next ?? null, page: null })}
      options={values.map((value) => ({ value, label: label(texts, value) }))}
      data-testid={`filter-${name}`}
    />
  );
  const day = (name: "from" | "to") => (
    <span className="kp-dayfilter">
      <label className="kp-muted" htmlFor={`filter-${name}`}>
        {t(`difference.${name}`)}
      </label>
      <DayInput
        id={`filter-${name}`}
        placeholder=""
        value={params.get(name)}
        className="kp-toolbar__as-of"
        onChange={(day) => setParams({ [name]: day, page: null })}
        data-testid={`filter-${name}`}
      />
    </span>
  );
  return (
    <search className="kp-toolbar" aria-label={t("filter.label")}>
      <Select<string>
        allowClear
        showSearch
        optionFilterProp="label"
        value={params.get("account_id")}
        placeholder={t("difference.all.account")}
        aria-label={t("difference.all.account")}
        className="kp-toolbar__kpi"
        onChange={(next?: string) => setParams({ account_id: next ?? null, page: null })}
        options={(accounts.data ?? []).map((one) => ({
          value: one.entity_id.replace(/^account:/, ""),
          label: one.entity_name,
        }))}
        data-testid="filter-account"
      />
      {choice("line", LINES, "difference.line")}
      {choice("state", DIFFERENCE_STATES, "difference.state")}
      {choice("standing", STANDINGS, "standing")}
      {day("from")}
      {day("to")}
      <span className="kp-toolbar__count kp-files">
        {(["xlsx", "csv"] as const).map((format) => (
          <a key={format} className="kp-link" href={fileOf(filters, format)} data-testid={`export-${format}`}>
            <DownloadOutlined aria-hidden="true" /> {format === "xlsx" ? "Excel" : "CSV"}
          </a>
        ))}
      </span>
    </search>
  );
}
