/** A plan of a report: about whom, how often, in which language, to whom. */
import { Alert, App, Button, Checkbox, Drawer, Input, Select } from "antd";
import { type ReactNode, useState } from "react";
import { fieldErrors } from "../../data/api";
import { ALL, useEntities } from "../../data/entities";
import {
  CADENCES,
  type PlanInput,
  type ReportPlan,
  type ReportPlans,
  SUBJECT_KINDS,
  type SubjectKind,
  useReportActions,
} from "../../data/reports";
import { useI18n } from "../../i18n";
import { errorText } from "../StateMessage";

interface Props {
  /** The plan to change; null is a new one. */
  plan: ReportPlan | null;
  choices: ReportPlans;
  onClose: () => void;
}

const LOCALES = ["en", "zh"] as const;

export function PlanDialog({ plan, choices, onClose }: Props) {
  const i18n = useI18n();
  const { t, label, locale } = i18n;
  const { message } = App.useApp();
  const { savePlan } = useReportActions();
  const [wanted, setWanted] = useState<PlanInput>(() => startOf(plan, locale));
  const [kind, setKind] = useState<SubjectKind>(
    SUBJECT_KINDS.find((name) => name === plan?.entity_kind) ?? "company",
  );
  const subjects = useEntities(kind, "", ALL);
  const change = (part: Partial<PlanInput>) => setWanted((before) => ({ ...before, ...part }));
  const problems = fieldErrors(savePlan.error);
  // Of the company there is one: nobody has to choose it.
  const only = subjects.data?.length === 1 ? subjects.data[0]?.entity_id : undefined;
  const subject = wanted.entity_id || only || "";
  const isReady = wanted.name.trim() !== "" && subject !== "";
  const save = () =>
    savePlan.mutate(
      { id: plan?.id ?? null, plan: { ...wanted, entity_id: subject } },
      {
        onSuccess: () => {
          message.success(t("reports.plan_saved"));
          onClose();
        },
      },
    );
  const field = (name: keyof PlanInput, title: string, control: ReactNode) => (
    <div className="kp-field">
      <label htmlFor={`plan-${name}`}>{title}</label>
      {control}
      {problems[name] ? (
        <span className="kp-field__error" role="alert">
          {problems[name]}
        </span>
      ) : null}
    </div>
  );
  return (
    <Drawer
      open
      width={440}
      title={t(plan ? "reports.plan_edit" : "reports.plan_new")}
      onClose={onClose}
      data-testid="plan-dialog"
      footer={
        <Button
          type="primary"
          loading={savePlan.isPending}
          disabled={!isReady}
          onClick={save}
          data-testid="plan-save"
        >
          {t("reports.plan_save")}
        </Button>
      }
    >
      <form
        className="kp-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) save();
        }}
      >
        {savePlan.error && Object.keys(problems).length === 0 ? (
          <Alert type="error" showIcon message={errorText(savePlan.error, i18n)} />
        ) : null}
        {field(
          "name",
          t("reports.plan_name"),
          <Input
            id="plan-name"
            value={wanted.name}
            maxLength={200}
            onChange={(event) => change({ name: event.target.value })}
          />,
        )}
        <div className="kp-field">
          <label htmlFor="plan-kind">{t("reports.plan_subject_kind")}</label>
          <Select<SubjectKind>
            id="plan-kind"
            value={kind}
            onChange={(next) => {
              setKind(next);
              change({ entity_id: "" });
            }}
            options={SUBJECT_KINDS.map((value) => ({ value, label: label("entity_kind", value) }))}
          />
        </div>
        {field(
          "entity_id",
          t("reports.plan_subject"),
          <Select
            id="plan-entity_id"
            showSearch
            optionFilterProp="label"
            loading={subjects.isFetching}
            value={subject || undefined}
            onChange={(value: string) => change({ entity_id: value })}
            options={(subjects.data ?? []).map((row) => ({ value: row.entity_id, label: row.entity_name }))}
          />,
        )}
        {field(
          "cadence",
          t("reports.plan_cadence"),
          <Select
            id="plan-cadence"
            value={wanted.cadence}
            onChange={(value) => change({ cadence: value })}
            options={CADENCES.map((value) => ({ value, label: label("reports.cadence", value) }))}
          />,
        )}
        {field(
          "locale",
          t("reports.plan_locale"),
          <Select
            id="plan-locale"
            value={wanted.locale}
            onChange={(value) => change({ locale: value })}
            options={LOCALES.map((value) => ({ value, label: label("reports.locale", value) }))}
          />,
        )}
        {field(
          "channels",
          t("reports.plan_channels"),
          <Select
            id="plan-channels"
            mode="multiple"
            value={wanted.channels}
            onChange={(value: string[]) => change({ channels: value })}
            options={choices.channels.map((value) => ({ value, label: value }))}
          />,
        )}
        {field(
          "template_id",
          t("reports.plan_template"),
          <Select
            id="plan-template_id"
            value={wanted.template_id ?? 0}
            onChange={(value: number) => change({ template_id: value || null })}
            options={[
              { value: 0, label: t("reports.plan_built_in") },
              ...choices.templates.map((row) => ({ value: row.id, label: row.name })),
            ]}
          />,
        )}
        <Checkbox
          checked={wanted.needs_release}
          onChange={(event) => change({ needs_release: event.target.checked })}
        >
          {t("reports.plan_release")}
        </Checkbox>
        <Checkbox
          checked={wanted.is_enabled}
          onChange={(event) => change({ is_enabled: event.target.checked })}
        >
          {t("reports.plan_enabled")}
        </Checkbox>
      </form>
    </Drawer>
  );
}

function startOf(plan: ReportPlan | null, locale: "en" | "zh"): PlanInput {
  return {
    name: plan?.name ?? "",
    entity_id: plan?.entity_id ?? "",
    cadence: plan?.cadence ?? "weekly",
    locale: plan?.locale ?? locale,
    channels: plan?.channels ?? [],
    template_id: plan?.template_id ?? null,
    needs_release: plan?.needs_release ?? true,
    is_enabled: plan?.is_enabled ?? true,
  };
}
