/**
 * Reads and writes amounts as decimal strings. A float never holds an amount: what a person types reaches the
 * API digit by digit, and what the API sends is shown digit by digit.
 */
import Big from "big.js";
import type { Unit } from "./types";

export type ParseError = "error.not_a_number" | "error.percent_ambiguous" | "error.percent_not_allowed";
export type Parsed = { ok: true; value: string | null } | { ok: false; error: ParseError };

const SCALES: Record<string, number> = { k: 3, m: 6, b: 9, 万: 4, 亿: 8 };
const NUMBER = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(%|k|m|b|万|亿)?$/i;
/** Commas between groups of three digits, of two and three as in India, or of four; `1.234,56`, `12,5` and `0,125` are no such. */
const GROUPED = /^\D*(?!0)(?:\d{1,3}(?:,\d{2,3})*,\d{3}|\d{1,4}(?:,\d{4})+)(?!,|\d)[^,]*$/;

export function isPercentFormat(format: string | null | undefined): boolean {
  return !!format && format.trim().endsWith("%");
}

/**
 * Reads what a person typed or pasted. Empty means "no value". `35%` is 0.35; for KPIs shown in percent a bare
 * number above 1 is refused, because 35 may mean 35% or 3,500%.
 */
export function parseAmount(text: string, format: string | null | undefined): Parsed {
  const cleaned = text
    .normalize("NFKC")
    .replace(/[\s'_]/g, "")
    .replace(/^−/, "-")
    .replace(/^([+-]?\(?)(?:US|CN|HK|CA|MX)?[$¥€£]/i, "$1")
    // How spreadsheets write negative amounts in their accounting formats.
    .replace(/^\((.+)\)$/, "-$1");
  // In these formats a dash beside the currency is zero; by itself it is a gap.
  if (cleaned === "-" && /[$¥€£]/.test(text.normalize("NFKC"))) return { ok: true, value: "0" };
  if (cleaned.includes(",") && !GROUPED.test(cleaned)) return { ok: false, error: "error.not_a_number" };
  if (cleaned === "" || cleaned === "-" || cleaned === "—" || cleaned === "–")
    return { ok: true, value: null };
  const match = NUMBER.exec(cleaned.replace(/,/g, ""));
  if (!match) return { ok: false, error: "error.not_a_number" };
  const [, sign = "", digits = "", suffix = ""] = match;
  const number = new Big(`${sign}${digits}`);
  const percent = isPercentFormat(format);
  if (suffix === "%") {
    return percent
      ? { ok: true, value: plain(number.div(100)) }
      : { ok: false, error: "error.percent_not_allowed" };
  }
  if (percent && number.abs().gt(1)) return { ok: false, error: "error.percent_ambiguous" };
  const power = SCALES[suffix.toLowerCase()] ?? 0;
  return { ok: true, value: plain(number.times(new Big(10).pow(power))) };
}

/** The text a cell's editor starts with: exact, without grouping. */
export function editText(value: string | null | undefined, format: string | null | undefined): string {
  const number = toBig(value);
  if (!number) return "";
  return isPercentFormat(format) ? `${plain(number.times(100))}%` : plain(number);
}

/** Two decimal strings that mean the same number (1.50 and 1.5), or two nulls. */
export function sameAmount(a: string | null | undefined, b: string | null | undefined): boolean {
  const left = toBig(a);
  const right = toBig(b);
  if (!left || !right) return !left && !right;
  return left.eq(right);
}

export function toBig(value: string | number | null | undefined): Big | null {
  if (value === null || value === undefined || value === "") return null;
  try {
    return new Big(value);
  } catch {
    return null;
  }
}

/** For widths of bars and sorting only. */
export function toNumber(value: string | number | null | undefined): number | null {
  const number = toBig(value);
  return number ? Number(number.toString()) : null;
}

export function plain(number: Big): string {
  // big.js switches to an exponent for very large and very small numbers; a cell never shows one.
  const text = number.toFixed();
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

const FORMAT = /^(\+)?(\$)?(,)?(?:\.(\d+))?(~)?([fd%])?$/;
const SYMBOLS: Record<string, string> = {
  USD: "$",
  CNY: "¥",
  EUR: "€",
  GBP: "£",
  JPY: "¥",
  CAD: "CA$",
  MXN: "MX$",
};

/** Units that a number alone doesn't tell. */
const SUFFIXES: Partial<Record<Unit, string>> = { hours: " h" };

export interface FormatOptions {
  currency?: string | null;
  unit?: Unit;
  /** Writes a plus before positive numbers, as for a gap. */
  signed?: boolean;
}

/** Shows a decimal string in one of the d3 formats the catalogue uses (`$,.0f`, `,d`, `.1%`, `.2f`). */
export function formatAmount(
  value: string | null | undefined,
  format: string | null | undefined,
  options: FormatOptions = {},
): string {
  const number = toBig(value);
  if (!number) return "—";
  const match = FORMAT.exec((format ?? "").trim());
  if (!match?.[0]) return groupDigits(plain(number));
  const [, , money, group, decimals, trim, type] = match;
  const scaled = type === "%" ? number.times(100) : number;
  const places = decimals !== undefined ? Number(decimals) : type === "d" || money ? 0 : undefined;
  let digits = places === undefined ? plain(scaled.abs()) : scaled.abs().toFixed(places, Big.roundHalfUp);
  if (trim && digits.includes(".")) digits = digits.replace(/\.?0+$/, "");
  if (group || money) digits = groupDigits(digits);
  const isZero = /^[0.,]*$/.test(digits);
  const sign = scaled.lt(0) && !isZero ? "−" : options.signed && !isZero ? "+" : "";
  const symbol = money ? (SYMBOLS[options.currency ?? "USD"] ?? `${options.currency} `) : "";
  const suffix = type === "%" ? "%" : ((options.unit && SUFFIXES[options.unit]) ?? "");
  return `${sign}${symbol}${digits}${suffix}`;
}

const STEPS: [string, string][] = [
  ["1e9", "B"],
  ["1e6", "M"],
  ["1e3", "K"],
];

/** A large amount in three or four digits (`$1.12M`), where the exact one stands beside it; small ones as they are. */
export function formatCompact(
  value: string | null | undefined,
  format: string | null | undefined,
  options: FormatOptions = {},
): string {
  const number = toBig(value);
  const step =
    number && !isPercentFormat(format) ? STEPS.find(([size]) => number.abs().gte(size)) : undefined;
  if (!number || !step) return formatAmount(value, format, options);
  const scaled = number.div(step[0]);
  const places = scaled.abs().gte(100) ? 0 : scaled.abs().gte(10) ? 1 : 2;
  const money = (format ?? "").includes("$") ? "$" : "";
  return formatAmount(scaled.toFixed(places), `${money}.${places}f`, options) + step[1];
}

export function groupDigits(digits: string): string {
  const [whole = "", fraction] = digits.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** A share such as an attainment, in percent with at most one decimal. */
export function formatShare(value: string | null | undefined): string {
  return formatAmount(value, ".1%");
}
