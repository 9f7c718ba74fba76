import { describe, expect, it } from "vitest";
import { editText, formatAmount, parseAmount, sameAmount } from "../src/data/decimal";

const MONEY = "$,.2f";
const PERCENT = ".1%";

function value(text: string, format: string = MONEY) {
  const parsed = parseAmount(text, format);
  return parsed.ok ? parsed.value : parsed.error;
}

describe("parseAmount", () => {
  it.each([
    ["12500", "12500"],
    ["12,500.50", "12500.5"],
    [" $1,234.56 ", "1234.56"],
    ["US$1,000", "1000"],
    ["¥1,000", "1000"],
    ["-42", "-42"],
    ["−42", "-42"],
    ["1.2k", "1200"],
    ["2.5m", "2500000"],
    ["25万", "250000"],
    ["1.5亿", "150000000"],
    ["１２５００", "12500"],
    ["１，２５０．５", "1250.5"],
    ["12,34,567", "1234567"],
    ["1,2345,6789", "123456789"],
    ["(1,234.50)", "-1234.5"],
    [" $ (1,234.50)", "-1234.5"],
    ["($1,234.50)", "-1234.5"],
    ["-$42", "-42"],
    [" $ -   ", "0"],
    ["CA$1,000", "1000"],
    [".5", "0.5"],
    ["", null],
    ["—", null],
  ])("reads %s as %s", (text, expected) => expect(value(text)).toBe(expected));

  it.each([
    "1.234,56",
    "12,5",
    "1,23",
    "1,2,3",
    "1,23,45",
    ",5",
    "5,",
    "1,000,00",
    "0,125",
    "-0,125",
    "0,1234",
    "()",
    "(-5)",
  ])("doesn't guess what is meant by %s", (text) => expect(value(text)).toBe("error.not_a_number"));

  it.each(["abc", "1.2.3", "=1+1", "1e5", "12 apples", "NaN", "Infinity", "--1"])("refuses %s", (text) =>
    expect(value(text)).toBe("error.not_a_number"),
  );

  it("keeps every digit of amounts that a float would round", () => {
    expect(value("9007199254740993.01")).toBe("9007199254740993.01");
    expect(value("0.1")).toBe("0.1");
    expect(value("123456789012345678.123456")).toBe("123456789012345678.123456");
  });

  it("reads shares with and without a percent sign", () => {
    expect(value("35%", PERCENT)).toBe("0.35");
    expect(value("35 %", PERCENT)).toBe("0.35");
    expect(value("３５％", PERCENT)).toBe("0.35");
    expect(value("0.35", PERCENT)).toBe("0.35");
    expect(value("120%", PERCENT)).toBe("1.2");
    expect(value("1", PERCENT)).toBe("1");
    expect(value("12.345678%", PERCENT)).toBe("0.12345678");
  });

  it("doesn't guess what a bare 35 means for a share", () => {
    expect(value("35", PERCENT)).toBe("error.percent_ambiguous");
    expect(value("1.2", PERCENT)).toBe("error.percent_ambiguous");
  });

  it("refuses a percentage for an amount", () => expect(value("35%")).toBe("error.percent_not_allowed"));
});

describe("editText", () => {
  it("starts from the exact value", () => {
    expect(editText("1234.5000", MONEY)).toBe("1234.5");
    expect(editText("0.12345", PERCENT)).toBe("12.345%");
    expect(editText(null, MONEY)).toBe("");
    expect(editText("0.0000001", ",.2f")).toBe("0.0000001");
  });

  it.each(["0.1", "0.123456", "1.5", "0"])("is read back as the same share: %s", (share) =>
    expect(sameAmount(value(editText(share, PERCENT), PERCENT), share)).toBe(true),
  );
});

describe("formatAmount", () => {
  it.each([
    ["1234567.891", "$,.0f", "$1,234,568"],
    ["1234567.895", "$,.2f", "$1,234,567.90"],
    ["-5000", "$,.0f", "−$5,000"],
    ["0.1234", ".1%", "12.3%"],
    ["0.12345", ".2%", "12.35%"],
    ["1234.4", ",d", "1,234"],
    ["4.256", ".2f", "4.26"],
    ["1.50", ",.2~f", "1.5"],
    ["-0.2", ",.0f", "0"],
    ["9007199254740993", ",.0f", "9,007,199,254,740,993"],
  ])("shows %s in %s as %s", (amount, format, expected) =>
    expect(formatAmount(amount, format)).toBe(expected),
  );

  it("shows a dash for what is missing, never a zero", () => {
    expect(formatAmount(null, "$,.0f")).toBe("—");
    expect(formatAmount("", ".1%")).toBe("—");
    expect(formatAmount("0", "$,.0f")).toBe("$0");
  });

  it("names hours, which a number alone does not tell", () => {
    expect(formatAmount("12.54", ",.1f", { unit: "hours" })).toBe("12.5 h");
    expect(formatAmount("-3", ",.1f", { unit: "hours", signed: true })).toBe("−3.0 h");
    expect(formatAmount(null, ",.1f", { unit: "hours" })).toBe("—");
    expect(formatAmount("3", ",.0f", { unit: "days" })).toBe("3");
  });

  it("signs gaps and names other currencies", () => {
    expect(formatAmount("120", "$,.0f", { signed: true })).toBe("+$120");
    expect(formatAmount("0", "$,.0f", { signed: true })).toBe("$0");
    expect(formatAmount("120", "$,.0f", { currency: "EUR" })).toBe("€120");
    expect(formatAmount("120", "$,.0f", { currency: "SEK" })).toBe("SEK 120");
  });

  it("shows the number as it is where the format is unknown", () => {
    expect(formatAmount("1234.5", "~s")).toBe("1,234.5");
    expect(formatAmount("1234.5", null)).toBe("1,234.5");
  });
});
