/** Whether a rule tells at once, or of all together at an hour of the day. */
import { Checkbox, Input, Select } from "antd";
import { weekdayName } from "../../data/period";
import { type Digest, WEEKDAYS } from "../../data/rules";
import { useI18n } from "../../i18n";
import { Field } from "../FormDrawer";
import { type PartProps, RuleField } from "./RuleParts";

const EIGHT = "08:00";

export function RuleDigest({ wanted, problems, onChange }: PartProps) {
  const { t } = useI18n();
  const { digest } = wanted;
  return (
    <>
      <RuleField name="digest" label={t("rules.digest")} hint={t("rules.digest_hint")} problems={problems}>
        {(control) => (
          <Select
            {...control}
            value={digest ? "digest" : "at_once"}
            onChange={(how) => onChange({ digest: how === "digest" ? (digest ?? startOf()) : null })}
            options={[
              { value: "at_once", label: t("rules.at_once") },
              { value: "digest", label: t("rules.in_a_digest") },
            ]}
          />
        )}
      </RuleField>
      {digest ? <Hour digest={digest} onChange={(changed) => onChange({ digest: changed })} /> : null}
    </>
  );
}

function Hour({ digest, onChange }: { digest: Digest; onChange: (digest: Digest) => void }) {
  const { t, locale } = useI18n();
  const days = digest.days ?? WEEKDAYS;
  const setDays = (chosen: string[]) => {
    const kept = WEEKDAYS.filter((day) => chosen.includes(day));
    const { days: _days, ...rest } = digest;
    // Every day is what a digest is without its days; the last day stays, or there would be no digest.
    if (kept.length > 0) onChange(kept.length === WEEKDAYS.length ? rest : { ...rest, days: kept });
  };
  return (
    <fieldset className="kp-field kp-fieldset" data-testid="rule-digest">
      <legend>{t("rules.digest_when")}</legend>
      <div className="kp-step">
        <Field id="rule-digest-at" label={t("rules.digest_at")}>
          <Input
            id="rule-digest-at"
            type="time"
            value={digest.at.slice(0, 5)}
            onChange={(event) => onChange({ ...digest, at: event.target.value || EIGHT })}
          />
        </Field>
        <Field id="rule-digest-zone" label={t("rules.digest_zone")}>
          {(control) => (
            <Select
              {...control}
              showSearch
              value={digest.time_zone ?? "UTC"}
              onChange={(time_zone) => onChange({ ...digest, time_zone })}
              options={zones(digest.time_zone).map((value) => ({ value, label: value.replaceAll("_", " ") }))}
              optionFilterProp="label"
            />
          )}
        </Field>
        <Checkbox.Group
          className="kp-weekdays"
          value={[...days]}
          onChange={(chosen) => setDays(chosen as string[])}
          options={WEEKDAYS.map((day, at) => ({ value: day, label: weekdayName(at, locale) }))}
        />
      </div>
    </fieldset>
  );
}

/** Eight in the morning, where the reader is. */
function startOf(): Digest {
  return { at: EIGHT, time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC" };
}

/** The zones that the browser knows, UTC first, with the one that is set. */
function zones(current: string | undefined): string[] {
  return [...new Set(["UTC", ...(current ? [current] : []), ...Intl.supportedValuesOf("timeZone")])];
}
