/** What the plan shows: its KPI, tree and horizon (all in the address), which parents are open, and the filter. */
import { useCallback, useMemo, useState } from "react";
import { useCatalogue } from "../data/common";
import { cellOf, type PlanNode, planSpan, TREES, type TreeName, usePlan } from "../data/plan";
import { buildTree, keepWithParents, visibleRows } from "../data/tree";
import type { TargetRow } from "../data/types";
import { useParams } from "../router";
import { countStatuses, matchesSearch, matchesStatus, type TargetFilterState } from "./useTargetFilters";

const NO_NODES: readonly PlanNode[] = [];

export function usePlanView(filters: TargetFilterState, isShown: boolean) {
  const { params, setParams } = useParams();
  const { data: catalogue } = useCatalogue();
  const tree: TreeName = TREES.find((name) => name === params.get("tree")) ?? "business";
  const first = useMemo(
    () => [...(catalogue ?? [])].sort((a, b) => (a.display_order ?? 0) - (b.display_order ?? 0))[0],
    [catalogue],
  );
  const kpi = filters.kpi ?? first?.kpi_id ?? null;
  const span = planSpan(filters.grain, filters.start);
  const query = usePlan(isShown && kpi ? { kpi_id: kpi, tree, grain: filters.grain, ...span } : null);
  const plan = query.data;
  const nodes = plan?.nodes ?? NO_NODES;
  const shape = useMemo(() => buildTree(nodes), [nodes]);
  const [opened, setOpened] = useState<ReadonlySet<string> | null>(null);
  // Until somebody opens or folds anything, the roots and their children show.
  const expanded = useMemo(
    () => opened ?? new Set(shape.roots.map((node) => node.entity_id)),
    [opened, shape],
  );
  const toggle = useCallback(
    (entityId: string) =>
      setOpened((known) => {
        const next = new Set(known ?? shape.roots.map((node) => node.entity_id));
        if (!next.delete(entityId)) next.add(entityId);
        return next;
      }),
    [shape],
  );
  /** Shows the children of a parent, as after a split. */
  const open = useCallback(
    (entityId: string) =>
      setOpened((known) => new Set([...(known ?? shape.roots.map((node) => node.entity_id)), entityId])),
    [shape],
  );
  const setAll = useCallback(
    (isOpen: boolean) => setOpened(new Set(isOpen ? [...shape.children.keys()] : [])),
    [shape],
  );
  const { search, status } = filters;
  const rowsOf = useMemo(() => {
    const found = new Map<string, TargetRow[]>();
    for (const row of plan?.cells.values() ?? []) {
      const known = found.get(row.entity_id);
      if (known) known.push(row);
      else found.set(row.entity_id, [row]);
    }
    return found;
  }, [plan]);
  const kept = useMemo(() => {
    if (!plan || (!search && status === null)) return null;
    return keepWithParents(shape, (node) => {
      const rows = rowsOf.get(node.entity_id) ?? [];
      const named = rows[0] ?? cellOf(plan, node, plan.periods[0] ?? "");
      return (
        rows.some((row) => matchesStatus(row, status) && matchesSearch(row, search)) ||
        (status === null && matchesSearch(named, search))
      );
    });
  }, [plan, shape, rowsOf, search, status]);
  const rows = useMemo(() => visibleRows(shape, expanded, kept), [shape, expanded, kept]);
  const all = useMemo(() => [...(plan?.cells.values() ?? [])], [plan]);
  const counts = useMemo(() => countStatuses(all), [all]);
  return {
    kpi,
    tree,
    setTree: (name: TreeName) => setParams({ tree: name }),
    query,
    plan,
    shape,
    rows,
    cells: all,
    /** How many of the cells hold a target. */
    total: all.filter((row) => row.approved !== null || row.draft !== null).length,
    counts,
    toggle,
    open,
    setAll,
  };
}

export type PlanView = ReturnType<typeof usePlanView>;
