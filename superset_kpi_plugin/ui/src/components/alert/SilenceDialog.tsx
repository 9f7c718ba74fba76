/** A new silence: what it matches, from when to when, and why. */
import { App, DatePicker, Input, Select } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { countOf, useAlertCounts } from "../../data/alerts";
import { fieldErrors } from "../../data/api";
import { kpiName, useCatalogue } from "../../data/common";
import { MINUTE_FORMATS } from "../../data/period";
import { useRules } from "../../data/rules";
import { type SilenceMatchers, scopeOf, useSilenceActions } from "../../data/silences";
import { SEVERITIES, type Severity } from "../../data/types";
import { useI18n } from "../../i18n";
import { Field, FormDrawer } from "../FormDrawer";
import { EntitySelect } from "../filters/EntitySelect";
import { SNOOZES } from "./AlertActions";

export interface SilenceStart extends Partial<SilenceMatchers> {
  /** The name of the entity that it begins with. */
  entity_name?: string | null;
  reason?: string;
}

interface Props {
  start: SilenceStart;
  onClose: () => void;
}

const SHOWN = ["rule_id", "entity_id", "kpi_id", "severity", "starts_at", "ends_at", "reason"];
const NOTHING: SilenceMatchers = { kpi_id: null, entity_id: null, rule_id: null, severity: null };

export function SilenceDialog({ start, onClose }: Props) {
  const { t, label, locale } = useI18n();
  const { message } = App.useApp();
  const { data: rules } = useRules("name");
  const { data: catalogue } = useCatalogue();
  const { create } = useSilenceActions();
  const { entity_name, reason: before, ...matchers } = start;
  const [wanted, setWanted] = useState<SilenceMatchers>({ ...NOTHING, ...matchers });
  const [begin, setBegin] = useState<Dayjs | null>(null);
  const [end, setEnd] = useState<Dayjs | null>(null);
  const [reason, setReason] = useState(before ?? "");
  const change = (part: Partial<SilenceMatchers>) => {
    setWanted((old) => ({ ...old, ...part }));
    create.reset();
  };
  const problems = fieldErrors(create.error);
  const save = () =>
    create.mutate(
      {
        ...wanted,
        starts_at: begin?.toISOString() ?? null,
        ends_at: end?.toISOString() ?? null,
        reason: reason.trim(),
      },
      {
        onSuccess: () => {
          message.success(t(begin?.isAfter(dayjs()) ? "silences.planned" : "silences.made"));
          onClose();
        },
      },
    );
  const names = wanted.entity_id && entity_name ? { [wanted.entity_id]: entity_name } : undefined;
  return (
    <FormDrawer
      title={t("silences.new")}
      testId="silence"
      saveLabel={t("silences.save")}
      isDirty={reason !== (before ?? "")}
      isReady
      isSaving={create.isPending}
      error={create.error}
      shownFields={SHOWN}
      onSave={save}
      onClose={onClose}
    >
      <p className="kp-muted">{t("silences.explained")}</p>
      <Field id="silence-rule_id" label={t("silences.rule")} error={problems.rule_id}>
        {(props) => (
          <Select<number>
            {...props}
            allowClear
            showSearch
            optionFilterProp="label"
            value={wanted.rule_id ?? undefined}
            placeholder={t("silences.any_rule")}
            onChange={(rule_id?: number) => change({ rule_id: rule_id ?? null })}
            options={(rules ?? []).map((rule) => ({
              value: rule.id,
              label: (locale === "zh" && rule.name_zh) || rule.name,
            }))}
          />
        )}
      </Field>
      <Field
        id="silence-entity_id"
        label={t("silences.entity")}
        hint={t("silences.entity_hint")}
        error={problems.entity_id}
      >
        {(props) => (
          <EntitySelect
            {...props}
            kind={null}
            value={wanted.entity_id}
            names={names}
            placeholder={t("silences.any_entity")}
            onChange={(entity_id) => change({ entity_id })}
          />
        )}
      </Field>
      <Field id="silence-kpi_id" label={t("rules.kpi")} error={problems.kpi_id}>
        {(props) => (
          <Select<string>
            {...props}
            allowClear
            showSearch
            optionFilterProp="label"
            value={wanted.kpi_id ?? undefined}
            placeholder={t("filter.all_kpis")}
            onChange={(kpi_id?: string) => change({ kpi_id: kpi_id ?? null })}
            options={(catalogue ?? []).map((row) => ({ value: row.kpi_id, label: kpiName(row, locale) }))}
          />
        )}
      </Field>
      <Field id="silence-severity" label={t("alerts.filter_severity")} error={problems.severity}>
        {(props) => (
          <Select<Severity>
            {...props}
            allowClear
            value={wanted.severity ?? undefined}
            placeholder={t("alerts.all_severities")}
            onChange={(severity?: Severity) => change({ severity: severity ?? null })}
            options={SEVERITIES.map((value) => ({ value, label: label("severity", value) }))}
          />
        )}
      </Field>
      <Covered wanted={wanted} />
      <Field id="silence-starts_at" label={t("silences.starts_at")} error={problems.starts_at}>
        {(props) => (
          <DatePicker
            {...props}
            showTime={{ format: "HH:mm" }}
            format={MINUTE_FORMATS[locale]}
            value={begin}
            placeholder={t("silences.now")}
            onChange={(day: Dayjs | null) => setBegin(day)}
          />
        )}
      </Field>
      <Field id="silence-ends_at" label={t("silences.ends_at")} error={problems.ends_at} isRequired>
        {(props) => (
          <DatePicker
            {...props}
            showTime={{ format: "HH:mm" }}
            format={MINUTE_FORMATS[locale]}
            value={end}
            placeholder={t("silences.ends_placeholder")}
            onChange={(day: Dayjs | null) => setEnd(day)}
          />
        )}
      </Field>
      <fieldset className="kp-chips" aria-label={t("silences.lasts")}>
        {SNOOZES.map((minutes) => (
          <button
            key={minutes}
            type="button"
            className="kp-chip"
            onClick={() => setEnd((begin ?? dayjs()).add(minutes, "minute"))}
            data-testid={`silence-for-${minutes}`}
          >
            {label("alerts.snooze_for", String(minutes))}
          </button>
        ))}
      </fieldset>
      <Field id="silence-reason" label={t("silences.reason")} error={problems.reason} isRequired>
        {(props) => (
          <Input.TextArea
            {...props}
            rows={2}
            maxLength={500}
            value={reason}
            placeholder={t("silences.reason_placeholder")}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
      </Field>
    </FormDrawer>
  );
}

/** How many alerts are open now that it would cover, so that nobody silences more than was meant. */
function Covered({ wanted }: { wanted: SilenceMatchers }) {
  const { t } = useI18n();
  const { data } = useAlertCounts(scopeOf(wanted));
  if (!data) return null;
  const isAll = Object.values(wanted).every((value) => value === null);
  return (
    <p role="status" data-testid="silence-covers">
      {isAll ? t("silences.covers_none") : t("silences.covers", { count: countOf("open", data) })}
    </p>
  );
}
