/** In which order alerts are read, and in which groups. Pure. */
import { type AlertInstance, SEVERITIES } from "./types";

export const GROUPINGS = ["owner", "entity", "rule"] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface AlertGroup {
  /** Empty where there is nothing to group by, as with alerts that nobody owns. */
  key: string;
  name: string;
  rows: AlertInstance[];
}

const STATE_ORDER = ["firing", "pending", "stale", "no_data", "resolved", "ok"];

export function isSnoozed(row: AlertInstance, now: Date = new Date()): boolean {
  return !!row.snoozed_until && new Date(row.snoozed_until) > now;
}

/** Whether somebody or something took care of it already, so that it can wait. */
function isHandled(row: AlertInstance): boolean {
  return !!row.acknowledged_at || !!row.silence_id || !!row.inhibited_by || isSnoozed(row);
}

/** What needs a person first: firing and critical, nothing done about it yet, the oldest first. */
export function sortAlerts(rows: readonly AlertInstance[]): AlertInstance[] {
  const rank = (row: AlertInstance) => [
    STATE_ORDER.indexOf(row.state),
    isHandled(row) ? 1 : 0,
    SEVERITIES.indexOf(row.severity),
  ];
  return [...rows].sort((a, b) => {
    const left = rank(a);
    const right = rank(b);
    for (let at = 0; at < left.length; at += 1) {
      const order = (left[at] ?? 0) - (right[at] ?? 0);
      if (order !== 0) return order;
    }
    return (a.firing_since ?? "").localeCompare(b.firing_since ?? "");
  });
}

/** Who deals with an alert: whoever it was given to, else its owner. */
export function ownerOf(row: AlertInstance): { key: string; name: string } {
  const name = row.assignee ?? row.owner_name ?? row.owner ?? "";
  return { key: row.assignee ?? row.owner ?? name, name };
}

const GROUP_OF: Record<Grouping, (row: AlertInstance) => { key: string; name: string }> = {
  owner: ownerOf,
  entity: (row) => ({ key: row.entity_id, name: row.entity_name }),
  rule: (row) => ({ key: String(row.rule_id), name: row.rule_name }),
};

/** Groups in the order of their most urgent alert, the rows of each in their own order. */
export function groupAlerts(rows: readonly AlertInstance[], by: Grouping): AlertGroup[] {
  const groups = new Map<string, AlertGroup>();
  for (const row of rows) {
    const { key, name } = GROUP_OF[by](row);
    const group = groups.get(key) ?? { key, name, rows: [] };
    group.rows.push(row);
    groups.set(key, group);
  }
  return [...groups.values()];
}
