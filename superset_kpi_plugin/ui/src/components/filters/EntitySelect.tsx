/** Chooses entities, one or several: by part of their name, because there may be thousands. */
import { Select } from "antd";
import { useRef, useState } from "react";
import { type EntityRow, useEntities } from "../../data/entities";
import { accountOf } from "../../data/entity";
import { type I18n, useI18n } from "../../i18n";
import type { ControlProps } from "../FormDrawer";
import { useDelayed } from "../useDelayed";

interface Common extends ControlProps {
  /** Null is every kind. */
  kind: string | null;
  placeholder?: string;
  /** Names of what is chosen already, by id. */
  names?: Readonly<Record<string, string>>;
  "data-testid"?: string;
}
interface One extends Common {
  mode?: undefined;
  value: string | null;
  onChange: (value: string | null) => void;
}
interface Several extends Common {
  mode: "multiple";
  value: readonly string[];
  onChange: (value: string[]) => void;
}

export function EntitySelect({ kind, names, mode, value, onChange, ...rest }: One | Several) {
  const i18n = useI18n();
  const [search, setSearch] = useState("");
  const asked = useDelayed(search);
  const { data, isFetching } = useEntities(kind, asked);
  // What was found once keeps its name while it is chosen.
  const known = useRef(new Map<string, string>());
  for (const row of data ?? []) known.current.set(row.entity_id, nameOf(row, kind, i18n));
  const chosen = mode === "multiple" ? value : value ? [value] : [];
  const found = (data ?? []).map((row) => row.entity_id);
  const nameFor = (id: string) => known.current.get(id) ?? names?.[id] ?? id;
  const options = [...new Set([...(search ? [] : chosen), ...found])].map((id) => ({
    value: id,
    label: nameFor(id),
  }));
  const common = {
    ...rest,
    allowClear: true,
    showSearch: true,
    filterOption: false as const,
    loading: isFetching,
    onSearch: setSearch,
    options,
  };
  return mode === "multiple" ? (
    <Select<string[]>
      {...common}
      mode="multiple"
      value={[...value]}
      labelRender={({ value: id }) => nameFor(String(id))}
      onChange={(next) => onChange(next)}
    />
  ) : (
    <Select<string>
      {...common}
      value={value ?? undefined}
      labelRender={({ value: id }) => nameFor(String(id))}
      onChange={(next?: string) => onChange(next ?? null)}
    />
  );
}

/** The name with what tells it apart: its account, and its kind where kinds are mixed. */
function nameOf(row: EntityRow, kind: string | null, { label }: Pick<I18n, "label">): string {
  const more = [kind === null ? label("entity_kind", row.entity_kind) : null, accountOf(row)].filter(Boolean);
  return more.length ? `${row.entity_name} · ${more.join(" · ")}` : row.entity_name;
}
