/** A rule: what it watches, when it fires, whom it tells; tried over the last half year before it is switched on. */
import { Alert, App, Button, Checkbox, Drawer, Input, InputNumber, Select } from "antd";
import { type ReactNode, useState } from "react";
import {
  CONDITIONS,
  type Condition,
  PARAMETERS,
  REST,
  type Rule,
  type RuleBody,
  type RuleInput,
  SUBJECTS,
  useRuleActions,
} from "../../data/alertActions";
import { fieldErrors } from "../../data/api";
import { kpiName, useCatalogue } from "../../data/common";
import { type CatalogueRow, GRAINS, type Grain, SEVERITIES } from "../../data/types";
import { useI18n } from "../../i18n";
import { errorText } from "../StateMessage";
import { BacktestResult } from "./BacktestResult";

interface Props {
  rule: Rule | null;
  /** A copy is a new rule with the fields of another one. */
  isCopy: boolean;
  channels: readonly string[];
  onClose: () => void;
}

const DAY = 24 * 60;
/** What a stored rule can't change: another watch is another rule. */
const FIXED = ["kpi_id", "entity_kind", "grain", "condition"] as const;

export function RuleDialog({ rule, isCopy, channels, onClose }: Props) {
  const i18n = useI18n();
  const { t, label, locale } = i18n;
  const { message } = App.useApp();
  const { data: catalogue } = useCatalogue();
  const { save, backtest } = useRuleActions();
  const [wanted, setWanted] = useState<RuleInput>(() => startOf(rule, isCopy, t("rules.copy_of")));
  const [isDirty, setDirty] = useState(isCopy);
  const id = isCopy ? null : (rule?.id ?? null);
  const isStored = id !== null;
  const change = (part: Partial<RuleInput>) => {
    setWanted((before) => ({ ...before, ...part }));
    setDirty(true);
    backtest.reset();
    save.reset();
  };
  const kpi = catalogue?.find((row) => row.kpi_id === wanted.kpi_id);
  const subject = SUBJECTS[wanted.condition];
  const whole = wholeOf(wanted, subject, rule);
  const problems = fieldErrors(save.error ?? backtest.error);
  const isReady = wanted.name.trim() !== "" && !!(subject || wanted.kpi_id) && wanted.entity_kind !== "";
  const store = () =>
    save.mutate(
      { id, rule: isStored ? changesOf(wanted) : whole },
      {
        onSuccess: () => {
          message.success(t("rules.saved"));
          onClose();
        },
      },
    );
  const field = (name: string, title: string, control: ReactNode) => (
    <div className="kp-field" key={name}>
      <label htmlFor={`rule-${name}`}>{title}</label>
      {control}
      {problems[name] ? (
        <span className="kp-field__error" role="alert">
          {problems[name]}
        </span>
      ) : null}
    </div>
  );
  const problem = save.error ?? backtest.error;
  const watch = [
    label("rules.condition_name", wanted.condition),
    ...(subject ? [] : [kpi ? kpiName(kpi, locale) : wanted.kpi_id]),
    label("entity_kind", wanted.entity_kind),
    label("grain", wanted.grain),
  ];
  return (
    <Drawer
      open
      width={520}
      title={t(isStored ? "rules.edit" : "rules.new")}
      onClose={onClose}
      // What was typed is not lost by a click beside it.
      maskClosable={!isDirty}
      keyboard={!isDirty}
      closable={{ "aria-label": t("action.close") }}
      data-testid="rule-dialog"
      footer={
        <div className="kp-alertacts__row">
          <Button
            disabled={!isReady}
            loading={backtest.isPending}
            onClick={() => backtest.mutate(isStored && !isDirty ? { rule_id: id } : { rule: whole })}
            data-testid="rule-backtest"
          >
            {t("rules.backtest")}
          </Button>
          <Button
            type="primary"
            disabled={!isReady}
            loading={save.isPending}
            onClick={store}
            data-testid="rule-save"
          >
            {t("rules.save")}
          </Button>
        </div>
      }
    >
      <form
        className="kp-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) store();
        }}
      >
        {problem ? (
          <Alert
            type="error"
            showIcon
            message={errorText(problem, i18n)}
            // Also what is wrong with fields that the form doesn't show.
            description={Object.entries(problems).map(([name, text]) => (
              <div key={name}>
                {name}: {text}
              </div>
            ))}
          />
        ) : null}
        {field(
          "name",
          t("rules.name"),
          <Input
            id="rule-name"
            value={wanted.name}
            maxLength={200}
            onChange={(event) => change({ name: event.target.value })}
          />,
        )}
        {isStored ? (
          <p className="kp-muted" data-testid="rule-watch">
            {watch.join(" · ")}
          </p>
        ) : (
          <Watch wanted={wanted} catalogue={catalogue ?? []} field={field} onChange={change} />
        )}
        {PARAMETERS[wanted.condition].map((one) =>
          field(
            `parameters.${one.name}`,
            label("rules.parameter", one.name),
            one.kind === "word" ? (
              <Select
                id={`rule-parameters.${one.name}`}
                allowClear
                value={wanted.parameters[one.name]}
                onChange={(value) => change({ parameters: withParameter(wanted, one.name, value) })}
                options={(one.words ?? []).map((value) => ({ value, label: label("rules.word", value) }))}
              />
            ) : (
              <InputNumber
                id={`rule-parameters.${one.name}`}
                stringMode
                precision={one.kind === "whole" ? 0 : undefined}
                value={wanted.parameters[one.name]}
                onChange={(value) => change({ parameters: withParameter(wanted, one.name, value) })}
              />
            ),
          ),
        )}
        {field(
          "for_minutes",
          t("rules.for_days"),
          <InputNumber
            id="rule-for_minutes"
            min={0}
            max={366}
            precision={0}
            value={Math.round(wanted.for_minutes / DAY)}
            onChange={(days) => change({ for_minutes: (days ?? 0) * DAY })}
          />,
        )}
        {field(
          "severity",
          t("alerts.filter_severity"),
          <Select
            id="rule-severity"
            value={wanted.severity}
            onChange={(severity) => change({ severity })}
            options={SEVERITIES.map((value) => ({ value, label: label("severity", value) }))}
          />,
        )}
        {field(
          "channels",
          t("rules.channels"),
          <Select
            id="rule-channels"
            mode="multiple"
            value={wanted.channels}
            onChange={(value: string[]) => change({ channels: value })}
            options={channels.map((value) => ({ value, label: value }))}
          />,
        )}
        {(["playbook_en", "playbook_zh"] as const).map((name) =>
          field(
            name,
            t(`rules.${name}`),
            <Input.TextArea
              id={`rule-${name}`}
              rows={2}
              maxLength={4000}
              value={wanted[name] ?? ""}
              onChange={(event) => change({ [name]: event.target.value || null })}
            />,
          ),
        )}
        <Checkbox
          checked={wanted.include_provisional}
          onChange={(event) => change({ include_provisional: event.target.checked })}
        >
          {t("rules.provisional")}
        </Checkbox>
        <Checkbox
          checked={wanted.is_enabled}
          onChange={(event) => change({ is_enabled: event.target.checked })}
        >
          {t("rules.enabled")}
        </Checkbox>
      </form>
      {backtest.data ? <BacktestResult result={backtest.data} /> : null}
    </Drawer>
  );
}

/** What a new rule watches; a stored one can't change it, because its history would speak of two things. */
function Watch({
  wanted,
  catalogue,
  field,
  onChange,
}: {
  wanted: RuleInput;
  catalogue: readonly CatalogueRow[];
  field: (name: string, title: string, control: ReactNode) => ReactNode;
  onChange: (part: Partial<RuleInput>) => void;
}) {
  const { t, label, locale } = useI18n();
  const subject = SUBJECTS[wanted.condition];
  const kpi = catalogue.find((row) => row.kpi_id === wanted.kpi_id);
  const kinds = subject
    ? ["account"]
    : (kpi?.entity_kinds ?? "")
        .split(",")
        .map((name) => name.trim())
        .filter(Boolean);
  return (
    <>
      {field(
        "condition",
        t("rules.condition"),
        <Select<Condition>
          id="rule-condition"
          value={wanted.condition}
          onChange={(condition) =>
            onChange({
              condition,
              parameters: {},
              entity_kind: SUBJECTS[condition] ? "account" : wanted.entity_kind,
              grain: SUBJECTS[condition] ? "day" : wanted.grain,
            })
          }
          options={CONDITIONS.map((value) => ({ value, label: label("rules.condition_name", value) }))}
        />,
      )}
      {subject
        ? null
        : field(
            "kpi_id",
            t("rules.kpi"),
            <Select
              id="rule-kpi_id"
              showSearch
              optionFilterProp="label"
              value={wanted.kpi_id || undefined}
              onChange={(kpi_id: string) => onChange({ kpi_id, entity_kind: "" })}
              options={catalogue.map((row) => ({ value: row.kpi_id, label: kpiName(row, locale) }))}
            />,
          )}
      {field(
        "entity_kind",
        t("rules.kind"),
        <Select
          id="rule-entity_kind"
          value={wanted.entity_kind || undefined}
          onChange={(entity_kind: string) => onChange({ entity_kind })}
          options={kinds.map((value) => ({ value, label: label("entity_kind", value) }))}
        />,
      )}
      {field(
        "grain",
        t("rules.grain"),
        <Select<Grain>
          id="rule-grain"
          value={wanted.grain}
          onChange={(grain) => onChange({ grain })}
          options={GRAINS.map((value) => ({ value, label: label("grain", value) }))}
        />,
      )}
    </>
  );
}

function startOf(rule: Rule | null, isCopy: boolean, copyOf: string): RuleInput {
  return {
    name: rule ? (isCopy ? `${copyOf} ${rule.name}`.slice(0, 200) : rule.name) : "",
    kpi_id: rule?.kpi_id ?? "",
    entity_kind: rule?.entity_kind ?? "",
    grain: rule?.grain ?? "month",
    condition: rule?.condition ?? "breach",
    parameters: rule?.parameters ?? {},
    severity: rule?.severity ?? "warning",
    channels: rule?.channels ?? [],
    for_minutes: rule?.for_minutes ?? 0,
    keep_firing_minutes: rule?.keep_firing_minutes ?? 0,
    include_provisional: rule?.include_provisional ?? false,
    // A copy is tried and changed before it tells anybody.
    is_enabled: isCopy ? false : (rule?.is_enabled ?? true),
    playbook_en: rule?.playbook_en ?? null,
    playbook_zh: rule?.playbook_zh ?? null,
  };
}

/** A whole rule: what the form says, and of the rule that it was made from all that the form doesn't show. */
function wholeOf(wanted: RuleInput, subject: string | undefined, from: Rule | null): RuleBody {
  const rest = from ? Object.fromEntries(REST.map((name) => [name, from[name]])) : {};
  return { ...rest, ...wanted, name: wanted.name.trim(), kpi_id: subject ?? wanted.kpi_id };
}

/** The changes of a stored rule, which leave its watch and all that the form doesn't show alone. */
function changesOf(wanted: RuleInput): RuleBody {
  const body: RuleBody = { ...wanted, name: wanted.name.trim() };
  for (const name of FIXED) delete body[name];
  return body;
}

function withParameter(
  wanted: RuleInput,
  name: string,
  value: string | number | null | undefined,
): RuleInput["parameters"] {
  const { [name]: _, ...others } = wanted.parameters;
  return value === null || value === undefined || value === "" ? others : { ...others, [name]: value };
}
