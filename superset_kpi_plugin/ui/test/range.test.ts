import { describe, expect, it } from "vitest";
import { readBlock } from "../src/components/grid/clipboard";
import { bounds, cellsOf, extend, fillSources, place, single, toTsv } from "../src/data/range";

const box = (top: number, left: number, bottom: number, right: number) => ({ top, left, bottom, right });
const at = (row: number, column: number) => ({ row, column });

describe("ranges", () => {
  it("grow and shrink around their anchor, and stop at the sheet's edge", () => {
    let range = single(at(2, 2));
    range = extend(range, -1, 3, 10, 5);
    expect(bounds(range)).toEqual(box(1, 2, 2, 4));
    range = extend(range, 4, 0, 10, 5);
    expect(bounds(range)).toEqual(box(2, 2, 5, 4));
    expect(bounds(extend(range, 99, -99, 10, 5))).toEqual(box(2, 0, 9, 2));
  });

  it("list their cells row by row", () =>
    expect(cellsOf(box(0, 1, 1, 2))).toEqual([at(0, 1), at(0, 2), at(1, 1), at(1, 2)]));
});

describe("the clipboard", () => {
  it("round-trips quotes, tabs and line breaks", () => {
    const block = [
      ["1,200", 'say "hi"', "a\tb"],
      ["two\nlines", "", "35%"],
    ];
    expect(readBlock(toTsv(block))).toEqual(block);
  });

  it("keeps an empty last cell and an empty only row", () => {
    expect(readBlock(toTsv([["1", ""]]))).toEqual([["1", ""]]);
    expect(readBlock("")).toEqual([[""]]);
  });

  it("fills a whole selection with one cell, or with a block that divides it", () => {
    expect(place([["7"]], box(0, 0, 1, 1)).map(({ text }) => text)).toEqual(["7", "7", "7", "7"]);
    const tiled = place([["1", "2"]], box(0, 0, 1, 3));
    expect(tiled.map(({ row, column, text }) => `${row}${column}=${text}`)).toEqual([
      "00=1",
      "01=2",
      "02=1",
      "03=2",
      "10=1",
      "11=2",
      "12=1",
      "13=2",
    ]);
  });

  it("lands once where the block doesn't divide the selection, and never invents cells of ragged rows", () => {
    expect(place([["1", "2"]], box(4, 1, 4, 3))).toEqual([
      { ...at(4, 1), text: "1" },
      { ...at(4, 2), text: "2" },
    ]);
    expect(place([["1", "2"], ["3"]], box(0, 0, 0, 0))).toHaveLength(3);
  });
});

describe("fill", () => {
  it("takes each column's first cell down, or each row's first cell right", () => {
    expect(fillSources(box(0, 0, 2, 0), "down")).toEqual([
      { from: at(0, 0), to: at(1, 0) },
      { from: at(0, 0), to: at(2, 0) },
    ]);
    expect(fillSources(box(3, 1, 3, 2), "right")).toEqual([{ from: at(3, 1), to: at(3, 2) }]);
    expect(fillSources(box(3, 1, 3, 1), "down")).toEqual([]);
  });
});
