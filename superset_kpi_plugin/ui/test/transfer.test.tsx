import { fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { mappingOf } from "../src/components/transfer/ColumnMapping";
import { mockFetch, newUser, openPage, type Routes } from "./helpers";

afterEach(() => vi.unstubAllGlobals());

const ADDRESS = "/kpi/targets/?grain=month&period=2026-11-01&kpi=gmv";
const NONE = { body: { result: [], count: 0, freshness: null } };
const PREVIEW = {
  columns: [
    { name: "KPI", field: "kpi_id" },
    { name: "Goal <2026>", field: null },
  ],
  rows: 3,
  errors: [],
  diff: [
    {
      row: 2,
      kpi_id: "gmv",
      entity_id: "account:a",
      grain: "month",
      period_start: "2026-11-01",
      changes: { target_value: { from: "100000", to: "120000" } },
    },
  ],
  counts: { new: 0, changed: 1, unchanged: 2, errors: 0 },
};

async function choose(routes: Routes) {
  const sent = mockFetch({ "GET /targets/": () => NONE, ...routes });
  openPage(ADDRESS);
  const user = newUser();
  await user.click(await screen.findByTestId("open-transfer"));
  await screen.findByTestId("transfer");
  const input = document.querySelector<HTMLInputElement>("input[type=file]");
  const file = new File(["x"], "plan.csv", { type: "text/csv" });
  fireEvent.change(input as HTMLInputElement, { target: { files: [file] } });
  return { sent, user };
}

describe("targets as a file", () => {
  it("offer a template of what the page shows", async () => {
    mockFetch({ "GET /targets/": () => NONE });
    openPage(ADDRESS);
    await newUser().click(await screen.findByTestId("open-transfer"));
    const link = await screen.findByTestId("export-xlsx");
    expect(link.getAttribute("href")).toBe(
      "/api/v1/kpi/targets/export?grain=month&period_start=2026-11-01&kpi_id=gmv&format=xlsx",
    );
  });

  it("show what changes before anything is saved, and save it as drafts", async () => {
    const { sent, user } = await choose({
      "POST /targets/import": ({ body }) => ({ body: body.apply ? { saved: 1 } : PREVIEW }),
    });
    const diff = await screen.findByTestId("import-diff");
    expect(diff.textContent).toContain("100000");
    expect(diff.textContent).toContain("120000");
    expect(screen.getByTestId("mapping").textContent).toContain("Goal <2026>");
    expect(sent.some(({ body }) => body.apply !== undefined)).toBe(false);
    await user.click(screen.getByTestId("import-save"));
    await screen.findByText("1 draft saved.");
    const last = sent.filter((request) => request.path === "/targets/import").at(-1);
    expect(last?.body).toMatchObject({ apply: "true" });
    await waitFor(() => expect(screen.queryByTestId("transfer")).toBeNull());
  });

  it("save nothing while a row is wrong, and say which", async () => {
    const errors = [{ row: 7, column: "Goal", message: "'a lot' is not a number." }];
    await choose({
      "POST /targets/import": () => ({
        body: { ...PREVIEW, errors, counts: { ...PREVIEW.counts, errors: 1 } },
      }),
    });
    const table = await screen.findByTestId("import-errors");
    expect(table.textContent).toContain("7");
    expect(table.textContent).toContain("'a lot' is not a number.");
    expect(screen.getByTestId("import-save")).toHaveProperty("disabled", true);
  });

  it("pass on what the API says about a file it can't read", async () => {
    const error = { code: "bad_request", message: "This is not a spreadsheet.", details: {} };
    await choose({ "POST /targets/import": () => ({ status: 400, body: { error } }) });
    expect((await screen.findByTestId("import-error")).textContent).toContain("This is not a spreadsheet.");
  });

  it("send the whole mapping once one column is chosen anew", () =>
    expect(mappingOf(PREVIEW.columns)).toEqual({ KPI: "kpi_id", "Goal <2026>": "" }));
});
