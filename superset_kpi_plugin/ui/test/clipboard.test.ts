import { describe, expect, it } from "vitest";
import { pasteBlock, readBlock } from "../src/components/grid/clipboard";
import { type GridRow, sortRows } from "../src/components/grid/rows";
import { targetRow } from "./helpers";

const ORDER = [
  "select-row",
  "entity",
  "kpi",
  "floor_value",
  "target_value",
  "stretch_value",
  "value",
  "warn_limit",
];
const rows: GridRow[] = ["a", "b"].map((name) => ({
  key: name,
  row: targetRow({ entity_id: name, entity_name: name }),
}));

describe("pasting from a spreadsheet", () => {
  it("reads rows and columns, with Windows line ends and the trailing one", () => {
    expect(readBlock("1\t2\r\n3\t4\r\n")).toEqual([
      ["1", "2"],
      ["3", "4"],
    ]);
  });

  it("reads quoted cells with tabs, quotes and line breaks in them", () => {
    expect(readBlock('"a\tb"\t"say ""hi"""\n"two\nlines"\tx')).toEqual([
      ["a\tb", 'say "hi"'],
      ["two\nlines", "x"],
    ]);
  });

  it("fills neighbouring columns, skips what can't be edited, stops at the last row", () => {
    const block = [["1", "2", "skipped", "4"], ["5", "", "", ""], ["below"]];
    const changes = pasteBlock(block, rows, ORDER, 0, ORDER.indexOf("target_value"));
    expect(changes.map(({ row, field, text }) => [row.entity_id, field, text])).toEqual([
      ["a", "target_value", "1"],
      ["a", "stretch_value", "2"],
      ["a", "warn_limit", "4"],
      ["b", "target_value", "5"],
      ["b", "stretch_value", ""],
      ["b", "warn_limit", ""],
    ]);
  });
});

describe("sorting", () => {
  const named = (name: string, target: string | null) =>
    targetRow({
      entity_name: name,
      approved: { ...(targetRow().approved as never as object), target_value: target } as never,
    });
  const list = [named("big", "1000000"), named("none", null), named("small", "9")];

  it("sorts by number, not by text, and puts what is missing last both ways", () => {
    const order = (direction: "ASC" | "DESC") =>
      sortRows(list, [{ columnKey: "target_value", direction }]).map((row) => row.entity_name);
    expect(order("ASC")).toEqual(["small", "big", "none"]);
    expect(order("DESC")).toEqual(["big", "small", "none"]);
  });

  it("keeps the server's order without a choice", () => expect(sortRows(list, [])).toBe(list));
});
