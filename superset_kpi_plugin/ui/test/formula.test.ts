import { describe, expect, it } from "vitest";
import { evaluate, isFormula } from "../src/data/formula";

const VALUES = { LY: "1000.10", P20: "800", P50: "1200", P80: "1500", TARGET: "1100" };
const money = (text: string, values = VALUES as Record<string, string | null>) =>
  evaluate(text, values, { unit: "money" });
const value = (text: string) => {
  const answer = money(text);
  return answer.ok ? answer.value : answer.error;
};

describe("a cell's formula", () => {
  it("computes in decimals, not in floats", () => {
    expect(value("=LY*1.1")).toBe("1100.11");
    expect(value("=0.1+0.2")).toBe("0.3");
    expect(value("=123456789012345678.91-0.01")).toBe("123456789012345678.9");
  });

  it("binds as arithmetic does", () => {
    expect(value("=2+3*4")).toBe("14");
    expect(value("=(2+3)*4")).toBe("20");
    expect(value("=-2*-3")).toBe("6");
    expect(value("=10-4-3")).toBe("3");
    expect(value("=100/4/5")).toBe("5");
    expect(value("=TARGET*110%")).toBe("1210");
  });

  it("knows functions, grouped digits, and the signs of full-width keyboards", () => {
    expect(value("=MAX(P50, LY, 1)")).toBe("1200");
    expect(value("=MIN(P80,P20)")).toBe("800");
    expect(value("=MIN(1,2)")).toBe("1");
    expect(value("=ROUND(LY*1.1)")).toBe("1100");
    expect(value("=1,250,000*2")).toBe("2500000");
    expect(value("＝去年×２")).toBe("2000.2");
    expect(value(" = ly * 2 ")).toBe("2000.2");
  });

  it("keeps the digits that the unit has", () => {
    expect(evaluate("=100/3", {}, { unit: "money" })).toEqual({ ok: true, value: "33.33" });
    expect(evaluate("=100/3", {}, { unit: "count" })).toEqual({ ok: true, value: "33" });
    expect(evaluate("=1/3", {}, { unit: "ratio" })).toEqual({ ok: true, value: "0.333333" });
    expect(evaluate("=0.005*1", {}, { unit: "money" })).toEqual({ ok: true, value: "0.01" });
  });

  it("never takes what is missing for zero", () => {
    expect(money("=LY*1.1", { LY: null })).toEqual({
      ok: false,
      error: { code: "formula.missing", at: "LY" },
    });
    expect(money("=P50", {})).toMatchObject({ ok: false, error: { code: "formula.missing", at: "P50" } });
  });

  it("refuses what it can't read, and says which part", () => {
    expect(value("=LY*")).toMatchObject({ code: "formula.syntax" });
    expect(value("=")).toMatchObject({ code: "formula.syntax" });
    expect(value("=(1+2")).toEqual({ code: "formula.syntax", at: ")" });
    expect(value("=1 2")).toEqual({ code: "formula.syntax", at: "2" });
    expect(value("=A1*2")).toEqual({ code: "formula.unknown_name", at: "A1" });
    expect(value("=LY/0")).toMatchObject({ code: "formula.division_by_zero" });
    expect(value('=HYPERLINK("http://x")')).toMatchObject({ code: expect.stringContaining("formula.") });
    expect(value("=constructor")).toEqual({ code: "formula.unknown_name", at: "constructor" });
    expect(value("=LY;1")).toEqual({ code: "formula.syntax", at: ";1" });
  });

  it("adds percentage points to percentages only", () => {
    expect(value("=LY+10%")).toEqual({ code: "formula.percent_added", at: "10%" });
    expect(value("=10%+LY")).toEqual({ code: "formula.percent_added", at: "10%" });
    expect(value("=LY*(1+10%)")).toBe("1100.11");
    expect(value("=MAX(LY,P20)-5%")).toEqual({ code: "formula.percent_added", at: "5%" });
    expect(evaluate("=LY+1%", { LY: "0.2" }, { percent: true, unit: "ratio" })).toEqual({
      ok: true,
      value: "0.21",
    });
  });

  it("starts with an equals sign", () => {
    expect(["=1", " =1", "＝1"].every(isFormula)).toBe(true);
    expect(["1", "+10%", "", "a=1"].some(isFormula)).toBe(false);
  });
});
