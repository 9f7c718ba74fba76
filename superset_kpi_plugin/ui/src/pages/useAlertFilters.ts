/** The inbox's filters live in the address, so that a view of it can be linked to and Back works. */
import { useMemo } from "react";
import { GROUPINGS, type Grouping } from "../data/alertOrder";
import { type AlertFilter, type AlertScope, HANDLED } from "../data/alerts";
import { SEVERITIES } from "../data/types";
import { useParams } from "../router";

export const FILTERS: readonly AlertFilter[] = [
  "open",
  "firing",
  "pending",
  ...HANDLED,
  "resolved",
  "no_data",
  "stale",
  "all",
];
type Name = "state" | "severity" | "kpi" | "rule" | "within" | "owner" | "q" | "group";

export interface AlertFilterState {
  filter: AlertFilter;
  scope: AlertScope;
  group: Grouping | null;
  /** How many filters narrow the list, apart from its state. */
  active: number;
  set: (changes: Partial<Record<Name, string | null>>) => void;
  clear: () => void;
}

export function useAlertFilters(): AlertFilterState {
  const { params, setParams } = useParams();
  const [severity, kpi, rule, within, owner, q] = ["severity", "kpi", "rule", "within", "owner", "q"].map(
    (name) => params.get(name) || null,
  ) as (string | null)[];
  const scope = useMemo(
    (): AlertScope => ({
      severity: SEVERITIES.find((name) => name === severity) ?? null,
      kpi_id: kpi ?? null,
      rule_id: rule && /^\d{1,9}$/.test(rule) ? rule : null,
      within: within ?? null,
      owner: owner ?? null,
      q: q ?? null,
    }),
    [severity, kpi, rule, within, owner, q],
  );
  return {
    filter: FILTERS.find((name) => name === params.get("state")) ?? "open",
    scope,
    group: GROUPINGS.find((name) => name === params.get("group")) ?? null,
    active: Object.values(scope).filter(Boolean).length,
    set: setParams,
    clear: () => setParams({ severity: null, kpi: null, rule: null, within: null, owner: null, q: null }),
  };
}
