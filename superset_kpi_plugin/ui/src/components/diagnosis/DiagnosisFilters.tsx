/** Which KPI and which entity the diagnosis is about; both are in the address. */
import { Button, Select } from "antd";
import { useMemo } from "react";
import { kpiName, useCatalogue } from "../../data/common";
import type { Diagnosis } from "../../data/diagnosis";
import { useI18n } from "../../i18n";
import { useParams } from "../../router";
import { EntitySelect } from "../filters/EntitySelect";

export function DiagnosisFilters({ entity: known }: { entity: Diagnosis["entity"] | undefined }) {
  const { t, locale } = useI18n();
  const { params, setParams } = useParams();
  const { data: catalogue, isLoading } = useCatalogue();
  const kpi = params.get("kpi");
  const entity = params.get("entity");
  const kpis = useMemo(
    () => (catalogue ?? []).map((row) => ({ value: row.kpi_id, label: kpiName(row, locale) })),
    [catalogue, locale],
  );
  return (
    <search className="kp-toolbar kp-diagnosis__filters" aria-label={t("filter.label")}>
      <Select<string>
        allowClear
        showSearch
        optionFilterProp="label"
        loading={isLoading}
        value={kpi}
        placeholder={t("filter.all_kpis")}
        aria-label={t("filter.kpi")}
        className="kp-toolbar__kpi"
        onChange={(next?: string) => setParams({ kpi: next ?? null })}
        options={kpis}
        popupMatchSelectWidth={260}
        data-testid="filter-kpi"
      />
      <label className="kp-hidden" htmlFor="diagnosis-entity">
        {t("entity.name")}
      </label>
      <EntitySelect
        id="diagnosis-entity"
        kind={null}
        value={entity}
        names={known ? { [known.entity_id]: known.entity_name } : undefined}
        placeholder={t("diagnosis.all_entities")}
        onChange={(next) => setParams({ entity: next })}
        data-testid="filter-entity"
      />
      {kpi || entity ? (
        <Button onClick={() => setParams({ kpi: null, entity: null })} data-testid="diagnosis-clear">
          {t("diagnosis.everything")}
        </Button>
      ) : null}
    </search>
  );
}
