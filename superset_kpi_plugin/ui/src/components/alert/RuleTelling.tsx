/** Whom a rule tells, and when: at once or in a digest, who is asked when nobody acknowledges, and what the site's routes add. */
import { Button, Input, InputNumber, Select } from "antd";
import type { EscalationStep, RuleChoices, RuleInput, RuleRoute } from "../../data/rules";
import { useI18n } from "../../i18n";
import { DurationInput } from "../DurationInput";
import { Field } from "../FormDrawer";
import { RuleDigest } from "./RuleDigest";
import { type PartProps, RuleField, RuleSection } from "./RuleParts";

interface Props extends PartProps {
  channels: readonly string[];
  choices: RuleChoices | undefined;
}

export const TELLING = ["digest", "escalation", "group_above", "owner"] as const;
const MOST_STEPS = 5;
const DAY = 24 * 60;

export function RuleTelling({ wanted, problems, channels, choices, onChange }: Props) {
  const { t } = useI18n();
  const isUsed =
    wanted.digest !== null ||
    wanted.escalation.length > 0 ||
    wanted.group_above !== null ||
    wanted.owner !== null;
  return (
    <RuleSection name="telling" fields={TELLING} problems={problems} isUsed={isUsed}>
      <RuleDigest {...{ wanted, problems, onChange }} />
      <Escalation
        steps={wanted.escalation}
        problem={problems.escalation}
        channels={channels}
        onChange={(escalation) => onChange({ escalation })}
      />
      <RuleField
        name="group_above"
        label={t("rules.group_above")}
        hint={t("rules.group_above_hint")}
        problems={problems}
      >
        {(control) => (
          <InputNumber<number>
            {...control}
            min={1}
            precision={0}
            value={wanted.group_above}
            onChange={(above) => onChange({ group_above: above ?? null })}
          />
        )}
      </RuleField>
      <RuleField name="owner" label={t("rules.field.owner")} hint={t("rules.owner_hint")} problems={problems}>
        {(control) => (
          <Input
            {...control}
            maxLength={200}
            value={wanted.owner ?? ""}
            onChange={(event) => onChange({ owner: event.target.value || null })}
          />
        )}
      </RuleField>
      <Routes routes={(choices?.routes ?? []).filter((route) => mayMatch(route, wanted))} />
    </RuleSection>
  );
}

interface EscalationProps {
  steps: readonly EscalationStep[];
  problem: string | undefined;
  channels: readonly string[];
  onChange: (steps: EscalationStep[]) => void;
}

/** Who is told next, and after how long without anybody acknowledging. */
function Escalation({ steps, problem, channels, onChange }: EscalationProps) {
  const { t } = useI18n();
  const change = (at: number, part: Partial<EscalationStep>) =>
    onChange(steps.map((step, place) => (place === at ? { ...step, ...part } : step)));
  const add = () =>
    onChange([...steps, { after_minutes: (steps.at(-1)?.after_minutes ?? 0) + DAY, channels: [] }]);
  return (
    <fieldset
      className="kp-field kp-fieldset"
      aria-describedby={problem ? "rule-escalation-error" : undefined}
    >
      <legend>{t("rules.field.escalation")}</legend>
      <span className="kp-muted kp-field__hint">{t("rules.escalation_hint")}</span>
      {steps.map((step, at) => {
        const after = `rule-escalation-${at}-after`;
        const told = `rule-escalation-${at}-channels`;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step has no name but its place
          <div className="kp-step" key={at} data-testid="rule-step">
            <Field id={after} label={t("rules.step_after", { number: at + 1 })}>
              {(control) => (
                <DurationInput
                  {...control}
                  label={t("rules.step_after", { number: at + 1 })}
                  value={step.after_minutes}
                  onChange={(after_minutes) => change(at, { after_minutes })}
                />
              )}
            </Field>
            <Field id={told} label={t("rules.step_channels")}>
              {(control) => (
                <Select<string[]>
                  {...control}
                  mode="multiple"
                  value={step.channels}
                  onChange={(named) => change(at, { channels: named })}
                  options={channels.map((value) => ({ value, label: value }))}
                />
              )}
            </Field>
            <Button onClick={() => onChange(steps.filter((_, place) => place !== at))}>
              {t("rules.step_remove", { number: at + 1 })}
            </Button>
          </div>
        );
      })}
      {steps.length < MOST_STEPS ? (
        <Button onClick={add} data-testid="rule-step-add">
          {t("rules.step_add")}
        </Button>
      ) : null}
      {problem ? (
        <span className="kp-field__error" role="alert" id="rule-escalation-error">
          {problem}
        </span>
      ) : null}
    </fieldset>
  );
}

/** Whether a route of the site may match alerts of the rule; the rest depends on the entity. */
export function mayMatch(route: RuleRoute, { severity, kpi_id }: RuleInput): boolean {
  const allows = (fact: unknown, value: string) =>
    fact === undefined || (Array.isArray(fact) ? fact.includes(value) : fact === value);
  return allows(route.severity, severity) && allows(route.kpi, kpi_id);
}

const FACTS = ["owner", "team", "within"] as const;

function Routes({ routes }: { routes: readonly RuleRoute[] }) {
  const { t, label } = useI18n();
  if (routes.length === 0) return null;
  return (
    <div className="kp-field" data-testid="rule-routes">
      <span>{t("rules.routes")}</span>
      <ul className="kp-routes">
        {routes.map((route) => {
          const facts = FACTS.filter((fact) => route[fact] !== undefined).map(
            (fact) => `${label("rules.route_fact", fact)} ${[route[fact]].flat().join(", ")}`,
          );
          const line = [route.channels.join(", "), ...facts].join(" · ");
          return <li key={JSON.stringify(route)}>{line}</li>;
        })}
      </ul>
    </div>
  );
}
