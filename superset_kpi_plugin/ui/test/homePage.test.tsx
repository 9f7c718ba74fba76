import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { changeOf } from "../src/components/home/KpiCard";
import type { Home, HomeCard } from "../src/data/home";
import { alertInstance, mockFetch, newUser, openPage, type Routes, targetRow } from "./helpers";

afterEach(() => vi.unstubAllGlobals());

function card(changes: Partial<HomeCard> = {}): HomeCard {
  const { status, approved, draft: _draft, facts: _facts, ...row } = targetRow();
  return {
    ...row,
    ...(status as NonNullable<typeof status>),
    warn_limit: null,
    breach_limit: null,
    currency: "USD",
    account_name: null,
    period_end: "2026-11-30",
    target_value: approved?.target_value ?? null,
    weight: null,
    owner: "mia",
    series: [
      { period_start: "2026-09-01", value: "90000" },
      { period_start: "2026-10-01", value: null },
      { period_start: "2026-11-01", value: "55000" },
    ],
    drivers: [
      {
        kpi_id: "orders",
        name: "Orders",
        unit: "count",
        number_format: ",d",
        direction: "higher",
        value: "1100",
        last_year: "1000",
      },
    ],
    ...changes,
  };
}

function home(changes: Partial<Home> = {}): Home {
  return {
    edition: "own",
    editions: ["own", "boss"],
    user: "mia",
    day: "2026-11-18",
    kpis: [card()],
    groups: [],
    groups_count: 0,
    alerts: { result: [alertInstance()], count: 7, unacknowledged: 2 },
    tasks: [
      { kind: "approve", count: 3, grain: "month", period_start: "2026-12-01" },
      { kind: "sign", count: 8 },
    ],
    freshness: null,
    warnings: [],
    ...changes,
  };
}

function open(answer: Home, routes: Routes = {}) {
  const sent = mockFetch({ "GET /home/": () => ({ body: answer }), ...routes });
  openPage("/kpi/home/");
  return sent;
}

describe("the home page", () => {
  it("shows a KPI with value, target, status, pace, drivers and the provisional mark", async () => {
    open(home());
    const shown = await screen.findByTestId("home-card");
    for (const text of [
      "GMV",
      "Aurora US",
      "$55,000",
      "of $100,000 · 55.0%",
      "At risk",
      "$60,000 expected by now, −$5,000",
      "November 2026",
      "Provisional, data through Nov 18, 2026",
      "Orders",
      "1,100",
      "+10% on last year",
    ]) {
      expect(shown.textContent).toContain(text);
    }
    expect(within(shown).getByRole("img", { name: "Values of the last 2 periods" })).toBeTruthy();
    expect(within(shown).getByRole("link", { name: "GMV" }).getAttribute("href")).toBe("/kpi/glossary/#gmv");
  });

  it("marks nothing as provisional that is settled, and shows no change where last year is unknown", async () => {
    const drivers = [{ ...(card().drivers[0] as HomeCard["drivers"][0]), last_year: null }];
    open(home({ kpis: [card({ is_settled: true, drivers })] }));
    const shown = await screen.findByTestId("home-card");
    expect(within(shown).queryByTestId("provisional")).toBeNull();
    expect(shown.textContent).toContain("no last year");
    expect(changeOf({ ...drivers[0], value: "5", last_year: "0" } as HomeCard["drivers"][0])).toBeNull();
    expect(changeOf({ ...drivers[0], value: "-15", last_year: "-10" } as HomeCard["drivers"][0])).toBe(
      "-0.500000",
    );
  });

  it("lists tasks and alerts with the page where each is dealt with", async () => {
    open(home());
    expect((await screen.findByTestId("task-approve")).getAttribute("href")).toBe(
      "/kpi/targets/?grain=month&period=2026-12-01&status=draft",
    );
    expect(screen.getByTestId("task-approve").textContent).toContain("3targets to approve · December 2026");
    expect(screen.getByTestId("task-sign").getAttribute("href")).toBe("/kpi/reconciliation/");
    expect(screen.getByTestId("task-acknowledge").textContent).toContain("2alerts to acknowledge");
    const alert = screen.getByTestId("home-alert");
    expect(alert.textContent).toContain("Earbuds <b>exact</b>");
    expect(within(alert).getAllByRole("link")[0]?.getAttribute("href")).toBe("/kpi/alerts/?id=5");
    expect(screen.getByText("All 7 alerts")).toBeTruthy();
  });

  it("leads from an edition that is refused to the own home", async () => {
    const user = newUser();
    const error = { code: "bad_request", message: "This edition is not yours.", details: {} };
    mockFetch({
      "GET /home/": ({ query }) =>
        query.get("edition") === "boss" ? { status: 400, body: { error } } : { body: home() },
    });
    openPage("/kpi/home/?edition=boss");
    await user.click(await screen.findByRole("button", { name: "Open your home" }));
    await screen.findByTestId("home-kpis");
    expect(window.location.search).toBe("");
  });

  it("switches the edition by the address and shows the groups", async () => {
    const user = newUser();
    const group = {
      entity_id: "platform:amazon",
      entity_kind: "platform",
      entity_name: "Amazon",
      count: 3,
      statuses: { breach: 2, ok: 1 },
      worst: [card({ status: "breach" })],
    };
    const sent = open(home(), {
      "GET /home/": ({ query }) => ({
        body:
          query.get("edition") === "boss"
            ? home({ edition: "boss", groups: [group], groups_count: 14 })
            : home(),
      }),
    });
    await user.click(await screen.findByTestId("home-edition-boss"));
    const shown = await screen.findByTestId("home-group");
    expect(window.location.search).toBe("?edition=boss");
    expect(shown.textContent).toContain("Amazon");
    expect(within(shown).getByRole("img", { name: "3 targets" }).textContent).toContain("2");
    expect(screen.getByRole("link", { name: "13 more on the Targets page" })).toBeTruthy();
    expect(
      sent
        .filter((request) => request.path === "/home/")
        .at(-1)
        ?.query.get("edition"),
    ).toBe("boss");
  });

  it("says what is missing when there is no KPI, and what could not be read", async () => {
    open(
      home({
        kpis: [],
        tasks: [],
        editions: ["own"],
        alerts: { result: [], count: 0, unacknowledged: 0 },
        warnings: [{ code: "warehouse_unavailable", message: "The warehouse does not answer." }],
      }),
    );
    expect(await screen.findByText("No KPIs to show yet")).toBeTruthy();
    expect(screen.getByText("The warehouse does not answer.")).toBeTruthy();
    expect(screen.getByText("Nothing waits for you.")).toBeTruthy();
    expect(screen.queryByTestId("home-edition-own")).toBeNull();
  });

  it("tries again after an error", async () => {
    const user = newUser();
    let fails = true;
    mockFetch({
      "GET /home/": () =>
        fails
          ? { status: 403, body: { error: { code: "forbidden", message: "Not for you.", details: {} } } }
          : { body: home() },
    });
    openPage("/kpi/home/");
    expect(await screen.findByText("Not for you.")).toBeTruthy();
    fails = false;
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(screen.getByTestId("home-card")).toBeTruthy());
  });
});
