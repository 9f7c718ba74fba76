/** An entity of either tree: first its kind, then its name, looked up while one types. */
import { Select } from "antd";
import { useState } from "react";
import { type EntityRow, useEntities } from "../data/entities";
import { accountOf } from "../data/entity";
import type { EntityKind } from "../data/types";
import { useI18n } from "../i18n";
import { Field } from "./FormDrawer";
import { useDelayed } from "./useDelayed";

/** The kinds as people think of them: what is sold, who sells it, what advertises it. */
const TREES: { tree: string; kinds: readonly EntityKind[] }[] = [
  { tree: "business", kinds: ["company", "platform", "account", "category", "sku"] },
  { tree: "people", kinds: ["team", "person"] },
  { tree: "ads", kinds: ["campaign", "ad_group"] },
];

interface Props {
  id: string;
  value: EntityRow | null;
  /** Kinds to choose from; all without it. */
  kinds?: readonly string[];
  error?: string;
  onChange: (entity: EntityRow | null) => void;
}

export function EntityPicker({ id, value, kinds, error, onChange }: Props) {
  const { t, label } = useI18n();
  const isAllowed = (kind: EntityKind) => !kinds || kinds.includes(kind);
  const [kind, setKind] = useState<EntityKind>(
    TREES.flatMap((tree) => tree.kinds).find((one) =>
      value ? one === value.entity_kind : one !== "company" && isAllowed(one),
    ) ?? "company",
  );
  const [typed, setTyped] = useState("");
  const found = useEntities(kind, useDelayed(typed));
  const rows = found.data?.filter((row) => row.entity_kind === kind) ?? [];
  return (
    <>
      <Field id={`${id}-kind`} label={t("entity.kind")}>
        <Select<EntityKind>
          id={`${id}-kind`}
          value={kind}
          onChange={(next) => {
            setKind(next);
            setTyped("");
            onChange(null);
          }}
          options={TREES.map(({ tree, kinds: within }) => ({
            label: label("entity.tree", tree),
            options: within
              .filter(isAllowed)
              .map((one) => ({ value: one, label: label("entity_kind", one) })),
          })).filter((group) => group.options.length > 0)}
        />
      </Field>
      <Field id={id} label={t("entity.name")} error={error}>
        <Select<string>
          id={id}
          showSearch
          filterOption={false}
          placeholder={t("entity.search")}
          notFoundContent={found.isFetching ? t("state.loading") : t("entity.none")}
          loading={found.isFetching}
          value={value?.entity_id ?? null}
          onSearch={setTyped}
          onChange={(next) => onChange(rows.find((row) => row.entity_id === next) ?? null)}
          options={withChosen(rows, value).map((row) => ({ value: row.entity_id, label: nameOf(row) }))}
        />
      </Field>
    </>
  );
}

/** What is chosen keeps its name while something else is looked for. */
function withChosen(rows: readonly EntityRow[], value: EntityRow | null): readonly EntityRow[] {
  return value && !rows.some((row) => row.entity_id === value.entity_id) ? [value, ...rows] : rows;
}

function nameOf(row: EntityRow): string {
  const account = accountOf(row);
  return account ? `${row.entity_name} · ${account}` : row.entity_name;
}
