/** Differences of the mock API; what is said of one is kept until the server ends. */
import type { Difference, DifferenceRecord } from "../src/data/reconciliation";

const REASONS = ["timing", "exchange_rate", "rounding", "booking_error", "fee_not_booked", "other"];

function difference(at: number, changes: Partial<Difference>): Difference {
  return {
    reconciliation_id: `aurora_us/month/2026-10-01/${at}`,
    account_id: "aurora_us",
    account_name: "Aurora US",
    entity_id: "account:aurora_us",
    grain: "month",
    period_start: "2026-10-01",
    period_end: "2026-10-31",
    line: "sales",
    charge_type: null,
    currency: "USD",
    platform_amount: "184230.55",
    settled_amount: null,
    erp_amount: "184012.05",
    difference: "-218.5",
    absolute_difference: "412.1",
    tolerance: "0.01",
    state: "different",
    items: 4120,
    different_items: 7,
    first_seen_at: "2026-11-02T06:00:00Z",
    last_seen_at: "2026-11-23T06:00:00Z",
    standing: "open",
    lapse: null,
    record: null,
    ...changes,
  };
}

const SIGNED: DifferenceRecord = {
  id: 1,
  kind: "signed",
  reason_code: "timing",
  note: "Booked in November.",
  ends_on: "2026-12-31",
  difference: "-12.4",
  absolute_difference: "12.4",
  currency: "USD",
  created_by: "Wei Chen",
  created_at: "2026-11-04T09:00:00Z",
  withdrawn_by: null,
  withdrawn_at: null,
};
const ROWS: Difference[] = [
  difference(1, {}),
  difference(2, {
    line: "fees",
    charge_type: "FBA Storage Fee",
    platform_amount: "2310.2",
    erp_amount: null,
    difference: null,
    absolute_difference: null,
    state: "missing_in_erp",
  }),
  difference(3, {
    line: "refunds",
    account_name: "Borealis <b>US</b>",
    difference: "-12.4",
    absolute_difference: "12.4",
    standing: "signed",
    record: SIGNED,
  }),
  difference(4, {
    line: "settled_sales",
    settled_amount: "90210.1",
    platform_amount: "90230.1",
    erp_amount: null,
    difference: "-20",
    absolute_difference: "20",
    standing: "lapsed",
    lapse: "changed",
    record: { ...SIGNED, id: 2, difference: "-15" },
  }),
];

/** The answer to a route of the reconciliation; undefined for any other. */
export function reconciliationAnswer(
  route: string,
  query: URLSearchParams,
  body: Record<string, unknown>,
  scene: string,
): { status?: number; body: unknown } | undefined {
  if (route === "GET /reconciliation/") {
    const wanted = scene === "empty" ? [] : ROWS;
    const rows = wanted.filter(
      (row) =>
        (!query.get("line") || row.line === query.get("line")) &&
        (!query.get("standing") || row.standing === query.get("standing")),
    );
    const lines = rows.map((row) => ({
      ...row,
      count: 1,
      waiting: row.standing === "signed" ? 0 : 1,
    }));
    return { body: { result: rows, count: rows.length, lines, reasons: REASONS } };
  }
  const id = route.startsWith("GET") ? query.get("id") : String(body.id ?? "");
  const row = ROWS.find((one) => one.reconciliation_id === id);
  if (route === "GET /reconciliation/difference" && row) {
    const items = ["111-7402", "111-9920", "112-0031"].map((reference, at) => ({
      reference,
      sku: `AUD-00${at}`,
      currency: "USD",
      platform_amount: "120",
      settled_amount: null,
      erp_amount: at === 1 ? null : "101.5",
      difference: at === 1 ? null : "-18.5",
      state: at === 1 ? "missing_in_erp" : "different",
    }));
    const records = row.record ? [row.record] : [];
    return { body: { difference: row, items, items_count: 3, history: [], records } };
  }
  const kind = /^POST \/reconciliation\/(signoffs|explanations)$/.exec(route)?.[1];
  if (kind && row) {
    const record: DifferenceRecord = {
      ...SIGNED,
      id: 9,
      kind: kind === "signoffs" ? "signed" : "explained",
      reason_code: String(body.reason_code),
      note: String(body.note),
      ends_on: body.ends_on ? String(body.ends_on) : null,
      created_by: "you",
    };
    Object.assign(row, { record, standing: record.kind, lapse: null });
    return { status: 201, body: { result: record } };
  }
  return undefined;
}
