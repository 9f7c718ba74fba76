/**
 * The tree of entities beside a KPI's targets: which rows show, what a parent's children add up to, and the residual
 * that no child has got. Pure; amounts are decimal strings.
 */
import Big from "big.js";
import { plain, toBig } from "./decimal";

export interface TreeNode {
  entity_id: string;
  entity_kind: string;
  entity_name: string;
  account_name?: string | null;
  parent_id: string | null;
}

export interface TreeRow<Node extends TreeNode> {
  kind: "node" | "residual";
  node: Node;
  /** From 1, as aria-level counts. */
  level: number;
  hasChildren: boolean;
  isExpanded: boolean;
  /** Among its siblings, from 1. */
  position: number;
  siblings: number;
}

export interface Tree<Node extends TreeNode> {
  roots: readonly Node[];
  children: ReadonlyMap<string, readonly Node[]>;
  nodes: ReadonlyMap<string, Node>;
}

/** Builds the tree in the order the API gave. A node whose parent isn't there (out of scope) is a root. */
export function buildTree<Node extends TreeNode>(list: readonly Node[]): Tree<Node> {
  const nodes = new Map(list.map((node) => [node.entity_id, node]));
  const children = new Map<string, Node[]>();
  const roots: Node[] = [];
  for (const node of nodes.values()) {
    if (node.parent_id === null || !nodes.has(node.parent_id) || isOwnAncestor(node, nodes)) roots.push(node);
    else children.set(node.parent_id, [...(children.get(node.parent_id) ?? []), node]);
  }
  return { roots, children, nodes };
}

/** Bad edges must not hang the page: a node that is its own ancestor hangs nowhere. */
function isOwnAncestor<Node extends TreeNode>(node: Node, nodes: ReadonlyMap<string, Node>): boolean {
  const seen = new Set<string>();
  for (let at: Node | undefined = node; at?.parent_id; at = nodes.get(at.parent_id)) {
    if (seen.has(at.entity_id)) return true;
    seen.add(at.entity_id);
  }
  return false;
}

/** The nodes that match and all their ancestors: a filter never hides where something belongs. */
export function keepWithParents<Node extends TreeNode>(
  tree: Tree<Node>,
  matches: (node: Node) => boolean,
): ReadonlySet<string> {
  const kept = new Set<string>();
  for (const node of tree.nodes.values()) {
    if (!matches(node)) continue;
    for (let at: Node | undefined = node; at && !kept.has(at.entity_id); ) {
      kept.add(at.entity_id);
      at = at.parent_id === null ? undefined : tree.nodes.get(at.parent_id);
    }
  }
  return kept;
}

/**
 * The rows that show: each node whose ancestors are all expanded, and right below every parent its residual, which
 * stays when the children are folded away. With `kept`, only those nodes, all expanded down to the last match.
 */
export function visibleRows<Node extends TreeNode>(
  tree: Tree<Node>,
  expanded: ReadonlySet<string>,
  kept: ReadonlySet<string> | null = null,
): TreeRow<Node>[] {
  const rows: TreeRow<Node>[] = [];
  const walk = (siblings: readonly Node[], level: number) => {
    const shown = kept ? siblings.filter((node) => kept.has(node.entity_id)) : siblings;
    shown.forEach((node, at) => {
      const all = tree.children.get(node.entity_id) ?? [];
      const isExpanded = all.length > 0 && (expanded.has(node.entity_id) || kept !== null);
      const place = { level, position: at + 1, siblings: shown.length };
      rows.push({ kind: "node", node, hasChildren: all.length > 0, isExpanded, ...place });
      if (all.length === 0) return;
      const below = { level: level + 1, position: 1, siblings: all.length + 1 };
      rows.push({ kind: "residual", node, hasChildren: false, isExpanded: false, ...below });
      if (isExpanded) walk(all, level + 1);
    });
  };
  walk(tree.roots, 1);
  return rows;
}

/** What the children of one parent say in one period. */
export interface Rollup {
  /** The children's sum; null while none of them has a target. */
  sum: string | null;
  /** The parent's target less that sum; null where the parent has no target. */
  residual: string | null;
  set: number;
  count: number;
  /** The children's money is of several currencies, or of another than the parent's: there is no sum. */
  isMixed?: boolean;
  /** What a ratio's children imply, from the API; a sum of ratios means nothing. */
  implied?: string | null;
}

/** Adds up to the cent. A child without a target is not zero: it is counted as not set. */
export function rollUp(parent: string | null, children: readonly (string | null)[]): Rollup {
  const known = children.map(toBig).filter((number): number is Big => number !== null);
  const sum = known.reduce((total, number) => total.plus(number), new Big(0));
  const whole = toBig(parent);
  return {
    sum: known.length > 0 ? plain(sum) : null,
    residual: whole ? plain(whole.minus(sum)) : null,
    set: known.length,
    count: children.length,
  };
}

export type ResidualState = "none" | "open" | "over" | "closed";

/** Whether something is left to give out, too much is given, or all is placed within half a cent. */
export function residualState({ residual, set }: Rollup): ResidualState {
  const left = toBig(residual);
  if (!left || set === 0) return "none";
  if (left.abs().lt("0.005")) return "closed";
  return left.gt(0) ? "open" : "over";
}
