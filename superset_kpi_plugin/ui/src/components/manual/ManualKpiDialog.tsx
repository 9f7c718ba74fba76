/** A manual KPI to define or change; its id, unit and grain stay, since values that are there would say something else. */
import { App, Checkbox, Input, Select } from "antd";
import { useState } from "react";
import { fieldErrors } from "../../data/api";
import {
  DIRECTIONS,
  MANUAL_GRAINS,
  MANUAL_UNITS,
  type ManualKpi,
  type ManualKpiInput,
  useManualActions,
} from "../../data/manual";
import { ENTITY_KINDS } from "../../data/types";
import { useI18n } from "../../i18n";
import { Field, FormDrawer } from "../FormDrawer";
import { staleOf } from "../Stale";

interface Props {
  /** The KPI to change; null is a new one. */
  kpi: ManualKpi | null;
  /** With the KPI's id where it was stored. */
  onClose: (kpiId?: string) => void;
}

const NEW: ManualKpiInput = {
  kpi_id: "",
  name_en: "",
  name_zh: "",
  description_en: null,
  description_zh: null,
  unit: "score",
  direction: "higher",
  is_additive: false,
  entity_kinds: ["company"],
  grain: "month",
  owner: null,
  is_active: true,
};
const SHOWN = Object.keys(NEW);

export function ManualKpiDialog({ kpi, onClose }: Props) {
  const { t, label } = useI18n();
  const { message } = App.useApp();
  const { define } = useManualActions();
  const [wanted, setWanted] = useState<ManualKpiInput>(() => (kpi ? inputOf(kpi) : NEW));
  const [etag, setEtag] = useState(kpi?.etag);
  const [isDirty, setDirty] = useState(false);
  const problems = fieldErrors(define.error);
  const change = (part: Partial<ManualKpiInput>) => {
    setWanted((before) => ({ ...before, ...part }));
    setDirty(true);
    define.reset();
  };
  const isReady = wanted.kpi_id !== "" && wanted.name_en.trim() !== "" && wanted.entity_kinds.length > 0;
  const store = (known = etag) =>
    define.mutate(
      { isNew: kpi === null, kpi: wanted, etag: known },
      {
        onSuccess: ({ publication }) => {
          if (publication.state === "failed") message.warning(t("manual.unpublished"), 6);
          else message.success(t("manual.defined"));
          onClose(wanted.kpi_id);
        },
      },
    );
  const text = (
    name: "name_en" | "name_zh" | "description_en" | "description_zh" | "owner",
    isLong = false,
    hint?: string,
  ) => {
    const props = {
      id: `manual-${name}`,
      value: wanted[name] ?? "",
      maxLength: isLong ? 2000 : 200,
      onChange: (event: { target: { value: string } }) => change({ [name]: event.target.value }),
    };
    return (
      <Field id={props.id} label={label("manual.field", name)} error={problems[name]} hint={hint}>
        {isLong ? <Input.TextArea {...props} autoSize={{ minRows: 2, maxRows: 6 }} /> : <Input {...props} />}
      </Field>
    );
  };
  return (
    <FormDrawer
      title={t(kpi ? "manual.change" : "manual.new")}
      testId="manual-dialog"
      saveLabel={t("manual.save_kpi")}
      isSaving={define.isPending}
      error={define.error}
      shownFields={SHOWN}
      onSave={() => store()}
      stale={staleOf((field) => label("manual.field", field), setEtag, change, store)}
      onClose={() => onClose()}
      {...{ isDirty, isReady }}
    >
      {text("name_en")}
      {text("name_zh", false, t("manual.name_zh_hint"))}
      <Field
        id="manual-kpi_id"
        label={label("manual.field", "kpi_id")}
        hint={t("manual.id_hint")}
        error={problems.kpi_id}
      >
        <Input
          id="manual-kpi_id"
          value={wanted.kpi_id}
          maxLength={63}
          disabled={kpi !== null}
          autoComplete="off"
          onChange={(event) => change({ kpi_id: event.target.value })}
        />
      </Field>
      <Field id="manual-unit" label={t("glossary.unit")} error={problems.unit}>
        <Select
          id="manual-unit"
          value={wanted.unit}
          disabled={kpi !== null}
          onChange={(unit) => change({ unit })}
          options={MANUAL_UNITS.map((value) => ({ value, label: label("unit", value) }))}
        />
      </Field>
      <Field id="manual-direction" label={label("manual.field", "direction")} error={problems.direction}>
        <Select
          id="manual-direction"
          value={wanted.direction}
          onChange={(direction) => change({ direction })}
          options={DIRECTIONS.map((value) => ({ value, label: label("glossary.direction", value) }))}
        />
      </Field>
      <Field id="manual-grain" label={label("manual.field", "grain")} error={problems.grain}>
        <Select
          id="manual-grain"
          value={wanted.grain}
          disabled={kpi !== null}
          onChange={(grain) => change({ grain })}
          options={MANUAL_GRAINS.map((value) => ({ value, label: label("grain", value) }))}
        />
      </Field>
      <Field id="manual-kinds" label={t("setup.kinds")} error={problems.entity_kinds}>
        <Select
          id="manual-kinds"
          mode="multiple"
          value={wanted.entity_kinds}
          onChange={(entity_kinds) => change({ entity_kinds })}
          options={ENTITY_KINDS.map((value) => ({ value, label: label("entity_kind", value) }))}
        />
      </Field>
      {text("owner")}
      {text("description_en", true)}
      {text("description_zh", true)}
      <Checkbox
        checked={wanted.is_additive}
        onChange={(event) => change({ is_additive: event.target.checked })}
      >
        {t("manual.is_additive")}
      </Checkbox>
      {kpi ? (
        <Checkbox
          checked={wanted.is_active}
          onChange={(event) => change({ is_active: event.target.checked })}
        >
          {t("manual.is_active")}
        </Checkbox>
      ) : null}
    </FormDrawer>
  );
}

function inputOf(kpi: ManualKpi): ManualKpiInput {
  const { number_format: _format, created_by: _by, created_at: _at, etag: _etag, ...rest } = kpi;
  return rest;
}
