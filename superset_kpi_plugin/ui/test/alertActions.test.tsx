import { fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Rule } from "../src/data/rules";
import type { AlertInstance } from "../src/data/types";
import { alertInstance, fill, mockFetch, newUser, openPage, type Routes } from "./helpers";

afterEach(() => vi.unstubAllGlobals());

const POINT = { period_end: "", warn: "0.28", breach: "0.3", settled: true };
const HISTORY = {
  points: [
    { ...POINT, period_start: "2026-09-01", value: "0.2" },
    { ...POINT, period_start: "2026-10-01", value: null },
    { ...POINT, period_start: "2026-11-01", value: "0.41" },
  ],
  marks: [{ event: "fired", at: "2026-11-20T07:00:00Z", period_start: "2026-11-01", incident: 1 }],
  limit: { warn: "0.28", breach: "0.3" },
  unit: "ratio",
  currency: null,
  number_format: ".1%",
};

function drawer(changes: Partial<AlertInstance> = {}, routes: Routes = {}) {
  const alert = alertInstance({ incident: 1, votes: { useful: 2, noise: 1, mine: null }, ...changes });
  return mockFetch({
    "GET /alerts/": () => ({ body: { result: [alert], count: 1, states: { firing: 1 } } }),
    "GET /alerts/5": () => ({ body: { result: alert } }),
    "GET /alerts/5/history": () => ({ body: { result: HISTORY } }),
    ...routes,
  });
}

describe("an alert that is opened", () => {
  it("tells the cause, the playbook and the history with its gap", async () => {
    drawer({
      playbook: "Cut <b>bids</b>",
      driver: { name_en: "Cost per click", name_zh: null, change: "0.25", share: "0.6" },
    });
    openPage("/kpi/alerts/?id=5");
    const cause = await screen.findByTestId("alert-cause");
    expect(cause.textContent).toContain("Cost per click by +25.0%");
    expect(cause.textContent).toContain("Cut <b>bids</b>");
    const chart = await screen.findByTestId("alert-chart");
    // A missing month breaks the line of values; the limits go on.
    expect(chart.querySelectorAll('polyline[data-kind="value"]')).toHaveLength(2);
    expect(chart.querySelectorAll('polyline[data-kind="breach"]')).toHaveLength(1);
    expect(chart.querySelectorAll('line[data-kind="fired"]')).toHaveLength(1);
  });

  it("takes a vote, and takes it back", async () => {
    const user = newUser();
    const alert = { votes: { useful: 2, noise: 1, mine: null as "noise" | null } };
    const sent = drawer(alert, {
      "POST /alerts/5/vote": () => {
        alert.votes.mine = "noise";
        return { body: { result: {} } };
      },
      "DELETE /alerts/5/vote": () => ({ body: { result: {} } }),
    });
    openPage("/kpi/alerts/?id=5");
    const noise = await screen.findByTestId("vote-noise");
    expect(noise.getAttribute("aria-pressed")).toBe("false");
    await user.click(noise);
    expect(sent.find((request) => request.path === "/alerts/5/vote")?.body).toEqual({ vote: "noise" });
    await waitFor(() => expect(noise.getAttribute("aria-pressed")).toBe("true"));
    await user.click(noise);
    await waitFor(() => expect(sent.some((request) => request.method === "DELETE")).toBe(true));
  });

  it("is given to somebody, and keeps what was typed when that is refused", async () => {
    const user = newUser();
    drawer(
      {},
      {
        "POST /alerts/5/assign": () => ({
          status: 422,
          body: {
            error: { code: "invalid", message: "Nobody of this name may see the alert.", details: {} },
          },
        }),
      },
    );
    openPage("/kpi/alerts/?id=5");
    fill(await screen.findByTestId("assignee"), "nobody");
    await user.click(screen.getByTestId("assign"));
    expect(await screen.findByText("Nobody of this name may see the alert.")).toBeTruthy();
    expect((screen.getByTestId("assignee") as HTMLInputElement).value).toBe("nobody");
  });
});

const RULE: Rule & { later: unknown } = {
  id: 1,
  name: "Ad group over its line",
  name_zh: null,
  kpi_id: "acos",
  etag: "one",
  entity_kind: "ad_group",
  entity_ids: null,
  within: null,
  tolerance: "0",
  hysteresis: "0.1",
  seasons: { only: ["q4"] },
  minimum_volume: null,
  volume_kpi_id: null,
  group_above: null,
  digest: { at: "08:00" },
  // A field that the form doesn't know.
  later: { at: 1 },
  escalation: [],
  owner: null,
  grain: "month",
  condition: "breach",
  parameters: {},
  severity: "warning",
  channels: ["mail"],
  for_minutes: 2880,
  keep_firing_minutes: 0,
  include_provisional: false,
  is_enabled: true,
  playbook_en: null,
  playbook_zh: null,
  source: null,
  last_evaluated_at: null,
  votes: { useful: 3, noise: 1, n: 4, precision: "0.75" },
};
const KPI = {
  kpi_id: "acos",
  name_en: "ACoS",
  name_zh: "ACoS",
  unit: "ratio",
  direction: "lower",
  entity_kinds: "account,ad_group",
  number_format: ".1%",
};

function rules(routes: Routes = {}, admin = true) {
  const permissions = { propose: true, approve: true, admin, acknowledge: true, upload: true };
  return mockFetch({
    "GET /me/": () => ({ body: { user: "mia", permissions, locale: "en", channels: ["mail", "hook"] } }),
    "GET /catalogue/": () => ({ body: { result: [KPI] } }),
    "GET /alert_rules/": () => ({ body: { result: [RULE] } }),
    ...routes,
  });
}

describe("the rules", () => {
  it("say what they watch and how useful people found them, the noisiest first on demand", async () => {
    const sent = rules();
    openPage("/kpi/alerts/?tab=rules");
    const row = await screen.findByTestId("rule-1");
    expect(row.textContent).toContain("ACoS");
    expect(row.textContent).toContain("75.0% useful of 4 votes");
    fireEvent.mouseDown(screen.getByTestId("rules-order").querySelector(".kpi-select-selector") as Element);
    fireEvent.click(await screen.findByText("The noisiest first"));
    await waitFor(() => expect(sent.some((request) => request.query.get("order") === "noise")).toBe(true));
  });

  it("are changed without what they watch, and switched off", async () => {
    const user = newUser();
    const sent = rules({ "PUT /alert_rules/1": () => ({ body: { result: RULE } }) });
    openPage("/kpi/alerts/?tab=rules");
    await user.click(await screen.findByTestId("rule-edit-1"));
    expect(((await screen.findByLabelText("Must last before it fires")) as HTMLInputElement).value).toBe("2");
    fill(screen.getByLabelText("Name"), "Another name");
    await user.click(screen.getByTestId("rule-save"));
    await waitFor(() => expect(screen.queryByTestId("rule")).toBeNull());
    const body = sent.find((request) => request.method === "PUT")?.body;
    expect(body).toMatchObject({ name: "Another name", for_minutes: 2880 });
    for (const name of ["kpi_id", "later", "etag"]) expect(Object.keys(body ?? {})).not.toContain(name);
    await user.click(screen.getByTestId("rule-enabled-1"));
    await waitFor(() =>
      expect(sent.filter((request) => request.method === "PUT")[1]?.body).toEqual({ is_enabled: false }),
    );
  });

  it("are tried over the past before they are saved", async () => {
    const user = newUser();
    const sent = rules({
      "POST /alert_rules/backtest": () => ({
        body: {
          result: {
            can_replay: true,
            reason: null,
            caveats: ["Restated figures are read as they are today."],
            from: "2026-05-31",
            to: "2026-11-26",
            entities: 60,
            entity_days: 9000,
            fired: 3,
            open_days: 40,
            per_1000: "0.33",
            short: 1,
            firings: [],
            hints: { for_days: [{ for_days: 0, fired: 5, short: 3 }] },
          },
        },
      }),
    });
    openPage("/kpi/alerts/?tab=rules");
    await user.click(await screen.findByTestId("rule-edit-1"));
    await user.click(await screen.findByTestId("rule-backtest"));
    const shown = await screen.findByTestId("backtest");
    expect(shown.textContent).toContain("It would have fired 3 times from 2026-05-31 to 2026-11-26.");
    expect(shown.textContent).toContain("Restated figures are read as they are today.");
    const tried = () => sent.filter((request) => request.path === "/alert_rules/backtest");
    expect(tried()[0]?.body).toEqual({ rule_id: 1 });
    fill(screen.getByLabelText("Must last before it fires"), "3");
    await user.click(screen.getByTestId("rule-backtest"));
    await waitFor(() => expect(tried()).toHaveLength(2));
    // What the form doesn't show is tried too.
    expect(tried()[1]?.body).toMatchObject({
      rule: {
        kpi_id: "acos",
        condition: "breach",
        for_minutes: 4320,
        hysteresis: "0.1",
        seasons: { only: ["q4"] },
        later: { at: 1 },
      },
    });
  });

  it("are copied with all that they hold, switched off, and tell what the form doesn't know", async () => {
    const user = newUser();
    const errors = [{ field: "later", message: "There is no such hour." }];
    const sent = rules({
      "GET /alert_rules/": () => ({ body: { result: [{ ...RULE, entity_ids: ["ad_group:aurora_us/1"] }] } }),
      "POST /alert_rules/": () => ({
        status: 422,
        body: { error: { code: "invalid", message: "Nothing was saved.", details: { errors } } },
      }),
    });
    openPage("/kpi/alerts/?tab=rules");
    await user.click(await screen.findByTestId("rule-copy-1"));
    await user.click(await screen.findByTestId("rule-save"));
    expect(await screen.findByText(/later: There is no such hour/)).toBeTruthy();
    expect(sent.find((request) => request.method === "POST")?.body).toMatchObject({
      entity_ids: ["ad_group:aurora_us/1"],
      hysteresis: "0.1",
      seasons: { only: ["q4"] },
      later: { at: 1 },
      kpi_id: "acos",
      is_enabled: false,
    });
  });

  it("offer nothing to change to who may not", async () => {
    rules({}, false);
    openPage("/kpi/alerts/?tab=rules");
    await screen.findByTestId("rule-1");
    expect(screen.queryByTestId("rule-new")).toBeNull();
    expect(screen.queryByTestId("rule-edit-1")).toBeNull();
  });
});
