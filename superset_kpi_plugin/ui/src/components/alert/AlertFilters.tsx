/** The inbox's toolbar: the states with their counts, then what else narrows the list and how it is grouped. */
import { FilterOutlined, SearchOutlined } from "@ant-design/icons";
import { Button, Input, Select } from "antd";
import { useMemo, useState } from "react";
import { GROUPINGS, type Grouping } from "../../data/alertOrder";
import { type AlertCounts, countOf } from "../../data/alerts";
import { kpiName, useCatalogue } from "../../data/common";
import { ALL, useEntities } from "../../data/entities";
import { SEVERITIES, type Severity } from "../../data/types";
import { useI18n } from "../../i18n";
import { type AlertFilterState, FILTERS } from "../../pages/useAlertFilters";
import { useIsPhone } from "../useIsPhone";

interface Props {
  filters: AlertFilterState;
  counts: AlertCounts | undefined;
  /** Owners of the alerts that are listed, to choose from. */
  owners: readonly { key: string; name: string }[];
  /** What is said at the toolbar's end: how many alerts the list has. */
  summary: string;
}

/** Kinds of entities that alerts are narrowed to; what is below them comes along. */
const PLACES = ["platform", "account"] as const;
const ME = "me";

export function AlertFilters({ filters, counts, owners, summary }: Props) {
  const { t, label } = useI18n();
  const isPhone = useIsPhone();
  const [isOpen, setOpen] = useState(false);
  const { scope, set } = filters;
  const people = owners.filter(({ key }) => key !== "" && key !== ME);
  return (
    <search className="kp-alertfilters" aria-label={t("filter.label")}>
      <fieldset className="kp-chips" aria-label={t("alerts.filter_state")}>
        {FILTERS.map((name) => (
          <button
            key={name}
            type="button"
            className="kp-chip"
            aria-pressed={filters.filter === name}
            onClick={() => set({ state: name === "open" ? null : name })}
            data-testid={`alert-filter-${name}`}
          >
            <span className="kp-chip__label">{label("alert_filter", name)}</span>
            {counts ? <span className="kp-chip__count">{countOf(name, counts)}</span> : null}
          </button>
        ))}
      </fieldset>
      <div className={`kp-toolbar${isPhone && !isOpen ? " kp-toolbar--folded" : ""}`}>
        <Input
          allowClear
          prefix={<SearchOutlined aria-hidden="true" />}
          value={scope.q ?? ""}
          maxLength={200}
          placeholder={t("alerts.search")}
          aria-label={t("alerts.search")}
          className="kp-toolbar__search kp-toolbar__keep"
          onChange={(event) => set({ q: event.target.value || null })}
          data-testid="alert-search"
        />
        {isPhone ? (
          <Button
            icon={<FilterOutlined />}
            aria-expanded={isOpen}
            aria-label={t("filter.more", { count: filters.active })}
            className="kp-toolbar__more"
            onClick={() => setOpen(!isOpen)}
            data-testid="alert-filter-more"
          >
            {filters.active || null}
          </Button>
        ) : null}
        <Select<Severity>
          allowClear
          value={scope.severity}
          placeholder={t("alerts.all_severities")}
          aria-label={t("alerts.filter_severity")}
          className="kp-toolbar__kind"
          onChange={(next?: Severity) => set({ severity: next ?? null })}
          options={SEVERITIES.map((value) => ({ value, label: label("severity", value) }))}
          data-testid="filter-severity"
        />
        <PlaceFilter filters={filters} />
        <KpiFilter filters={filters} />
        <Select<string>
          allowClear
          showSearch
          optionFilterProp="label"
          value={scope.owner}
          placeholder={t("alerts.all_owners")}
          aria-label={t("alerts.filter_owner")}
          className="kp-toolbar__kind"
          onChange={(next?: string) => set({ owner: next ?? null })}
          options={[
            { value: ME, label: t("alerts.mine") },
            ...people.map(({ key, name }) => ({ value: key, label: name })),
          ]}
          data-testid="filter-owner"
        />
        <Select<Grouping>
          allowClear
          value={filters.group}
          placeholder={t("alerts.group_none")}
          aria-label={t("alerts.group")}
          className="kp-toolbar__kind"
          onChange={(next?: Grouping) => set({ group: next ?? null })}
          options={GROUPINGS.map((value) => ({ value, label: label("alerts.group_by", value) }))}
          data-testid="alert-group"
        />
        {filters.active ? (
          <Button type="link" onClick={filters.clear} data-testid="alert-clear">
            {t("action.clear_filters")}
          </Button>
        ) : null}
        <span className="kp-muted kp-toolbar__count kp-toolbar__keep" role="status" data-testid="alert-count">
          {summary}
        </span>
      </div>
    </search>
  );
}

function PlaceFilter({ filters: { scope, set } }: { filters: AlertFilterState }) {
  const { t, label } = useI18n();
  const platforms = useEntities(PLACES[0], "", ALL);
  const accounts = useEntities(PLACES[1], "", ALL);
  const options = PLACES.map((kind, place) => ({
    label: label("entity_kind", kind),
    options: ([platforms, accounts][place]?.data ?? []).map((row) => ({
      value: row.entity_id,
      label: row.entity_name,
    })),
  }));
  return (
    <Select<string>
      allowClear
      showSearch
      optionFilterProp="label"
      loading={platforms.isLoading || accounts.isLoading}
      value={scope.within}
      placeholder={t("alerts.all_places")}
      aria-label={t("alerts.filter_place")}
      className="kp-toolbar__place"
      onChange={(next?: string) => set({ within: next ?? null })}
      options={options.filter((group) => group.options.length > 0)}
      popupMatchSelectWidth={220}
      data-testid="filter-place"
    />
  );
}

function KpiFilter({ filters: { scope, set } }: { filters: AlertFilterState }) {
  const { t, locale } = useI18n();
  const { data: catalogue, isLoading } = useCatalogue();
  const options = useMemo(
    () => (catalogue ?? []).map((row) => ({ value: row.kpi_id, label: kpiName(row, locale) })),
    [catalogue, locale],
  );
  return (
    <Select<string>
      allowClear
      showSearch
      optionFilterProp="label"
      loading={isLoading}
      value={scope.kpi_id}
      placeholder={t("filter.all_kpis")}
      aria-label={t("filter.kpi")}
      className="kp-toolbar__kind"
      onChange={(next?: string) => set({ kpi: next ?? null })}
      options={options}
      popupMatchSelectWidth={240}
      data-testid="filter-alert-kpi"
    />
  );
}
