/** A rule: what it watches, when it fires, whom it tells; tried over the last half year before it is switched on. */
import { App, Button, Checkbox, Input, Select } from "antd";
import { useState } from "react";
import { fieldErrors } from "../../data/api";
import { kpiName, useCatalogue } from "../../data/common";
import {
  fieldsOf,
  HAS_VOLUME,
  PARAMETERS,
  type Rule,
  type RuleBody,
  type RuleInput,
  SUBJECTS,
  useRuleActions,
  useRuleChoices,
} from "../../data/rules";
import { SEVERITIES } from "../../data/types";
import { useI18n } from "../../i18n";
import { DurationInput } from "../DurationInput";
import { FormDrawer } from "../FormDrawer";
import { staleOf } from "../Stale";
import { BacktestResult } from "./BacktestResult";
import { type PartProps, RuleField, RuleSection } from "./RuleParts";
import { RuleTelling, TELLING } from "./RuleTelling";
import { RuleTiming, TIMING } from "./RuleTiming";
import { RuleEntities, RuleParameters, RuleWatch } from "./RuleWatch";

interface Props {
  rule: Rule | null;
  /** A copy is a new rule with the fields of another one. */
  isCopy: boolean;
  channels: readonly string[];
  onClose: () => void;
}

/** What a stored rule can't change: another watch is another rule. */
const FIXED = ["kpi_id", "entity_kind", "grain", "condition"] as const;
const TEXTS = ["name_zh", "playbook_en", "playbook_zh"] as const;
/** Fields that say themselves what is wrong with them. */
const SHOWN = [
  "name",
  "entity_ids",
  "within",
  "for_minutes",
  "severity",
  "channels",
  ...TIMING.filter((name) => name !== "include_provisional"),
  ...TELLING,
  ...TEXTS,
];

export function RuleDialog({ rule, isCopy, channels, onClose }: Props) {
  const { t, label, locale } = useI18n();
  const { message } = App.useApp();
  const { data: catalogue } = useCatalogue();
  const { data: choices } = useRuleChoices();
  const { save, backtest } = useRuleActions();
  const [wanted, setWanted] = useState<RuleInput>(() => startOf(rule, isCopy, t("rules.copy_of")));
  const [etag, setEtag] = useState(rule?.etag);
  const [isDirty, setDirty] = useState(isCopy);
  const id = isCopy ? null : (rule?.id ?? null);
  const isStored = id !== null;
  const onChange = (part: Partial<RuleInput>) => {
    setWanted((before) => ({ ...before, ...part }));
    setDirty(true);
    backtest.reset();
    save.reset();
  };
  const kpi = catalogue?.find((row) => row.kpi_id === wanted.kpi_id);
  const subject = SUBJECTS[wanted.condition];
  const whole = wholeOf(wanted, subject, rule);
  const refused = save.error ?? backtest.error;
  const part: PartProps = { wanted, problems: fieldErrors(refused), onChange };
  const isReady = wanted.name.trim() !== "" && !!(subject || wanted.kpi_id) && wanted.entity_kind !== "";
  const store = (known = etag) =>
    save.mutate(
      { id, rule: isStored ? changesOf(wanted) : whole, etag: known },
      {
        onSuccess: () => {
          message.success(t("rules.saved"));
          onClose();
        },
      },
    );
  const watch = [
    label("rules.condition_name", wanted.condition),
    ...(subject ? [] : [kpi ? kpiName(kpi, locale) : wanted.kpi_id]),
    label("entity_kind", wanted.entity_kind),
    label("grain", wanted.grain),
  ];
  const parameters = PARAMETERS[wanted.condition].map((one) => `parameters.${one.name}`);
  return (
    <FormDrawer
      title={t(isStored ? "rules.edit" : "rules.new")}
      testId="rule"
      saveLabel={t("rules.save")}
      isDirty={isDirty}
      isReady={isReady}
      isSaving={save.isPending}
      error={refused}
      shownFields={[...SHOWN, ...parameters, ...(isStored ? [] : FIXED)]}
      onSave={() => store()}
      stale={staleOf((field) => label("rules.field", field), setEtag, onChange, store)}
      onClose={onClose}
      action={
        <Button
          disabled={!isReady}
          loading={backtest.isPending}
          onClick={() => backtest.mutate(isStored && !isDirty ? { rule_id: id } : { rule: whole })}
          data-testid="rule-backtest"
        >
          {t("rules.backtest")}
        </Button>
      }
      below={backtest.data ? <BacktestResult result={backtest.data} /> : null}
    >
      <RuleField name="name" label={t("rules.name")} problems={part.problems} isRequired>
        {(control) => (
          <Input
            {...control}
            value={wanted.name}
            maxLength={200}
            onChange={(event) => onChange({ name: event.target.value })}
          />
        )}
      </RuleField>
      {isStored ? (
        <p className="kp-muted" data-testid="rule-watch">
          {watch.join(" · ")}
        </p>
      ) : (
        <RuleWatch {...part} catalogue={catalogue ?? []} />
      )}
      <RuleParameters {...part} />
      <RuleEntities {...part} />
      <Basics {...part} channels={channels} />
      <RuleTiming {...part} catalogue={catalogue ?? []} choices={choices} />
      <RuleTelling {...part} channels={channels} choices={choices} />
      <Texts {...part} />
      <Checkbox
        checked={wanted.is_enabled}
        onChange={(event) => onChange({ is_enabled: event.target.checked })}
      >
        {t("rules.enabled")}
      </Checkbox>
    </FormDrawer>
  );
}

function Basics({ wanted, problems, channels, onChange }: PartProps & { channels: readonly string[] }) {
  const { t, label } = useI18n();
  return (
    <>
      <RuleField name="for_minutes" label={t("rules.lasts")} problems={problems}>
        {(control) => (
          <DurationInput
            {...control}
            label={t("rules.lasts")}
            value={wanted.for_minutes}
            onChange={(for_minutes) => onChange({ for_minutes })}
          />
        )}
      </RuleField>
      <RuleField name="severity" label={t("alerts.filter_severity")} problems={problems}>
        {(control) => (
          <Select
            {...control}
            value={wanted.severity}
            onChange={(severity) => onChange({ severity })}
            options={SEVERITIES.map((value) => ({ value, label: label("severity", value) }))}
          />
        )}
      </RuleField>
      <RuleField name="channels" label={t("rules.channels")} problems={problems}>
        {(control) => (
          <Select<string[]>
            {...control}
            mode="multiple"
            value={wanted.channels}
            onChange={(value) => onChange({ channels: value })}
            options={channels.map((value) => ({ value, label: value }))}
          />
        )}
      </RuleField>
    </>
  );
}

function Texts({ wanted, problems, onChange }: PartProps) {
  const { t } = useI18n();
  const isUsed = TEXTS.some((name) => wanted[name]);
  return (
    <RuleSection name="texts" fields={TEXTS} problems={problems} isUsed={isUsed}>
      {TEXTS.map((name) => (
        <RuleField key={name} name={name} label={t(`rules.field.${name}`)} problems={problems}>
          {(control) =>
            name === "name_zh" ? (
              <Input
                {...control}
                maxLength={200}
                value={wanted[name] ?? ""}
                onChange={(event) => onChange({ [name]: event.target.value || null })}
              />
            ) : (
              <Input.TextArea
                {...control}
                rows={2}
                maxLength={4000}
                value={wanted[name] ?? ""}
                onChange={(event) => onChange({ [name]: event.target.value || null })}
              />
            )
          }
        </RuleField>
      ))}
    </RuleSection>
  );
}

const NEW: RuleInput = {
  name: "",
  name_zh: null,
  kpi_id: "",
  entity_kind: "",
  entity_ids: null,
  within: null,
  grain: "month",
  condition: "breach",
  parameters: {},
  tolerance: "0",
  hysteresis: "0",
  seasons: null,
  minimum_volume: null,
  volume_kpi_id: null,
  severity: "warning",
  channels: [],
  group_above: null,
  digest: null,
  escalation: [],
  owner: null,
  for_minutes: 0,
  keep_firing_minutes: 0,
  include_provisional: false,
  is_enabled: true,
  playbook_en: null,
  playbook_zh: null,
};

function startOf(rule: Rule | null, isCopy: boolean, copyOf: string): RuleInput {
  if (!rule) return NEW;
  const names = Object.keys(NEW) as (keyof RuleInput)[];
  const read = Object.fromEntries(
    names.map((name) => [name, rule[name] ?? NEW[name]]),
  ) as unknown as RuleInput;
  if (!isCopy) return read;
  // A copy is tried and changed before it tells anybody.
  return { ...read, name: `${copyOf} ${rule.name}`.slice(0, 200), is_enabled: false };
}

/** A whole rule: what the form says, and of the rule that it was made from all that the form doesn't know. */
function wholeOf(wanted: RuleInput, subject: string | undefined, from: Rule | null): RuleBody {
  const rest = from ? fieldsOf(from) : {};
  return { ...rest, ...sent(wanted), kpi_id: subject ?? wanted.kpi_id };
}

/** The changes of a stored rule, which leave its watch and all that the form doesn't know alone. */
function changesOf(wanted: RuleInput): RuleBody {
  const body: RuleBody = sent(wanted);
  for (const name of FIXED) delete body[name];
  return body;
}

/** The form as it is sent: without what the condition can't have. */
function sent(wanted: RuleInput): RuleInput {
  const volume = HAS_VOLUME.includes(wanted.condition) ? {} : { minimum_volume: null, volume_kpi_id: null };
  return { ...wanted, ...volume, name: wanted.name.trim() };
}
