import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ManualStore } from "../dev/manualMock";
import { fill, mockFetch, newUser, openPage, type Routes } from "./helpers";

afterEach(() => vi.unstubAllGlobals());

const ADDRESS = "/kpi/targets/?view=manual&grain=month&period=2026-11-01";
const CATALOGUE = {
  kpi_id: "brand_score",
  name_en: "Brand <b>score</b>",
  name_zh: "品牌评分",
  unit: "score",
  direction: "higher",
  number_format: ",.1f",
  entity_kinds: "account,company",
  source: "manual",
};
const ACCOUNTS = ["aurora_us", "borealis_us"].map((name) => ({
  entity_id: `account:${name}`,
  entity_kind: "account",
  entity_name: name === "aurora_us" ? "Aurora US" : "Borealis US",
  account_name: null,
  currency: "USD",
}));

function page(routes: Routes = {}, permissions = { propose: true, define: true }) {
  const store = new ManualStore();
  const from = (route: string): Routes => ({
    [route]: ({ query, body }) => store.answer(route, query, body) ?? { status: 404, body: {} },
  });
  return mockFetch({
    "GET /me/": () => ({
      body: {
        user: "mia",
        permissions: { approve: false, admin: false, acknowledge: true, upload: false, ...permissions },
        locale: "en",
      },
    }),
    "GET /catalogue/": () => ({ body: { result: [CATALOGUE] } }),
    "GET /entities/": () => ({ body: { result: ACCOUNTS, count: 2 } }),
    ...from("GET /manual/kpis"),
    ...from("GET /manual/values"),
    ...from("GET /manual/values/1/history"),
    ...from("PUT /manual/values"),
    ...from("POST /manual/kpis"),
    ...from("PUT /manual/kpis/brand_score"),
    ...routes,
  });
}

describe("manual KPIs", () => {
  it("shows values with their history, each marked as manual", async () => {
    const user = newUser();
    page();
    openPage(ADDRESS);
    const table = await screen.findByTestId("manual-values");
    expect((screen.getByLabelText("Aurora US, October 2026") as HTMLInputElement).value).toBe("7.2");
    expect(await screen.findByTestId("manual-mark")).toBeTruthy();
    expect(within(table).getByText("August 2026")).toBeTruthy();
    await user.click(screen.getByLabelText("History of Aurora US, October 2026"));
    const history = await screen.findByTestId("manual-history");
    await waitFor(() => expect(history.textContent).toContain("Survey of October"));
    expect(history.textContent).toContain("mia");
  });

  it("saves what changed, with where it comes from", async () => {
    const user = newUser();
    const sent = page();
    openPage(ADDRESS);
    fill(await screen.findByLabelText("Aurora US, October 2026"), "");
    fill(screen.getByLabelText("Borealis US, November 2026"), "about 8");
    const save = screen.getByTestId("manual-enter") as HTMLButtonElement;
    fill(screen.getByLabelText("Where the values come from"), " Survey of November ");
    expect(save.disabled).toBe(true);
    expect(screen.getByRole("alert").textContent).toBeTruthy();
    fill(screen.getByLabelText("Borealis US, November 2026"), "8.25");
    expect(save.textContent).toContain("Save 2 values");
    await user.click(save);
    await waitFor(() => expect(screen.queryByTestId("manual-save")).toBeNull());
    const note = "Survey of November";
    expect(sent.find((one) => one.method === "PUT")?.body.values).toEqual([
      {
        kpi_id: "brand_score",
        entity_id: "account:aurora_us",
        period_start: "2026-10-01",
        value: null,
        note,
        etag: "1-1",
      },
      {
        kpi_id: "brand_score",
        entity_id: "account:borealis_us",
        period_start: "2026-11-01",
        value: "8.25",
        note,
        etag: null,
      },
    ]);
  });

  it("says what stands where somebody was quicker, and keeps what was typed", async () => {
    const user = newUser();
    const theirs = { value: "6", entered_by: "jun", note: "x", currency: null, entered_at: null };
    page({
      "PUT /manual/values": () => ({
        status: 412,
        body: { error: { code: "stale", message: "No.", details: { conflicts: [{ index: 0, theirs }] } } },
      }),
    });
    openPage(ADDRESS);
    fill(await screen.findByLabelText("Borealis US, November 2026"), "9");
    fill(screen.getByLabelText("Where the values come from"), "Survey");
    await user.click(screen.getByTestId("manual-enter"));
    const refused = await screen.findByTestId("manual-refused");
    expect(refused.textContent).toContain("Borealis US, November 2026: 6.0 was entered by jun meanwhile");
    expect((screen.getByLabelText("Borealis US, November 2026") as HTMLInputElement).value).toBe("9");
  });

  it("is defined by those who may, and keeps id, unit and period afterwards", async () => {
    const user = newUser();
    const sent = page();
    openPage(ADDRESS);
    await user.click(await screen.findByTestId("manual-new"));
    const dialog = screen.getByTestId("manual-dialog");
    const save = screen.getByTestId("manual-dialog-save") as HTMLButtonElement;
    fill(within(dialog).getByLabelText("Name, English"), "Net promoter score");
    expect(save.disabled).toBe(true);
    fill(within(dialog).getByLabelText("Id"), "nps");
    await user.click(save);
    await waitFor(() => expect(screen.queryByTestId("manual-dialog")).toBeNull());
    expect(sent.find((one) => one.method === "POST")?.body).toMatchObject({
      kpi_id: "nps",
      name_en: "Net promoter score",
      unit: "score",
      direction: "higher",
      grain: "month",
      entity_kinds: ["company"],
    });
    await waitFor(() => expect(window.location.search).toContain("kpi=nps"));
    await user.click(screen.getByTestId("manual-change"));
    expect((screen.getByLabelText("Id") as HTMLInputElement).disabled).toBe(true);
  });

  it("is only read by those who may not write", async () => {
    page({}, { propose: false, define: false });
    openPage(ADDRESS);
    expect((await screen.findByTestId("manual-account:aurora_us")).textContent).toContain("7.2");
    expect(screen.queryByLabelText("Aurora US, October 2026")).toBeNull();
    expect(screen.queryByTestId("manual-new")).toBeNull();
  });
});
