/** An objective to write: what it is about, whose it is, and the targets of its period that it is judged by. */
import { DeleteOutlined } from "@ant-design/icons";
import { App, Button, Input, Select } from "antd";
import { useMemo, useState } from "react";
import { fieldErrors } from "../../data/api";
import { kpiName, useCatalogue } from "../../data/common";
import { parseAmount } from "../../data/decimal";
import {
  type KeyInput,
  keyOf,
  type Objective,
  type ObjectiveInput,
  useObjectiveActions,
} from "../../data/objectives";
import { useTargets } from "../../data/targets";
import type { Grain } from "../../data/types";
import { useI18n } from "../../i18n";
import { Field, FormDrawer } from "../FormDrawer";
import { PeriodPicker } from "../filters/PeriodPicker";
import { staleOf } from "../Stale";

interface Props {
  /** The objective to change; null is a new one. */
  objective: Objective | null;
  place: { grain: Grain; period_start: string };
  onClose: () => void;
}

const SHOWN = ["name", "description", "owner", "period_start", "keys"];
const MAX_KEYS = 100;

export function ObjectiveDialog({ objective, place, onClose }: Props) {
  const { t, label, locale } = useI18n();
  const { message } = App.useApp();
  const { save } = useObjectiveActions();
  const { data: catalogue } = useCatalogue();
  const [wanted, setWanted] = useState<ObjectiveInput>(() => startOf(objective, place));
  const [etag, setEtag] = useState(objective?.etag);
  const [isDirty, setDirty] = useState(false);
  const targets = useTargets({ grain: wanted.grain, period_start: wanted.period_start });
  const change = (part: Partial<ObjectiveInput>) => {
    setWanted((before) => ({ ...before, ...part }));
    setDirty(true);
    save.reset();
  };
  const problems = fieldErrors(save.error);
  const names = useMemo(() => {
    const known = (objective?.keys ?? []).map((key) => {
      const kpi = catalogue?.find((row) => row.kpi_id === key.kpi_id);
      const name = kpi ? kpiName(kpi, locale) : key.kpi_id;
      return [keyOf(key), `${name} · ${key.entity_name ?? key.entity_id}`] as const;
    });
    const there = (targets.data?.result ?? []).map(
      (row) => [keyOf(row), `${row.kpi_name} · ${row.entity_name}`] as const,
    );
    return new Map([...known, ...there]);
  }, [objective, catalogue, locale, targets.data]);
  const chosen = new Set(wanted.keys.map(keyOf));
  const options = (targets.data?.result ?? [])
    .filter((row) => row.id !== null && !chosen.has(keyOf(row)))
    .map((row) => ({ value: keyOf(row), label: names.get(keyOf(row)) ?? keyOf(row) }));
  const add = (value: string) => {
    const row = targets.data?.result.find((one) => keyOf(one) === value);
    if (row)
      change({ keys: [...wanted.keys, { kpi_id: row.kpi_id, entity_id: row.entity_id, weight: "1" }] });
  };
  const setWeight = (at: number, weight: string) =>
    change({ keys: wanted.keys.map((key, index) => (index === at ? { ...key, weight } : key)) });
  const areWeights = wanted.keys.every((key) => weightOf(key.weight) !== null);
  const isReady = wanted.name.trim() !== "" && wanted.keys.length > 0 && areWeights;
  const store = (known = etag) =>
    save.mutate(
      { id: objective?.id ?? null, objective: stored(wanted), etag: known },
      {
        onSuccess: () => {
          message.success(t("objectives.saved"));
          onClose();
        },
      },
    );
  return (
    <FormDrawer
      title={t(objective ? "objectives.change" : "objectives.new")}
      testId="objective-dialog"
      saveLabel={t("objectives.save")}
      isSaving={save.isPending}
      error={save.error}
      shownFields={SHOWN}
      onSave={() => store()}
      stale={staleOf((field) => label("objectives.field", field), setEtag, change, store)}
      {...{ isDirty, isReady, onClose }}
    >
      <Field id="objective-name" label={t("objectives.name")} error={problems.name}>
        <Input
          id="objective-name"
          value={wanted.name}
          maxLength={200}
          onChange={(event) => change({ name: event.target.value })}
        />
      </Field>
      <Field id="objective-description" label={t("objectives.description")} error={problems.description}>
        <Input.TextArea
          id="objective-description"
          autoSize={{ minRows: 2, maxRows: 8 }}
          value={wanted.description ?? ""}
          onChange={(event) => change({ description: event.target.value })}
        />
      </Field>
      <Field
        id="objective-owner"
        label={t("targets.column.owner")}
        hint={t("objectives.owner_hint")}
        error={problems.owner}
      >
        <Input
          id="objective-owner"
          value={wanted.owner ?? ""}
          maxLength={255}
          autoComplete="off"
          onChange={(event) => change({ owner: event.target.value })}
        />
      </Field>
      <div className="kp-field">
        <span className="kp-field__name">{t("filter.period")}</span>
        <PeriodPicker
          grain={wanted.grain}
          start={wanted.period_start}
          onChange={(grain, period_start) => change({ grain, period_start })}
        />
        {problems.period_start ? (
          <span className="kp-field__error" role="alert">
            {problems.period_start}
          </span>
        ) : null}
      </div>
      <Field
        id="objective-add"
        label={t("objectives.keys")}
        hint={t("objectives.keys_hint")}
        error={problems.keys ?? problems.kpi_id ?? problems.entity_id}
      >
        <Select<string>
          id="objective-add"
          showSearch
          optionFilterProp="label"
          value={null}
          disabled={wanted.keys.length >= MAX_KEYS}
          loading={targets.isFetching}
          placeholder={t("objectives.add_key")}
          notFoundContent={t("objectives.no_targets")}
          options={options}
          onSelect={add}
        />
      </Field>
      <ul className="kp-keys" aria-label={t("objectives.keys")}>
        {wanted.keys.map((key, at) => {
          const name = names.get(keyOf(key)) ?? keyOf(key);
          const isWrong = weightOf(key.weight) === null;
          return (
            <li key={keyOf(key)} className="kp-keys__item">
              <span className="kp-keys__name">{name}</span>
              <Input
                className="kp-keys__weight"
                value={key.weight}
                inputMode="decimal"
                status={isWrong ? "error" : undefined}
                aria-invalid={isWrong}
                aria-label={t("objectives.weight_of", { name })}
                onChange={(event) => setWeight(at, event.target.value)}
              />
              <Button
                icon={<DeleteOutlined />}
                aria-label={t("objectives.remove_named", { name })}
                onClick={() => change({ keys: wanted.keys.filter((_, index) => index !== at) })}
              />
            </li>
          );
        })}
      </ul>
      {areWeights ? null : <p className="kp-field__error">{t("objectives.wrong_weight")}</p>}
    </FormDrawer>
  );
}

/** A weight as a decimal string; null where it is none, or below zero. */
function weightOf(text: string): string | null {
  const parsed = parseAmount(text, null);
  return parsed.ok && parsed.value !== null && !parsed.value.startsWith("-") ? parsed.value : null;
}

function stored(wanted: ObjectiveInput): ObjectiveInput {
  const keys: KeyInput[] = wanted.keys.map((key) => ({ ...key, weight: weightOf(key.weight) ?? key.weight }));
  return {
    ...wanted,
    name: wanted.name.trim(),
    description: wanted.description?.trim() || null,
    owner: wanted.owner?.trim() || null,
    keys,
  };
}

function startOf(objective: Objective | null, place: Props["place"]): ObjectiveInput {
  return {
    name: objective?.name ?? "",
    description: objective?.description ?? null,
    owner: objective?.owner ?? null,
    grain: objective?.grain ?? place.grain,
    period_start: objective?.period_start ?? place.period_start,
    keys: (objective?.keys ?? []).map(({ kpi_id, entity_id, weight }) => ({ kpi_id, entity_id, weight })),
  };
}
