import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Difference, DifferenceDetail } from "../src/data/reconciliation";
import { fill, mockFetch, newUser, openPage, type Routes } from "./helpers";

afterEach(() => vi.unstubAllGlobals());

const ID = "aurora_us/month/2026-10-01/sales//USD";
const RECORD = {
  id: 4,
  kind: "signed" as const,
  reason_code: "timing",
  note: "Booked <b>later</b>",
  ends_on: "2026-12-31",
  difference: "-100",
  absolute_difference: "100",
  currency: "USD",
  created_by: "wei",
  created_at: "2026-11-04T09:00:00Z",
  withdrawn_by: null,
  withdrawn_at: null,
};

function difference(changes: Partial<Difference> = {}): Difference {
  return {
    reconciliation_id: ID,
    account_id: "aurora_us",
    account_name: "Aurora US",
    entity_id: "account:aurora_us",
    grain: "month",
    period_start: "2026-10-01",
    period_end: "2026-10-31",
    line: "sales",
    charge_type: null,
    currency: "USD",
    platform_amount: "1000",
    settled_amount: null,
    erp_amount: "900",
    difference: "-100",
    absolute_difference: "100.25",
    tolerance: "0.01",
    state: "different",
    items: 9,
    different_items: 2,
    first_seen_at: "2026-11-02T06:00:00Z",
    last_seen_at: "2026-11-16T06:00:00Z",
    standing: "open",
    lapse: null,
    record: null,
    ...changes,
  };
}

function detail(changes: Partial<DifferenceDetail> = {}): DifferenceDetail {
  const item = { sku: "AUD-001", currency: "USD", settled_amount: null };
  return {
    difference: difference(),
    items: [
      {
        ...item,
        reference: "111-1",
        platform_amount: "100",
        erp_amount: "20",
        difference: "-80",
        state: "different",
      },
      {
        ...item,
        reference: "111-2",
        platform_amount: "20",
        erp_amount: null,
        difference: null,
        state: "missing_in_erp",
      },
    ],
    items_count: 2,
    history: [],
    records: [],
    ...changes,
  };
}

function routes(rows: Difference[], opened: DifferenceDetail = detail(), permissions = {}): Routes {
  const may = { propose: false, approve: false, admin: false, acknowledge: false, upload: false };
  return {
    "GET /me/": () => ({
      body: { user: "wei", permissions: { ...may, explain: true, sign: true, ...permissions }, locale: "en" },
    }),
    "GET /entities/": () => ({ body: { result: [] } }),
    "GET /reconciliation/": () => ({
      body: {
        result: rows,
        count: rows.length,
        lines: rows.map((row) => ({ ...row, count: 1, waiting: row.standing === "signed" ? 0 : 1 })),
        reasons: ["timing", "other"],
      },
    }),
    "GET /reconciliation/difference": () => ({ body: opened }),
  };
}

describe("the reconciliation page", () => {
  it("lists each side to the cent, and keeps what is signed in sight", async () => {
    mockFetch(
      routes([
        difference(),
        difference({
          reconciliation_id: "b",
          line: "fees",
          charge_type: "FBA",
          erp_amount: null,
          difference: null,
        }),
        difference({ reconciliation_id: "c", standing: "signed", record: RECORD }),
        difference({ reconciliation_id: "d", standing: "lapsed", lapse: "changed", record: RECORD }),
      ]),
    );
    openPage("/kpi/reconciliation/");
    const rows = await screen.findAllByTestId("difference-row");
    for (const text of ["Sales", "Aurora US", "October 2026", "$1,000.00", "$900.00", "−$100.00", "Open"])
      expect(rows[0]?.textContent).toContain(text);
    // What the books lack is a dash, not zero.
    expect(rows[1]?.textContent).toContain("Fees · FBA");
    expect(rows[1]?.textContent).not.toContain("$0.00");
    expect(rows[2]?.textContent).toContain("Signed through Dec 31, 2026");
    expect(rows[3]?.textContent).toContain("Lapsed: amount changed");
    expect(screen.getByTestId("export-csv").getAttribute("href")).toBe(
      "/api/v1/kpi/reconciliation/export?format=csv",
    );
  });

  it("filters by the line above the list, in the address and in the file", async () => {
    const user = newUser();
    const sent = mockFetch(routes([difference()]));
    openPage("/kpi/reconciliation/?standing=open");
    const lines = await screen.findByTestId("difference-lines");
    await user.click(within(lines).getByRole("button"));
    await waitFor(() => {
      const last = sent.filter((request) => request.path === "/reconciliation/").at(-1);
      expect(Object.fromEntries(last?.query ?? [])).toMatchObject({ line: "sales", standing: "open" });
    });
    expect(screen.getByTestId("export-xlsx").getAttribute("href")).toContain("line=sales&standing=open");
  });

  it("opens a difference and signs the amounts that are shown, until a day", async () => {
    const user = newUser();
    const sent = mockFetch({
      ...routes([difference()]),
      "POST /reconciliation/signoffs": () => ({ status: 201, body: { result: RECORD } }),
    });
    openPage("/kpi/reconciliation/");
    await user.click(await screen.findByTestId("open-difference"));
    const items = await screen.findByTestId("difference-items");
    expect(items.textContent).toContain("111-2");
    expect(items.textContent).toContain("Missing in the ERP");
    const button = screen.getByTestId("difference-sign") as HTMLButtonElement;
    expect(button.disabled).toBe(true);
    await user.click(screen.getByLabelText("Reason"));
    await user.click(await screen.findByText("Booked in another period"));
    fill(screen.getByTestId("say-note"), "  Booked later ");
    const day = screen.getByTestId("say-ends-on");
    await user.click(day);
    fill(day, "2027-01-31");
    fireEvent.keyDown(day, { key: "Enter" });
    await user.click(button);
    await waitFor(() => expect(sent.some((request) => request.method === "POST")).toBe(true));
    expect(sent.find((request) => request.method === "POST")?.body).toEqual({
      id: ID,
      reason_code: "timing",
      note: "Booked later",
      difference: "-100",
      absolute_difference: "100.25",
      ends_on: "2027-01-31",
    });
  });

  it("shows why a sign-off is refused, and keeps what was typed", async () => {
    const user = newUser();
    const errors = [{ index: 0, field: "ends_on", message: "Must lie within a year." }];
    mockFetch({
      ...routes([difference({ record: RECORD })], detail({ difference: difference({ record: RECORD }) })),
      "POST /reconciliation/signoffs": () => ({
        status: 422,
        body: { error: { code: "validation_failed", message: "Nothing was saved.", details: { errors } } },
      }),
    });
    openPage(`/kpi/reconciliation/?id=${encodeURIComponent(ID)}`);
    fill(await screen.findByTestId("say-note"), "Mine");
    await user.click(screen.getByTestId("difference-sign"));
    expect(await screen.findByText("Must lie within a year.")).toBeTruthy();
    expect((screen.getByTestId("say-note") as HTMLTextAreaElement).value).toBe("Mine");
  });

  it("tells all that was said, and takes a sign-off back after a question", async () => {
    const user = newUser();
    const withdrawn = { ...RECORD, id: 3, withdrawn_by: "wei", withdrawn_at: "2026-11-05T09:00:00Z" };
    const sent = mockFetch({
      ...routes([difference()], detail({ records: [RECORD, withdrawn] })),
      "DELETE /reconciliation/signoffs/4": () => ({ body: { result: RECORD } }),
    });
    openPage(`/kpi/reconciliation/?id=${encodeURIComponent(ID)}`);
    const records = await screen.findAllByTestId("difference-record");
    expect(records[0]?.textContent).toContain("Booked <b>later</b>");
    expect(records[1]?.textContent).toContain("taken back by wei");
    expect(screen.getAllByTestId("difference-withdraw")).toHaveLength(1);
    await user.click(screen.getByTestId("difference-withdraw"));
    const ask = await screen.findByText("Take this back? It stays in the records.");
    await user.click(
      within(ask.closest(".kpi-popover") as HTMLElement).getByRole("button", { name: "Take back" }),
    );
    await waitFor(() => expect(sent.some((request) => request.method === "DELETE")).toBe(true));
  });

  it("offers nothing to who may only read", async () => {
    mockFetch(routes([difference()], detail({ records: [RECORD] }), { explain: false, sign: false }));
    openPage(`/kpi/reconciliation/?id=${encodeURIComponent(ID)}`);
    await screen.findByTestId("difference-items");
    expect(screen.queryByTestId("say-form")).toBeNull();
    expect(screen.queryByTestId("difference-withdraw")).toBeNull();
  });
});
