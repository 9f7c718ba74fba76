import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { KPIS } from "../dev/data";
import { yearAnswer } from "../dev/yearMock";
import { fill, mockFetch, newUser, openPage, type Routes } from "./helpers";

afterEach(() => vi.unstubAllGlobals());

const ADDRESS = "/kpi/targets/?view=year&kpi=gmv&period=2026-11-01";
const COMPANY = {
  entity_id: "company",
  entity_kind: "company",
  entity_name: "Aurora Goods",
  account_name: null,
  currency: "USD",
};

function page(routes: Routes = {}) {
  return mockFetch({
    "GET /catalogue/": () => ({ body: { result: KPIS } }),
    "GET /entities/": () => ({ body: { result: [COMPANY], count: 1 } }),
    "GET /targets/periods": ({ query }) => ({ body: yearAnswer(query, "en") }),
    ...routes,
  });
}

const residual = (row: string) => within(screen.getByTestId(row)).getByTestId("year-residual").textContent;

describe("the year", () => {
  it("shows quarters and months with what each level leaves over, edits included", async () => {
    const sent = page();
    openPage(ADDRESS);
    await screen.findByTestId("year-table");
    const asked = sent.find((one) => one.path === "/targets/periods")?.query;
    expect([asked?.get("entity_id"), asked?.get("year")]).toEqual(["company", "2026"]);
    expect(screen.getAllByRole("row")).toHaveLength(18);
    // 1,200,000 of which two quarters have 270,000 and 280,000.
    expect(residual("year-year-2026-01-01")).toContain("Left $650,000");
    expect(residual("year-year-2026-01-01")).toContain("2 without a target");
    expect(residual("year-quarter-2026-01-01")).toBe("Adds up");
    fill(screen.getByLabelText("Target of March 2026"), "=LY*1.5");
    expect(residual("year-quarter-2026-01-01")).toBe("Too much −$25,000");
    expect(screen.getByTestId("save-bar")).toBeTruthy();
  });

  it("saves a month under its etag", async () => {
    const user = newUser();
    const sent = page({ "PUT /targets/": () => ({ body: { saved: 1 } }) });
    openPage(ADDRESS);
    fill(await screen.findByLabelText("Target of March 2026"), "96,500");
    await user.click(screen.getByTestId("save-draft"));
    await waitFor(() => expect(sent.some((one) => one.method === "PUT")).toBe(true));
    expect(sent.find((one) => one.method === "PUT")?.body).toEqual({
      targets: [
        {
          kpi_id: "gmv",
          entity_id: "company",
          grain: "month",
          period_start: "2026-03-01",
          etag: "3-1",
          target_value: "96500",
        },
      ],
    });
  });

  it("splits a quarter over its months, to look at before it is saved", async () => {
    const user = newUser();
    const months = ["2026-04-01", "2026-05-01", "2026-06-01"].map((period_start) => ({
      entity_id: "company",
      entity_name: "Aurora Goods",
      grain: "month",
      period_start,
      current: null,
      proposed: "93333.33",
      share: "0.333333",
      is_locked: false,
      id: null,
      etag: null,
    }));
    const sent = page({
      "POST /targets/split": () => ({
        body: { rows: months, amount: "280000", residual: "0.01", warnings: [] },
      }),
    });
    openPage(ADDRESS);
    await screen.findByTestId("year-table");
    await user.click(within(screen.getByTestId("year-quarter-2026-04-01")).getByTestId("year-split"));
    const apply = await screen.findByTestId("split-apply");
    await waitFor(() => expect((apply as HTMLButtonElement).disabled).toBe(false));
    expect(sent.find((one) => one.path === "/targets/split")?.body).toMatchObject({
      grain: "quarter",
      period_start: "2026-04-01",
      by: "periods",
      amount: "280000",
    });
    await user.click(apply);
    expect((screen.getByLabelText("Target of May 2026") as HTMLInputElement).value).toBe("93333.33");
    expect(residual("year-quarter-2026-04-01")).toContain("Left $0.01");
    expect(sent.some((one) => one.method === "PUT")).toBe(false);
  });

  it("opens a period in full, with its budget", async () => {
    const user = newUser();
    page();
    openPage(ADDRESS);
    await user.click(within(await screen.findByTestId("year-month-2026-02-01")).getByTestId("year-open"));
    const drawer = await screen.findByTestId("target-drawer");
    fill(within(drawer).getByLabelText("Budget"), "9,000");
    expect(screen.getByTestId("save-bar").textContent).toContain("1 unsaved change");
  });

  it("locks what is approved", async () => {
    const user = newUser();
    const sent = page({ "POST /targets/lock": () => ({ body: { locked: 1 } }) });
    openPage(ADDRESS);
    const row = await screen.findByTestId("year-month-2026-01-01");
    await user.click(within(row).getByTestId("step-lock"));
    await user.click(await screen.findByTestId("lock-confirm"));
    await waitFor(() => expect(sent.some((one) => one.path === "/targets/lock")).toBe(true));
    expect(sent.find((one) => one.path === "/targets/lock")?.body).toMatchObject({
      ids: [1],
      etags: { "1": "1-1" },
    });
  });
});
