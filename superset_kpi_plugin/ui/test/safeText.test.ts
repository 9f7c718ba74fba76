import { describe, expect, it } from "vitest";
import { readBlock } from "../src/components/grid/clipboard";
import { toTsv } from "../src/data/range";
import { FORMULA, safeText, withoutGuard } from "../src/data/safeText";

const HIDDEN = [
  "",
  " ",
  "\u00a0",
  "\u3000",
  "\u200b",
  "\ufeff",
  "\u202e",
  "\u2060",
  "\u3164",
  "\u200b \ufeff",
];

describe("text for a spreadsheet", () => {
  it("never opens a formula, whatever is hidden before its sign", () => {
    for (const sign of FORMULA) {
      for (const before of HIDDEN) {
        const text = `${before}${sign}SUM(A1)`;
        expect(safeText(text)).toBe(`'${text}`);
        expect(readBlock(toTsv([[text, "7"]]))).toEqual([[text.replace(/\r/g, "\n"), "7"]]);
      }
    }
  });

  it("leaves amounts, names and what begins no formula alone", () => {
    for (const text of ["", "60000", "-5", "+1,234.50", "-12.5%", "李", "a=b", "\ufeff", "O'Neill"])
      expect(safeText(text)).toBe(text);
  });

  it("takes the guard off again, and no other apostrophe", () => {
    for (const text of ["=1+1", "'=1", "''", "'a", "\t=1", "\u200b＝1", "@all", "-1+2"])
      expect(withoutGuard(safeText(text))).toBe(text);
    expect(withoutGuard("'90s")).toBe("'90s");
  });
});
