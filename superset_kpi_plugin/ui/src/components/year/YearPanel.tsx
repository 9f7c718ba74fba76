/** One KPI of one entity over a year: its quarters and months, edited, split and locked, with what is left over. */
import { Alert, Select } from "antd";
import { useState } from "react";
import { kpiName, useCatalogue, useMe } from "../../data/common";
import { editedValues, rowKey } from "../../data/edits";
import { type EntityRow, useEntities } from "../../data/entities";
import { periodStart } from "../../data/period";
import type { SplitRow } from "../../data/split";
import { ENTITY_KINDS, type EntityKind, type TargetRow } from "../../data/types";
import { useYear } from "../../data/year";
import { useI18n } from "../../i18n";
import { useDraftActions } from "../../pages/useDraftActions";
import type { TargetFilterState } from "../../pages/useTargetFilters";
import { useUndoKeys } from "../../pages/useUndoKeys";
import { useParams } from "../../router";
import { EntityPicker } from "../EntityPicker";
import { Field } from "../FormDrawer";
import { PeriodPicker } from "../filters/PeriodPicker";
import { GridSkeleton } from "../Skeletons";
import { LoadError, StateMessage } from "../StateMessage";
import { AgreementDialog, type Asked } from "../target/AgreementDialog";
import { ConflictDialog } from "../target/ConflictDialog";
import { DraftBar } from "../target/DraftBar";
import { SplitDialog } from "../target/SplitDialog";
import { TargetDrawer } from "../target/TargetDrawer";
import { YearTable } from "./YearTable";

const NOBODY: readonly TargetRow[] = [];

export function YearPanel({ filters }: { filters: TargetFilterState }) {
  const { t, locale } = useI18n();
  const { data: me } = useMe();
  const { data: catalogue } = useCatalogue();
  const { params, setParams } = useParams();
  const kpis = [...(catalogue ?? [])].sort((a, b) => (a.display_order ?? 0) - (b.display_order ?? 0));
  const kpi = kpis.find((one) => one.kpi_id === filters.kpi) ?? kpis[0];
  const measured = kpi?.entity_kinds.split(",").map((kind) => kind.trim()) ?? [];
  const kinds = ENTITY_KINDS.filter((kind) => measured.includes(kind));
  // Until somebody chooses, the first entity of the largest kind that the KPI is measured for.
  const first = useEntities((kinds[0] ?? "company") as EntityKind, "").data?.[0];
  const asked = params.get("entity");
  const entityId = asked ?? (first && first.entity_kind === kinds[0] ? first.entity_id : null);
  const start = periodStart(filters.start, "year");
  const query = useYear(
    kpi && entityId ? { kpi_id: kpi.kpi_id, entity_id: entityId, year: start.slice(0, 4) } : null,
  );
  const drafts = useDraftActions();
  useUndoKeys(drafts.undo, drafts.redo);
  const [steps, setSteps] = useState<Asked | null>(null);
  const [opened, setOpened] = useState<string | null>(null);
  const [splitting, setSplitting] = useState<TargetRow | null>(null);
  const year = query.data;
  const permissions = me?.permissions;
  const canEdit = permissions?.propose === true && year?.can_edit === true;
  const entity: EntityRow | null = year ? { account_name: null, ...year.entity } : null;
  const rows = year?.rows.map((one) => one.row) ?? NOBODY;
  const rowOf = (split: SplitRow) =>
    rows.find((row) => row.grain === split.grain && row.period_start === split.period_start);
  const body = () => {
    if (query.isError) return <LoadError error={query.error} onRetry={() => void query.refetch()} />;
    if (catalogue && !kpi) return <StateMessage kind="empty" title={t("targets.none_title")} />;
    if (!year) return <GridSkeleton label={t("state.loading")} />;
    return (
      <YearTable
        {...{ year, drafts, permissions, canEdit }}
        onAsk={setSteps}
        onOpen={(row) => setOpened(rowKey(row))}
        onSplit={setSplitting}
      />
    );
  };
  return (
    <div className="kp-objectives" data-testid="year" aria-busy={query.isFetching}>
      <div className="kp-year__bar">
        <Field id="year-kpi" label={t("filter.kpi")}>
          <Select
            id="year-kpi"
            showSearch
            optionFilterProp="label"
            value={kpi?.kpi_id}
            onChange={(kpi_id) => filters.set({ kpi: kpi_id })}
            options={kpis.map((one) => ({ value: one.kpi_id, label: kpiName(one, locale) }))}
          />
        </Field>
        <EntityPicker
          // Starts with the entity's own kind once that is known.
          key={entity ? "known" : "open"}
          id="year-entity"
          value={entity}
          kinds={kinds}
          onChange={(chosen) => {
            if (chosen) setParams({ entity: chosen.entity_id });
          }}
        />
        <div className="kp-field">
          <span className="kp-field__name">{t("filter.period")}</span>
          <PeriodPicker
            grain="year"
            start={start}
            hasGrain={false}
            onChange={(_, next) => filters.setPeriod(filters.grain, next)}
          />
        </div>
      </div>
      {year?.warnings.map((warning) => (
        <Alert key={warning.code} type="warning" showIcon message={warning.message} />
      ))}
      {body()}
      <DraftBar
        drafts={drafts}
        rows={rows}
        selected={NOBODY}
        canPropose={canEdit}
        permissions={permissions}
        onAsk={setSteps}
      />
      <TargetDrawer
        row={rows.find((row) => rowKey(row) === opened) ?? null}
        drafts={drafts}
        permissions={permissions}
        onAsk={setSteps}
        // On to another number: the year of that one.
        onOpen={({ kpi_id, entity_id }) => {
          setOpened(null);
          setParams({ kpi: kpi_id, entity: entity_id });
        }}
        onClose={() => setOpened(null)}
      />
      <AgreementDialog
        asked={steps}
        isBusy={drafts.isTaking}
        onCancel={() => setSteps(null)}
        onConfirm={async (confirmed, words) => {
          if (await drafts.take({ ...confirmed, ...words })) setSteps(null);
        }}
      />
      {splitting ? (
        <SplitDialog
          row={splitting}
          target={editedValues(splitting, drafts.edits.get(rowKey(splitting))).target_value}
          rowOf={rowOf}
          parts={["periods"]}
          tree="business"
          onApply={(changes) => {
            drafts.change(changes);
            setSplitting(null);
          }}
          onClose={() => setSplitting(null)}
        />
      ) : null}
      <ConflictDialog
        conflicts={drafts.conflicts}
        onSettle={drafts.settle}
        onCancel={drafts.closeConflicts}
      />
    </div>
  );
}
