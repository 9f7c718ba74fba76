/** What a rule watches: condition, KPI, kind and period, which entities, and the condition's own limits. */
import { InputNumber, Radio, Select } from "antd";
import { useState } from "react";
import { kpiName } from "../../data/common";
import { CONDITIONS, type Condition, PARAMETERS, type RuleInput, SUBJECTS } from "../../data/rules";
import { type CatalogueRow, GRAINS, type Grain } from "../../data/types";
import { useI18n } from "../../i18n";
import { EntitySelect } from "../filters/EntitySelect";
import { type PartProps, RuleField } from "./RuleParts";

/** What a new rule watches; a stored one can't change it, because its history would speak of two things. */
export function RuleWatch(props: PartProps & { catalogue: readonly CatalogueRow[] }) {
  const { wanted, problems, catalogue, onChange } = props;
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
      <RuleField name="condition" label={t("rules.condition")} problems={problems}>
        {(control) => (
          <Select<Condition>
            {...control}
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
          />
        )}
      </RuleField>
      {subject ? null : (
        <RuleField name="kpi_id" label={t("rules.kpi")} problems={problems} isRequired>
          {(control) => (
            <Select
              {...control}
              showSearch
              optionFilterProp="label"
              value={wanted.kpi_id || undefined}
              onChange={(kpi_id: string) => onChange({ kpi_id, entity_kind: "", entity_ids: null })}
              options={catalogue.map((row) => ({ value: row.kpi_id, label: kpiName(row, locale) }))}
            />
          )}
        </RuleField>
      )}
      <RuleField name="entity_kind" label={t("rules.kind")} problems={problems} isRequired>
        {(control) => (
          <Select
            {...control}
            value={wanted.entity_kind || undefined}
            onChange={(entity_kind: string) => onChange({ entity_kind, entity_ids: null })}
            options={kinds.map((value) => ({ value, label: label("entity_kind", value) }))}
          />
        )}
      </RuleField>
      <RuleField name="grain" label={t("rules.grain")} problems={problems}>
        {(control) => (
          <Select<Grain>
            {...control}
            value={wanted.grain}
            onChange={(grain) => onChange({ grain })}
            options={GRAINS.map((value) => ({ value, label: label("grain", value) }))}
          />
        )}
      </RuleField>
    </>
  );
}

const SELECTIONS = ["all", "below", "list"] as const;
type Selection = (typeof SELECTIONS)[number];

/** Which entities of the kind: all, those below one, or some by name. A rule from a file may ask for both. */
export function RuleEntities({ wanted, problems, onChange }: PartProps) {
  const { t, label } = useI18n();
  const [selection, setSelection] = useState<Selection>(
    wanted.entity_ids ? "list" : wanted.within ? "below" : "all",
  );
  const choose = (next: Selection) => {
    setSelection(next);
    onChange({
      within: next === "below" ? wanted.within : null,
      entity_ids: next === "list" ? wanted.entity_ids : null,
    });
  };
  return (
    <>
      <fieldset className="kp-field kp-fieldset">
        <legend>{t("rules.entities")}</legend>
        <Radio.Group
          value={selection}
          onChange={(event) => choose(event.target.value as Selection)}
          options={SELECTIONS.map((value) => ({ value, label: label("rules.entities_of", value) }))}
          data-testid="rule-selection"
        />
      </fieldset>
      {selection === "below" || wanted.within ? (
        <RuleField name="within" label={t("rules.within")} problems={problems}>
          {(control) => (
            <EntitySelect
              {...control}
              kind={null}
              value={wanted.within}
              placeholder={t("rules.entity_search")}
              onChange={(within) => onChange({ within })}
            />
          )}
        </RuleField>
      ) : null}
      {selection === "list" || wanted.entity_ids ? (
        <RuleField name="entity_ids" label={t("rules.entity_ids")} problems={problems}>
          {(control) => (
            <EntitySelect
              {...control}
              mode="multiple"
              kind={wanted.entity_kind || null}
              value={wanted.entity_ids ?? []}
              placeholder={t("rules.entity_search")}
              onChange={(ids) => onChange({ entity_ids: ids.length ? ids : null })}
            />
          )}
        </RuleField>
      ) : null}
    </>
  );
}

/** The limits of the condition itself; what is left empty takes the API's default. */
export function RuleParameters({ wanted, problems, onChange }: PartProps) {
  const { label } = useI18n();
  const set = (name: string, value: Value) => onChange({ parameters: withParameter(wanted, name, value) });
  return PARAMETERS[wanted.condition].map((one) => {
    const value = wanted.parameters[one.name];
    return (
      <RuleField
        key={one.name}
        name={`parameters.${one.name}`}
        label={label("rules.parameter", one.name)}
        problems={problems}
        isRequired={one.isRequired}
      >
        {(control) =>
          one.kind === "word" ? (
            <Select
              {...control}
              allowClear
              value={value as string | undefined}
              onChange={(next?: string) => set(one.name, next)}
              options={(one.words ?? []).map((word) => ({ value: word, label: label("rules.word", word) }))}
            />
          ) : one.kind === "list" ? (
            <Select<string[]>
              {...control}
              mode="tags"
              value={(value as string[] | undefined) ?? []}
              onChange={(next) => set(one.name, next.length ? next : null)}
            />
          ) : (
            <InputNumber
              {...control}
              stringMode
              precision={one.kind === "whole" ? 0 : undefined}
              value={value as string | number | undefined}
              onChange={(next) => set(one.name, next)}
            />
          )
        }
      </RuleField>
    );
  });
}

type Value = RuleInput["parameters"][string] | null | undefined;

function withParameter(wanted: RuleInput, name: string, value: Value): RuleInput["parameters"] {
  const { [name]: _, ...others } = wanted.parameters;
  return value === null || value === undefined || value === "" ? others : { ...others, [name]: value };
}
