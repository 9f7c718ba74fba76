/** The toolbar of the Targets page: period, KPI, kind of entity, search, and entities without a target. */
import { FilterOutlined, MinusSquareOutlined, PlusSquareOutlined, SearchOutlined } from "@ant-design/icons";
import { Button, Input, Select, Space, Switch, Tooltip } from "antd";
import dayjs from "dayjs";
import { useMemo, useState } from "react";
import { kpiName, useCatalogue } from "../../data/common";
import { TREES } from "../../data/plan";
import { ENTITY_KINDS } from "../../data/types";
import { useI18n } from "../../i18n";
import type { PlanView } from "../../pages/usePlan";
import type { TargetFilterState } from "../../pages/useTargetFilters";
import { DayInput } from "../DayInput";
import { useIsPhone } from "../useIsPhone";
import { PeriodPicker } from "./PeriodPicker";

interface Props {
  filters: TargetFilterState;
  canPropose: boolean;
  /** Set while the plan shows: it has one KPI and one tree, and all levels of it. */
  plan: PlanView | null;
}

export function TargetFilters({ filters, canPropose, plan }: Props) {
  const { t, label, locale } = useI18n();
  const { data: catalogue, isLoading } = useCatalogue();
  const kpis = useMemo(
    () =>
      [...(catalogue ?? [])]
        .sort((a, b) => (a.display_order ?? 0) - (b.display_order ?? 0))
        .map((row) => ({ value: row.kpi_id, label: kpiName(row, locale) })),
    [catalogue, locale],
  );
  const chosen = catalogue?.find((row) => row.kpi_id === filters.kpi);
  const kinds = chosen ? chosen.entity_kinds.split(",").map((kind) => kind.trim()) : [...ENTITY_KINDS];
  const canSeeCandidates = filters.kind !== null;
  const isPhone = useIsPhone();
  const [isOpen, setOpen] = useState(false);
  const active = [filters.kpi, filters.kind, filters.search].filter(Boolean).length;
  const more = isPhone ? (
    <Button
      icon={<FilterOutlined />}
      aria-expanded={isOpen}
      aria-label={t("filter.more", { count: active })}
      className="kp-toolbar__more"
      onClick={() => setOpen(!isOpen)}
      data-testid="filter-more"
    >
      {active || null}
    </Button>
  ) : null;
  return (
    <search
      className={`kp-toolbar${isPhone && !isOpen ? " kp-toolbar--folded" : ""}`}
      aria-label={t("filter.label")}
    >
      <PeriodPicker grain={filters.grain} start={filters.start} onChange={filters.setPeriod} />
      {more}
      <Select
        allowClear={!plan}
        showSearch
        optionFilterProp="label"
        loading={isLoading}
        value={plan ? plan.kpi : filters.kpi}
        placeholder={t("filter.all_kpis")}
        aria-label={t("filter.kpi")}
        className="kp-toolbar__kpi"
        onChange={(kpi?: string) => filters.set({ kpi: kpi ?? null })}
        options={kpis}
        popupMatchSelectWidth={240}
        data-testid="filter-kpi"
      />
      {plan ? <PlanTreeFilter plan={plan} /> : null}
      {plan ? null : (
        <Select
          allowClear
          value={filters.kind}
          placeholder={t("filter.all_kinds")}
          aria-label={t("filter.kind")}
          className="kp-toolbar__kind"
          onChange={(kind?: string) => filters.set({ kind: kind ?? null })}
          options={kinds.map((value) => ({ value, label: label("entity_kind", value) }))}
          popupMatchSelectWidth={180}
          data-testid="filter-kind"
        />
      )}
      <Input
        allowClear
        prefix={<SearchOutlined aria-hidden="true" />}
        value={filters.search}
        placeholder={t("filter.search")}
        aria-label={t("filter.search")}
        className="kp-toolbar__search"
        onChange={(event) => filters.set({ q: event.target.value })}
        data-testid="filter-search"
      />
      {plan ? null : (
        <DayInput
          value={filters.asOf}
          max={dayjs().format("YYYY-MM-DD")}
          placeholder={t("filter.as_of")}
          aria-label={t("filter.as_of")}
          className="kp-toolbar__as-of"
          onChange={(day) => filters.set({ as_of: day })}
          data-testid="filter-as-of"
        />
      )}
      {canPropose && !plan ? (
        <Tooltip title={canSeeCandidates ? "" : t("filter.candidates_hint")}>
          {/* biome-ignore lint/a11y/noLabelWithoutControl: the switch inside is the control */}
          <label className={`kp-switch${canSeeCandidates ? "" : " kp-switch--off"}`}>
            <Switch
              size="small"
              checked={filters.candidates && canSeeCandidates}
              disabled={!canSeeCandidates}
              onChange={(on) => filters.set({ candidates: on ? "1" : null })}
              aria-label={t("filter.candidates")}
              data-testid="filter-candidates"
            />
            {t("filter.candidates")}
          </label>
        </Tooltip>
      ) : null}
    </search>
  );
}

/** Which of the two trees, and all of it open or folded. */
function PlanTreeFilter({ plan }: { plan: PlanView }) {
  const { t, label } = useI18n();
  return (
    <>
      <Select
        value={plan.tree}
        aria-label={t("plan.tree")}
        className="kp-toolbar__tree"
        onChange={plan.setTree}
        options={TREES.map((value) => ({ value, label: label("plan.tree_name", value) }))}
        data-testid="filter-tree"
      />
      <Space.Compact>
        <Button
          icon={<PlusSquareOutlined />}
          aria-label={t("plan.unfold_all")}
          title={t("plan.unfold_all")}
          onClick={() => plan.setAll(true)}
          data-testid="unfold-all"
        />
        <Button
          icon={<MinusSquareOutlined />}
          aria-label={t("plan.fold_all")}
          title={t("plan.fold_all")}
          onClick={() => plan.setAll(false)}
          data-testid="fold-all"
        />
      </Space.Compact>
    </>
  );
}
