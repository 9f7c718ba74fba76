/**
 * What a cell computes when its text starts with `=`: a small, pure language of decimals. It knows + - * / ( ), %,
 * ROUND, MIN, MAX and the names of a cell's neighbours. The answer is written into the cell once: a target is a
 * decision, and doesn't move when last year's figure is restated.
 */
import Big from "big.js";
import { plain } from "./decimal";
import type { Unit } from "./types";

/** LY: last year's actual of the same period; P20, P50, P80: the forecast; TARGET: what the cell says now. */
export const FORMULA_NAMES = ["LY", "P20", "P50", "P80", "TARGET"] as const;
export type FormulaName = (typeof FORMULA_NAMES)[number];
export type FormulaValues = Partial<Record<FormulaName, string | null>>;

const ALIASES = new Map<string, FormulaName>([
  ["去年", "LY"],
  ["目标", "TARGET"],
]);
const FUNCTIONS: Record<string, (numbers: Big[]) => Big | null> = {
  ROUND: ([number, places]) => {
    const count = places ? Number(places.toString()) : 0;
    return number && Number.isInteger(count) && count >= 0 && count <= 6
      ? number.round(count, Big.roundHalfUp)
      : null;
  },
  MIN: (numbers) => numbers.reduce<Big | null>((least, one) => (least?.lt(one) ? least : one), null),
  MAX: (numbers) => numbers.reduce<Big | null>((most, one) => (most?.gt(one) ? most : one), null),
};

export type FormulaErrorCode =
  | "formula.syntax"
  | "formula.unknown_name"
  | "formula.missing"
  | "formula.division_by_zero"
  | "formula.percent_added";
export interface FormulaError {
  code: FormulaErrorCode;
  /** What the error is about: the name, or the text that can't be read. */
  at: string;
}
export type Formula = { ok: true; value: string } | { ok: false; error: FormulaError };

interface Options {
  /** Whether the KPI is shown in percent: only then can percentage points be added. */
  percent?: boolean;
  unit?: Unit;
}

class Refused extends Error {
  readonly error: FormulaError;
  constructor(code: FormulaErrorCode, at: string) {
    super(code);
    this.error = { code, at };
  }
}

export function isFormula(text: string): boolean {
  return /^\s*[=＝]/.test(text);
}

/** Digits that a computed amount keeps: cents of money, whole pieces, six digits of a share. */
export function roundFor(number: Big, unit: Unit | undefined): Big {
  return number.round(unit === "count" ? 0 : unit === "money" ? 2 : 6, Big.roundHalfUp);
}

/** Computes `=LY*1.1`. A name without a value is an error, never zero. */
export function evaluate(text: string, values: FormulaValues, options: Options = {}): Formula {
  try {
    const source = text.normalize("NFKC").trim().replace(/^=/, "");
    const result = new Reader(tokens(source), values, options).whole();
    return { ok: true, value: plain(roundFor(result, options.unit)) };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, error: error.error };
    throw error;
  }
}

const TOKEN = /\s*(?:(\d+(?:[\d,]*\d)?(?:\.\d*)?|\.\d+)|([A-Za-z_]\w*|[\u4e00-\u9fff]+)|([-+*/()%×÷,−]))/y;
type Token = { kind: "number" | "name" | "sign"; text: string };

function tokens(source: string): Token[] {
  const found: Token[] = [];
  // Inside of a function's brackets a comma parts its arguments; elsewhere it groups digits.
  const text = /[A-Za-z]\s*\(/.test(source) ? source : source.replace(/(\d),(?=\d{3}(?!\d))/g, "$1");
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw new Refused("formula.syntax", text.slice(from).trim());
    const [, number, name, sign] = match;
    if (number !== undefined) {
      // `MIN(1,2)` holds two numbers, whatever the pattern for grouped digits says.
      const parts = number.split(",");
      parts.forEach((part, at) => {
        if (at > 0) found.push({ kind: "sign", text: "," });
        found.push({ kind: "number", text: part });
      });
    } else if (name !== undefined) found.push({ kind: "name", text: name });
    else if (sign !== undefined) found.push({ kind: "sign", text: SIGNS[sign] ?? sign });
  }
  return found;
}

const SIGNS: Record<string, string> = { "×": "*", "÷": "/", "−": "-" };

interface Amount {
  number: Big;
  /** Written as a share, such as 10%. */
  share: boolean;
  /** Holds one of the names, so that it has the KPI's own unit. */
  named: boolean;
}

class Reader {
  private at = 0;
  private readonly list: readonly Token[];
  private readonly values: FormulaValues;
  private readonly options: Options;

  constructor(list: readonly Token[], values: FormulaValues, options: Options) {
    this.list = list;
    this.values = values;
    this.options = options;
  }

  whole(): Big {
    const { number } = this.sum();
    const left = this.list[this.at];
    if (left) throw new Refused("formula.syntax", left.text);
    return number;
  }

  private take(...signs: string[]): string | null {
    const token = this.list[this.at];
    if (token?.kind !== "sign" || !signs.includes(token.text)) return null;
    this.at += 1;
    return token.text;
  }

  private sum(): Amount {
    let left = this.product();
    for (let sign = this.take("+", "-"); sign; sign = this.take("+", "-")) {
      const right = this.product();
      // LY+10% adds a tenth of one dollar in a spreadsheet, which nobody means.
      if (((left.named && right.share) || (left.share && right.named)) && !this.options.percent) {
        const points = left.share ? left.number : right.number;
        throw new Refused("formula.percent_added", `${plain(points.times(100))}%`);
      }
      const number = sign === "+" ? left.number.plus(right.number) : left.number.minus(right.number);
      left = { number, share: left.share && right.share, named: left.named || right.named };
    }
    return left;
  }

  private product(): Amount {
    let left = this.factor();
    for (let sign = this.take("*", "/"); sign; sign = this.take("*", "/")) {
      const right = this.factor();
      if (sign === "/" && right.number.eq(0)) throw new Refused("formula.division_by_zero", "/");
      const number = sign === "*" ? left.number.times(right.number) : left.number.div(right.number);
      left = { number, share: left.share && right.share, named: left.named || right.named };
    }
    return left;
  }

  private factor(): Amount {
    const sign = this.take("-", "+");
    if (sign) {
      const amount = this.factor();
      return sign === "-" ? { ...amount, number: amount.number.times(-1) } : amount;
    }
    let amount = this.atom();
    while (this.take("%")) amount = { ...amount, number: amount.number.div(100), share: true };
    return amount;
  }

  private atom(): Amount {
    const token = this.list[this.at];
    if (this.take("(")) {
      const inner = this.sum();
      if (!this.take(")")) throw new Refused("formula.syntax", ")");
      return inner;
    }
    if (!token || token.kind === "sign") {
      throw new Refused("formula.syntax", token?.text ?? this.list.at(-1)?.text ?? "=");
    }
    this.at += 1;
    if (token.kind === "number") return literal(new Big(token.text.replace(/\.$/, "")));
    return this.named(token.text);
  }

  private named(text: string): Amount {
    const upper = text.toUpperCase();
    const run = Object.hasOwn(FUNCTIONS, upper) ? FUNCTIONS[upper] : undefined;
    if (run && this.take("(")) {
      const amounts = [this.sum()];
      while (this.take(",")) amounts.push(this.sum());
      if (!this.take(")")) throw new Refused("formula.syntax", ")");
      const number = run(amounts.map((amount) => amount.number));
      if (!number) throw new Refused("formula.syntax", upper);
      return { number, share: false, named: amounts.some((amount) => amount.named) };
    }
    const name = ALIASES.get(text) ?? FORMULA_NAMES.find((known) => known === upper);
    if (!name) throw new Refused("formula.unknown_name", text);
    const value = this.values[name];
    if (value === null || value === undefined || value === "") throw new Refused("formula.missing", name);
    return { number: new Big(value), share: false, named: true };
  }
}

function literal(number: Big): Amount {
  return { number, share: false, named: false };
}
