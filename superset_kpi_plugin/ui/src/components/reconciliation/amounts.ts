/** Amounts of a reconciliation, to the cent, in their currency. */
import { formatAmount } from "../../data/decimal";

export function money(value: string | null, currency: string | null, signed = false): string {
  return formatAmount(value, "$,.2f", { currency, signed });
}
