import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Objective } from "../src/data/objectives";
import { fill, mockFetch, newUser, openPage, type Routes, targetRow } from "./helpers";

afterEach(() => vi.unstubAllGlobals());

const ADDRESS = "/kpi/targets/?view=objectives&grain=month&period=2026-11-01";
const GMV = {
  kpi_id: "gmv",
  name_en: "GMV",
  name_zh: "成交总额",
  unit: "money",
  direction: "higher",
  number_format: "$,.0f",
  entity_kinds: "account",
};

function objective(changes: Partial<Objective> = {}): Objective {
  return {
    id: 4,
    etag: "four",
    name: "Win <b>peak</b>",
    description: null,
    owner: "mia",
    grain: "month",
    period_start: "2026-11-01",
    keys: [
      {
        kpi_id: "gmv",
        entity_id: "account:aurora_us",
        weight: "3",
        entity_name: "Aurora US",
        entity_kind: "account",
        currency: "USD",
        value: "55000",
        target_value: "100000",
        attainment: "0.55",
        pace_attainment: "0.9",
        status: "warn",
      },
    ],
    hidden_keys: 1,
    can_edit: true,
    progress: "0.55",
    covered: "0.75",
    created_by: "mia",
    created_at: "2026-10-28T09:00:00Z",
    ...changes,
  };
}

function page(routes: Routes = {}, rows = [objective()]) {
  return mockFetch({
    "GET /catalogue/": () => ({ body: { result: [GMV] } }),
    "GET /objectives/": () => ({ body: { result: rows, warnings: [] } }),
    "GET /targets/": () => ({
      body: {
        result: [
          targetRow(),
          targetRow({ id: 2, entity_id: "account:borealis_us", entity_name: "Borealis US" }),
        ],
        count: 2,
        freshness: null,
      },
    }),
    ...routes,
  });
}

describe("objectives", () => {
  it("shows how far each has come, what that rests on, and what can't be seen", async () => {
    const sent = page();
    openPage(ADDRESS);
    const card = await screen.findByTestId("objective-4");
    expect(within(card).getByText("Win <b>peak</b>")).toBeTruthy();
    expect(within(card).getByRole("progressbar").getAttribute("aria-valuenow")).toBe("55");
    expect(within(card).getByText(/75.0% of the weights/)).toBeTruthy();
    expect(within(card).getByText("1 more target is outside of what you may see.")).toBeTruthy();
    await waitFor(() => expect(within(card).getByText("$55,000")).toBeTruthy());
    expect(within(card).getByText("$100,000")).toBeTruthy();
    const asked = sent.find((request) => request.path === "/objectives/")?.query;
    expect([asked?.get("grain"), asked?.get("period_start")]).toEqual(["month", "2026-11-01"]);
  });

  it("never shows an unknown progress as nothing reached", async () => {
    page({}, [objective({ progress: null, covered: "0" })]);
    openPage(ADDRESS);
    const card = await screen.findByTestId("objective-4");
    expect(within(card).queryByRole("progressbar")).toBeNull();
    expect(within(card).getByText(/No progress yet/)).toBeTruthy();
  });

  it("is written with targets of the period, and keeps what was typed when it is refused", async () => {
    const user = newUser();
    let refused = true;
    const sent = page({
      "POST /objectives/": () => {
        if (!refused) return { status: 201, body: { result: objective() } };
        const errors = [{ index: 0, field: "owner", message: "Is too long." }];
        return { status: 422, body: { error: { code: "invalid", message: "Wrong.", details: { errors } } } };
      },
    });
    openPage(ADDRESS);
    await user.click(await screen.findByTestId("objective-new"));
    const save = screen.getByTestId("objective-dialog-save") as HTMLButtonElement;
    fill(screen.getByLabelText("Name"), "Grow");
    fill(screen.getByLabelText("Owner"), "jun");
    expect(save.disabled).toBe(true);
    const dialog = screen.getByTestId("objective-dialog");
    await user.click(within(dialog).getByLabelText("Targets", { selector: "input" }));
    await user.click(await screen.findByTitle("GMV · Borealis US"));
    fill(within(dialog).getByLabelText("Weight of GMV · Borealis US"), "-1");
    expect(save.disabled).toBe(true);
    fill(within(dialog).getByLabelText("Weight of GMV · Borealis US"), "2.5");
    await user.click(save);
    expect(await screen.findByText("Is too long.")).toBeTruthy();
    expect((screen.getByLabelText("Name") as HTMLInputElement).value).toBe("Grow");
    refused = false;
    await user.click(save);
    await waitFor(() => expect(screen.queryByTestId("objective-dialog")).toBeNull());
    expect(sent.filter((request) => request.method === "POST").at(-1)?.body).toEqual({
      name: "Grow",
      description: null,
      owner: "jun",
      grain: "month",
      period_start: "2026-11-01",
      keys: [{ kpi_id: "gmv", entity_id: "account:borealis_us", weight: "2.5" }],
    });
  });

  it("asks before it removes", async () => {
    const user = newUser();
    const sent = page({ "DELETE /objectives/4": () => ({ body: { deleted: 1 } }) });
    openPage(ADDRESS);
    await user.click(await screen.findByLabelText("Remove Win <b>peak</b>"));
    const question = await screen.findByText("Remove this objective? Its targets stay.");
    expect(sent.some((request) => request.method === "DELETE")).toBe(false);
    const popover = question.closest<HTMLElement>(".kpi-popover");
    if (!popover) throw new Error("the question stands in no popover");
    await user.click(within(popover).getByRole("button", { name: "Remove" }));
    await waitFor(() => expect(sent.filter((request) => request.method === "DELETE")).toHaveLength(1));
  });

  it("offers no change of what lies in part outside of the reader's scope", async () => {
    page({}, [objective({ can_edit: false })]);
    openPage(ADDRESS);
    await screen.findByTestId("objective-4");
    expect(screen.queryByLabelText(/^(Change|Remove) Win/)).toBeNull();
    expect(screen.getByTestId("objective-new")).toBeTruthy();
  });
});
