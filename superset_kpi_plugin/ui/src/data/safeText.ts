/** Text that no spreadsheet program takes for a formula: the same rule as the exports' (`targets/sheets.py`). Pure. */

/** Characters that open a formula in some program, their full-width and small forms included. */
export const FORMULA = "=+-@|%\t\r\n＝＋－＠｜％﹦﹢﹣﹫﹪";
/** What a program may skip before it looks: spaces of all kinds, zero-width characters, marks of direction, fillers. */
const SKIPPED = /^(?:[\p{Zs}\p{Zl}\p{Zp}\p{Cf}\u115f\u1160\u2800\u3164\uffa0]|\u034f)+/u;
const PLAIN_NUMBER = /^[+-]?[\d,]+(\.\d+)?%?$/;

function opensFormula(text: string): boolean {
  const first = text.replace(SKIPPED, "").charAt(0);
  return first !== "" && FORMULA.includes(first);
}

/** The text with an apostrophe before it where a program could take it for a formula. */
export function safeText(text: string): string {
  if (PLAIN_NUMBER.test(text)) return text;
  return opensFormula(text) || /^[\t\r\n']/.test(text) ? `'${text}` : text;
}

/** What `safeText` was given. */
export function withoutGuard(text: string): string {
  if (!text.startsWith("'")) return text;
  const rest = text.slice(1);
  return opensFormula(rest) || /^[\t\r\n']/.test(rest) || rest.replace(SKIPPED, "").startsWith("'")
    ? rest
    : text;
}
