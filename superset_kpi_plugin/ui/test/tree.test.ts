import { describe, expect, it } from "vitest";
import {
  buildTree,
  keepWithParents,
  residualState,
  rollUp,
  type TreeNode,
  type TreeRow,
  visibleRows,
} from "../src/data/tree";

const node = (entity_id: string, parent_id: string | null): TreeNode => ({
  entity_id,
  entity_kind: "account",
  entity_name: entity_id,
  parent_id,
});
const LIST = [node("c", null), node("p", "c"), node("a1", "p"), node("a2", "p"), node("s1", "a1")];
const shown = (rows: TreeRow<TreeNode>[]) =>
  rows.map((row) => `${row.kind === "residual" ? "r:" : ""}${row.node.entity_id}@${row.level}`);

describe("the tree", () => {
  const tree = buildTree(LIST);

  it("shows folded parents with their residual, and opens level by level", () => {
    expect(shown(visibleRows(tree, new Set()))).toEqual(["c@1", "r:c@2"]);
    expect(shown(visibleRows(tree, new Set(["c"])))).toEqual(["c@1", "r:c@2", "p@2", "r:p@3"]);
    expect(shown(visibleRows(tree, new Set(["c", "p"])))).toEqual([
      "c@1",
      "r:c@2",
      "p@2",
      "r:p@3",
      "a1@3",
      "r:a1@4",
      "a2@3",
    ]);
  });

  it("keeps the parents of what a filter finds", () => {
    const kept = keepWithParents(tree, (one) => one.entity_id === "s1");
    expect([...kept].sort()).toEqual(["a1", "c", "p", "s1"]);
    const rows = visibleRows(tree, new Set(), kept).filter((row) => row.kind === "node");
    expect(shown(rows)).toEqual(["c@1", "p@2", "a1@3", "s1@4"]);
  });

  it("counts siblings for screen readers", () => {
    const rows = visibleRows(tree, new Set(["c", "p"])).filter((row) => row.kind === "node");
    expect(rows.at(-1)).toMatchObject({ position: 2, siblings: 2 });
  });

  it("makes roots of nodes whose parents are out of scope, and survives circles", () => {
    expect(buildTree([node("x", "hidden")]).roots).toHaveLength(1);
    const circle = buildTree([node("a", "b"), node("b", "a"), node("ok", null)]);
    expect(shown(visibleRows(circle, new Set(["a", "b"])))).toContain("ok@1");
  });
});

describe("roll-up", () => {
  it("closes to the cent", () => {
    const { sum, residual } = rollUp("0.3", ["0.1", "0.2"]);
    expect([sum, residual]).toEqual(["0.3", "0"]);
    expect(rollUp("1000000.00", ["333333.33", "333333.33"])).toEqual({
      sum: "666666.66",
      residual: "333333.34",
      set: 2,
      count: 2,
    });
  });

  it("tells what is missing from zero", () => {
    expect(rollUp("100", [null, "0"])).toEqual({ sum: "0", residual: "100", set: 1, count: 2 });
    expect(rollUp("100", [null])).toMatchObject({ sum: null, residual: "100", set: 0 });
    expect(rollUp(null, ["5"])).toMatchObject({ sum: "5", residual: null });
  });

  it("parent = children + residual, whatever the amounts", () => {
    let seed = 7;
    const next = () => {
      seed = (seed * 48271) % 2147483647;
      return (seed % 1e9) / 100;
    };
    for (let round = 0; round < 200; round += 1) {
      const children = Array.from({ length: 1 + (round % 9) }, () => next().toFixed(2));
      const parent = next().toFixed(2);
      const { residual } = rollUp(parent, children);
      const cents = (text: string) => BigInt(Math.round(Number(text) * 100));
      const total = children.reduce((sum, one) => sum + cents(one), 0n) + cents(residual ?? "x");
      expect(total).toBe(cents(parent));
    }
  });

  it("says whether something is left, too much is given, or all is placed", () => {
    const state = (parent: string | null, ...children: (string | null)[]) =>
      residualState(rollUp(parent, children));
    expect(state("100", "60")).toBe("open");
    expect(state("100", "60", "60")).toBe("over");
    expect(state("100", "60", "40.00")).toBe("closed");
    expect(state("100", null)).toBe("none");
    expect(state(null, "5")).toBe("none");
  });
});
