/** When a rule fires and ends: how long it must last, margins, seasons, how many cases, provisional figures. */
import { Checkbox, InputNumber, Select } from "antd";
import { useState } from "react";
import { kpiName } from "../../data/common";
import { HAS_VOLUME, type RuleChoices, type Seasons } from "../../data/rules";
import type { CatalogueRow } from "../../data/types";
import { useI18n } from "../../i18n";
import { DurationInput } from "../DurationInput";
import { PercentInput } from "../PercentInput";
import { type PartProps, RuleField, RuleSection } from "./RuleParts";

interface Props extends PartProps {
  catalogue: readonly CatalogueRow[];
  choices: RuleChoices | undefined;
}

export const TIMING = [
  "keep_firing_minutes",
  "tolerance",
  "hysteresis",
  "seasons",
  "minimum_volume",
  "volume_kpi_id",
  "include_provisional",
] as const;

export function RuleTiming({ wanted, problems, catalogue, choices, onChange }: Props) {
  const { t, locale } = useI18n();
  const isUsed =
    wanted.keep_firing_minutes > 0 ||
    Number(wanted.tolerance) > 0 ||
    Number(wanted.hysteresis) > 0 ||
    wanted.seasons !== null ||
    wanted.minimum_volume !== null ||
    wanted.include_provisional;
  return (
    <RuleSection name="timing" fields={TIMING} problems={problems} isUsed={isUsed}>
      <RuleField
        name="keep_firing_minutes"
        label={t("rules.keep_firing")}
        hint={t("rules.keep_firing_hint")}
        problems={problems}
      >
        {(control) => (
          <DurationInput
            {...control}
            label={t("rules.keep_firing")}
            value={wanted.keep_firing_minutes}
            onChange={(keep_firing_minutes) => onChange({ keep_firing_minutes })}
          />
        )}
      </RuleField>
      {(["tolerance", "hysteresis"] as const).map((name) => (
        <RuleField
          key={name}
          name={name}
          label={t(`rules.field.${name}`)}
          hint={t(`rules.${name}_hint`)}
          problems={problems}
        >
          {(control) => (
            <PercentInput
              {...control}
              value={wanted[name]}
              onChange={(share) => onChange({ [name]: share })}
            />
          )}
        </RuleField>
      ))}
      <SeasonFields
        seasons={wanted.seasons}
        problems={problems}
        choices={choices}
        onChange={(seasons) => onChange({ seasons })}
      />
      {HAS_VOLUME.includes(wanted.condition) ? (
        <>
          <RuleField
            name="minimum_volume"
            label={t("rules.field.minimum_volume")}
            hint={t("rules.minimum_volume_hint")}
            problems={problems}
          >
            {(control) => (
              <InputNumber<string>
                {...control}
                stringMode
                min="0"
                value={wanted.minimum_volume}
                onChange={(least) =>
                  onChange(least ? { minimum_volume: least } : { minimum_volume: null, volume_kpi_id: null })
                }
              />
            )}
          </RuleField>
          {wanted.minimum_volume ? (
            <RuleField name="volume_kpi_id" label={t("rules.field.volume_kpi_id")} problems={problems}>
              {(control) => (
                <Select<string>
                  {...control}
                  allowClear
                  showSearch
                  optionFilterProp="label"
                  placeholder={t("rules.volume_own")}
                  value={wanted.volume_kpi_id ?? undefined}
                  onChange={(kpi?: string) => onChange({ volume_kpi_id: kpi ?? null })}
                  options={catalogue.map((row) => ({ value: row.kpi_id, label: kpiName(row, locale) }))}
                />
              )}
            </RuleField>
          ) : null}
        </>
      ) : null}
      <Checkbox
        checked={wanted.include_provisional}
        onChange={(event) => onChange({ include_provisional: event.target.checked })}
      >
        {t("rules.provisional")}
      </Checkbox>
    </RuleSection>
  );
}

const HOLDS = ["always", "only", "except"] as const;
type Holds = (typeof HOLDS)[number];

interface SeasonProps {
  seasons: Seasons | null;
  problems: PartProps["problems"];
  choices: RuleChoices | undefined;
  onChange: (seasons: Seasons | null) => void;
}

function SeasonFields({ seasons, problems, choices, onChange }: SeasonProps) {
  const { t, label, locale } = useI18n();
  const events = seasons ? ("only" in seasons ? seasons.only : seasons.except) : [];
  const [holds, setHolds] = useState<Holds>(seasons ? ("only" in seasons ? "only" : "except") : "always");
  const tell = (how: Holds, named: string[]) => {
    if (how === "always") onChange(null);
    else onChange(how === "only" ? { only: named } : { except: named });
  };
  const options = (choices?.seasons ?? []).map((season) => {
    const name = (locale === "zh" && season.name_zh) || season.name_en || season.event;
    return { value: season.event, label: season.is_yearly ? name : `${name} · ${season.starts_on}` };
  });
  return (
    <>
      <RuleField
        name={holds === "always" ? "seasons" : "holds"}
        label={t("rules.field.seasons")}
        problems={problems}
      >
        {(control) => (
          <Select<Holds>
            {...control}
            value={holds}
            onChange={(next) => {
              setHolds(next);
              tell(next, events);
            }}
            options={HOLDS.map((value) => ({ value, label: label("rules.holds", value) }))}
          />
        )}
      </RuleField>
      {holds === "always" ? null : (
        <RuleField name="seasons" label={t("rules.events")} problems={problems}>
          {(control) => (
            <Select<string[]>
              {...control}
              mode="multiple"
              optionFilterProp="label"
              value={events}
              onChange={(next) => tell(holds, next)}
              options={options}
            />
          )}
        </RuleField>
      )}
    </>
  );
}
