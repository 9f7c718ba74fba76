import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { diagnosisAnswer } from "../dev/diagnosisMock";
import { diagnosisOf } from "../src/components/diagnosis/DiagnoseLink";
import { placeOf } from "../src/components/diagnosis/DiagnosisAnchor";
import { acrossOf, actionsByPlace, heightOf, placeOfDay, spanOf } from "../src/components/diagnosis/scale";
import type { Diagnosis, DiagnosisAction, SeriesPoint } from "../src/data/diagnosis";
import { alertInstance, mockFetch, newUser, openPage, type Routes } from "./helpers";
import { setPhone } from "./setup";

afterEach(() => vi.unstubAllGlobals());

function open(address = "/kpi/diagnosis/", changes: Partial<Diagnosis> = {}, routes: Routes = {}) {
  const sent = mockFetch({
    "GET /diagnosis/": ({ query }) => ({ body: { ...diagnosisAnswer(query, ""), ...changes } }),
    "GET /entities/": ({ query }) => ({
      body: {
        result:
          query.get("kind") === "account"
            ? [
                {
                  entity_id: "account:aurora_us",
                  entity_kind: "account",
                  entity_name: "Aurora US",
                  account_name: null,
                },
              ]
            : [],
      },
    }),
    "GET /catalogue/": () => ({
      body: {
        result: [
          { kpi_id: "gmv", name_en: "GMV", name_zh: "成交总额", entity_kinds: "account", display_order: 1 },
        ],
      },
    }),
    ...routes,
  });
  openPage(address);
  return sent;
}

describe("the diagnosis page", () => {
  it("shows the four steps in their order, and where to begin", async () => {
    open();
    const path = await screen.findByTestId("diagnosis-path");
    expect(
      within(path)
        .getAllByRole("link")
        .map((link) => link.textContent),
    ).toEqual(["Problem:  Sources", "In order:  Targets", "Warning:  Owners", "In order:  Reviews"]);
    expect(within(path).getByTestId("path-sources").getAttribute("aria-current")).toBe("step");
    expect(within(path).getByTestId("path-owners").getAttribute("aria-current")).toBeNull();
    expect(screen.getByTestId("step-sources").textContent).toContain("Begin here");
    expect(screen.queryByTestId("all-fine")).toBeNull();
  });

  it("says what is wrong, what to do and where, and folds what is in order", async () => {
    open();
    const sources = await screen.findByTestId("step-sources");
    const failed = within(sources).getByTestId("check-failed");
    expect(failed.textContent).toContain("Streams whose last load failed: 1.");
    expect(failed.textContent).toContain("status 503 after 5 attempts");
    expect(within(failed).getByRole("link").getAttribute("href")).toBe(
      "/superset/dashboard/kpi-data-health/",
    );
    const fine = within(sources).getByText("1 check is in order").closest("details");
    expect(fine?.open).toBe(false);
    expect(within(fine as HTMLElement).getByTestId("check-settled")).toBeTruthy();
  });

  it("names five items, folds the next, and counts what the answer left out", async () => {
    const answer = diagnosisAnswer(new URLSearchParams(), "");
    const owners = answer.steps[2];
    const first = owners?.checks[0];
    if (!owners || !first) throw new Error("the mock has no owners");
    const steps = answer.steps.map((step) =>
      step.step === "owners" ? { ...owners, checks: [{ ...first, count: 30 }] } : step,
    );
    open("/kpi/diagnosis/", { steps });
    const check = await screen.findByTestId("check-no_owner");
    const folded = within(check).getByText("2 more").closest("details");
    expect(within(check).getAllByTestId("check-item")).toHaveLength(7);
    expect(within(folded as HTMLElement).getAllByTestId("check-item")).toHaveLength(2);
    expect(check.textContent).toContain("23 more are not listed.");
    expect(within(check).getByRole("link", { name: "GMV · Account 1" }).getAttribute("href")).toBe(
      "/kpi/targets/?grain=month&period=2026-11-01",
    );
  });

  it("lists the streams with the reason of a failure as text", async () => {
    const evil = { ...diagnosisAnswer(new URLSearchParams(), "").streams[0], last_error: "<img src=x>" };
    open("/kpi/diagnosis/", { streams: [evil as Diagnosis["streams"][number]] });
    const row = await screen.findByTestId("stream");
    expect(row.textContent).toContain("<img src=x>");
    expect(row.querySelector("img")).toBeNull();
  });

  it("lays the actions over the series of the KPI and the entity in the address", async () => {
    const sent = open("/kpi/diagnosis/?kpi=gmv&entity=account:aurora_us");
    const chart = await screen.findByTestId("action-chart");
    const drawing = within(chart).getByRole("img");
    expect(drawing.getAttribute("aria-label")).toBe(
      "GMV · Aurora US from Oct 9, 2026 to Nov 22, 2026, with 13 actions of the last two weeks",
    );
    expect(
      within(chart)
        .getAllByTestId("action-mark")
        .map((mark) => mark.textContent),
    ).toEqual(["12", "1"]);
    expect(within(chart).getAllByTestId("fired-mark")).toHaveLength(1);
    const asked = sent.filter((request) => request.path === "/diagnosis/").at(-1);
    expect([asked?.query.get("kpi"), asked?.query.get("entity")]).toEqual(["gmv", "account:aurora_us"]);
    const [said, approved] = screen.getAllByTestId("action");
    expect(said?.textContent).toContain("mia commented on the alert: GMV · Aurora US");
    expect(said?.textContent).toContain("The main listing lost its offer");
    expect(approved?.textContent).toContain("and 11 more");
  });

  it("offers open alerts to begin with, and goes there", async () => {
    const user = newUser();
    open();
    expect(await screen.findByText(/Choose a KPI and an entity/)).toBeTruthy();
    await user.click(screen.getByTestId("offered"));
    await screen.findByTestId("action-chart");
    expect(window.location.search).toBe("?kpi=gmv&entity=account%3Aaurora_us");
    expect(screen.queryByTestId("offered")).toBeNull();
    // The filters show what was chosen by the link.
    const filters = screen.getByLabelText("Filters");
    await waitFor(() => expect(filters.textContent).toContain("Aurora US"));
    expect(filters.textContent).toContain("GMV");
    await user.click(screen.getByTestId("diagnosis-clear"));
    await waitFor(() => expect(window.location.search).toBe(""));
  });

  it("says when nothing is wrong", async () => {
    open("/kpi/diagnosis/", diagnosisAnswer(new URLSearchParams(), "empty"));
    expect((await screen.findByTestId("all-fine")).textContent).toContain("No step has a problem");
    expect(screen.getByText("Nobody did anything here.")).toBeTruthy();
  });

  it("gives the bundle to who may take it", async () => {
    const me = (diagnose: boolean) => ({
      "GET /me/": () => ({
        body: {
          user: "mia",
          permissions: { propose: true, approve: true, admin: true, diagnose },
          locale: "en",
        },
      }),
    });
    open("/kpi/diagnosis/", {}, me(true));
    expect((await screen.findByTestId("bundle")).getAttribute("href")).toBe("/api/v1/kpi/diagnosis/bundle");
  });

  it("keeps the bundle from everybody else, on a phone too", async () => {
    setPhone(true);
    open();
    await screen.findByTestId("step-reviews");
    expect(screen.queryByTestId("bundle")).toBeNull();
  });

  it("tries again after an error", async () => {
    const user = newUser();
    let fails = true;
    mockFetch({
      "GET /diagnosis/": ({ query }) =>
        fails
          ? {
              status: 404,
              body: { error: { code: "not_found", message: "There is no entity x.", details: {} } },
            }
          : { body: diagnosisAnswer(query, "") },
    });
    openPage("/kpi/diagnosis/?entity=x");
    expect(await screen.findByText("There is no entity x.")).toBeTruthy();
    fails = false;
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByTestId("step-sources")).toBeTruthy();
  });
});

describe("places in the drawing", () => {
  const points = ["2026-11-01", "2026-11-02", "2026-11-03"].map(
    (day, at): SeriesPoint => ({
      period_start: day,
      period_end: day,
      value: at === 1 ? null : String(at * 10),
      settled: true,
      target: at === 0 ? "40" : null,
      warn: null,
      breach: null,
    }),
  );
  const frame = { width: 120, height: 60, edge: 10 };

  it("puts the lowest value at the bottom and the highest of all lines at the top", () => {
    expect(spanOf(points, ["value", "target"])).toEqual({ low: 0, high: 40 });
    expect(spanOf(points, ["breach"])).toBeNull();
    expect([0, 1, 2].map((at) => acrossOf(at, 3, frame))).toEqual([10, 60, 110]);
    expect(["0", "40", null].map((value) => heightOf(value, 0, 40, frame))).toEqual([50, 10, null]);
    expect(heightOf("7", 7, 7, frame)).toBe(30);
  });

  it("marks an action on the period that holds its day", () => {
    expect(["2026-10-31", "2026-11-02", "2026-12-24"].map((day) => placeOfDay(points, day))).toEqual([
      null,
      1,
      2,
    ]);
    const action = (day: string) => ({ day }) as DiagnosisAction;
    const found = actionsByPlace(
      points,
      ["2026-11-03", "2026-11-01", "2026-11-03", "2026-10-01"].map(action),
    );
    expect(found.map(([at, done]) => [at, done.length])).toEqual([
      [0, 1],
      [2, 2],
    ]);
  });

  it("leads from an alert to its diagnosis, by KPI only where the catalogue has it", async () => {
    mockFetch({
      "GET /catalogue/": () => ({
        body: { result: [{ kpi_id: "acos", name_en: "ACOS", entity_kinds: "" }] },
      }),
      "GET /alerts/5": () => ({ body: { result: alertInstance() } }),
    });
    const entity = encodeURIComponent("ad_group:aurora_us/1");
    openPage("/kpi/alerts/?id=5");
    await waitFor(() =>
      expect(screen.getByTestId("diagnose").getAttribute("href")).toBe(
        `/kpi/diagnosis/?kpi=acos&entity=${entity}`,
      ),
    );
    expect(diagnosisOf(null, "account:a")).toBe("?entity=account%3Aa");
  });

  it("writes a link's place after its query", () => {
    expect(placeOf({})).toBe("");
    expect(placeOf({ grain: "month", "#": "a b" })).toBe("?grain=month#a%20b");
  });
});
