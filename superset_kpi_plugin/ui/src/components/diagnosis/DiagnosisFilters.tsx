/** Which KPI and which entity the diagnosis is about; both are in the address. */
import { Button, Select } from "antd";
import { useMemo, useState } from "react";
import { kpiName, useCatalogue } from "../../data/common";
import type { Diagnosis } from "../../data/diagnosis";
import type { EntityRow } from "../../data/scopes";
import { useI18n } from "../../i18n";
import { useParams } from "../../router";
import { EntityPicker } from "../EntityPicker";
import { Field } from "../FormDrawer";

export function DiagnosisFilters({ entity: known }: { entity: Diagnosis["entity"] | undefined }) {
  const { t, locale } = useI18n();
  const { params, setParams } = useParams();
  const { data: catalogue, isLoading } = useCatalogue();
  const kpi = params.get("kpi");
  const entity = params.get("entity");
  const [picked, setPicked] = useState<EntityRow | null>(null);
  // The picker begins anew where a link, and not itself, chose the entity: it shows the kind of what it began with.
  const [start, setStart] = useState({ at: entity, last: entity });
  if (entity !== start.last) setStart({ at: entity, last: entity });
  const kpis = useMemo(
    () => (catalogue ?? []).map((row) => ({ value: row.kpi_id, label: kpiName(row, locale) })),
    [catalogue, locale],
  );
  const chosen = [picked, known].find((row) => row && row.entity_id === entity);
  const value = entity ? { ...bare(entity), ...chosen } : null;
  return (
    <search className="kp-toolbar kp-diagnosis__filters" aria-label={t("filter.label")}>
      <Field id="diagnosis-kpi" label={t("filter.kpi")}>
        <Select<string>
          id="diagnosis-kpi"
          allowClear
          showSearch
          optionFilterProp="label"
          loading={isLoading}
          value={kpi}
          placeholder={t("filter.all_kpis")}
          onChange={(next?: string) => setParams({ kpi: next ?? null })}
          options={kpis}
          popupMatchSelectWidth={260}
        />
      </Field>
      <EntityPicker
        key={start.at ?? ""}
        id="diagnosis-entity"
        value={value}
        onChange={(row) => {
          setPicked(row);
          setStart({ at: start.at, last: row?.entity_id ?? null });
          setParams({ entity: row?.entity_id ?? null });
        }}
      />
      {kpi || entity ? (
        <Button onClick={() => setParams({ kpi: null, entity: null })} data-testid="diagnosis-clear">
          {t("diagnosis.everything")}
        </Button>
      ) : null}
    </search>
  );
}

/** What an entity's id alone says of it. */
function bare(entity_id: string): EntityRow {
  const entity_kind = entity_id.split(":")[0] ?? "company";
  return { entity_id, entity_kind, entity_name: entity_id, account_name: null, currency: null };
}
