import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { groupAlerts, sortAlerts } from "../src/data/alertOrder";
import type { AlertInstance } from "../src/data/types";
import { alertInstance, fill, mockFetch, newUser, openPage, type Routes, type SentRequest } from "./helpers";
import { setPhone } from "./setup";

afterEach(() => vi.unstubAllGlobals());

const ROWS = [
  alertInstance({ id: 1, owner: "e1", owner_name: "Jun Li" }),
  alertInstance({ id: 2, entity_id: "account:aurora_us", entity_name: "Aurora US", owner: null }),
  alertInstance({
    id: 3,
    rule_id: 2,
    rule_name: "Stock",
    owner: "e1",
    owner_name: "Jun Li",
    assignee: "mia",
  }),
];

interface Counts {
  states?: Record<string, number>;
  handled?: Record<string, number>;
}

function inbox(rows: AlertInstance[], counts: Counts = {}, more: Routes = {}): SentRequest[] {
  return mockFetch({
    "GET /alerts/": () => ({ body: { result: rows, count: rows.length, ...counts } }),
    "GET /entities/": ({ query }) => ({
      body: {
        result:
          query.get("kind") === "platform"
            ? [{ entity_id: "platform:amazon", entity_name: "Amazon", entity_kind: "platform" }]
            : [{ entity_id: "account:aurora_us", entity_name: "Aurora US", entity_kind: "account" }],
      },
    }),
    ...more,
  });
}

function listed(sent: SentRequest[]): URLSearchParams[] {
  return sent
    .filter(({ path, query }) => path === "/alerts/" && query.get("page_size") !== "1")
    .map((request) => request.query);
}

/** Chooses an option of a select. */
async function choose(select: string, option: string) {
  fireEvent.mouseDown(screen.getByTestId(select).querySelector(".kpi-select-selector") as Element);
  const options = await screen.findAllByTitle(option);
  fireEvent.click(options.at(-1) as Element);
}

describe("the inbox's filters", () => {
  it("come from the address and narrow the list and the counts alike", async () => {
    const sent = inbox(ROWS, { states: { firing: 3 }, handled: { snoozed: 2 } });
    openPage(
      "/kpi/alerts/?state=snoozed&severity=critical&kpi=acos&within=platform:amazon&owner=me&q=ear&rule=7",
    );
    await screen.findAllByTestId("alert-row");
    const scope = {
      severity: "critical",
      kpi_id: "acos",
      rule_id: "7",
      within: "platform:amazon",
      owner: "me",
      q: "ear",
    };
    expect(Object.fromEntries(listed(sent)[0] ?? [])).toEqual({
      ...scope,
      state: "snoozed",
      page: "0",
      page_size: "200",
    });
    const counted = sent.find(({ path, query }) => path === "/alerts/" && query.get("page_size") === "1");
    expect(Object.fromEntries(counted?.query ?? [])).toEqual({ ...scope, page_size: "1" });
    expect(screen.getByTestId("alert-filter-snoozed").textContent).toBe("Snoozed2");
    expect(screen.getByTestId("alert-filter-open").textContent).toBe("Open3");
    expect((screen.getByTestId("alert-search") as HTMLInputElement).value).toBe("ear");
  });

  it("go into the address as they are chosen, and are cleared in one go", async () => {
    const user = newUser();
    const sent = inbox(ROWS, { states: { firing: 3 } });
    openPage("/kpi/alerts/");
    await screen.findAllByTestId("alert-row");
    await choose("filter-place", "Amazon");
    await choose("filter-owner", "Mine");
    await user.click(screen.getByTestId("alert-filter-acknowledged"));
    fill(screen.getByTestId("alert-search"), "ear");
    expect(window.location.search).toBe("?within=platform%3Aamazon&owner=me&state=acknowledged&q=ear");
    await waitFor(() => expect(listed(sent).at(-1)?.get("q")).toBe("ear"));
    await user.click(screen.getByTestId("alert-clear"));
    expect(window.location.search).toBe("?state=acknowledged");
  });

  it("ask once for what is typed, not for every letter", async () => {
    const sent = inbox(ROWS, { states: { firing: 3 } });
    openPage("/kpi/alerts/");
    await screen.findAllByTestId("alert-row");
    for (const text of ["b", "bu", "bud", "buds"]) fill(screen.getByTestId("alert-search"), text);
    await waitFor(() => expect(listed(sent).at(-1)?.get("q")).toBe("buds"));
    expect(listed(sent).map((query) => query.get("q"))).toEqual([null, "buds"]);
  });

  it("leave out of the address what nobody knows", async () => {
    const sent = inbox(ROWS);
    openPage("/kpi/alerts/?state=angry&severity=loud&rule=x&group=moon");
    await screen.findAllByTestId("alert-row");
    const query = listed(sent)[0];
    expect(query?.get("state")).toBe("firing,pending");
    expect(query?.has("severity") || query?.has("rule_id")).toBe(false);
    expect(screen.queryByTestId("alert-group-title")).toBeNull();
  });
});

describe("groups of the inbox", () => {
  it("stand with their name and number, by owner, entity or rule", async () => {
    inbox(ROWS);
    openPage("/kpi/alerts/?group=owner");
    const titles = await screen.findAllByTestId("alert-group-title");
    expect(titles.map((title) => title.textContent)).toEqual([
      "Jun Li 1 alert",
      "Nobody 1 alert",
      "mia 1 alert",
    ]);
    await choose("alert-group", "By rule");
    await waitFor(() => expect(window.location.search).toBe("?group=rule"));
    expect(screen.getAllByTestId("alert-group-title").map((title) => title.textContent)).toEqual([
      "ACOS over its line 2 alerts",
      "Stock 1 alert",
    ]);
  });

  it("are headings on a phone", async () => {
    setPhone(true);
    inbox(ROWS);
    openPage("/kpi/alerts/?group=entity");
    const titles = await screen.findAllByTestId("alert-group-title");
    expect(titles.map((title) => [title.tagName, title.textContent])).toEqual([
      ["H2", "Earbuds <b>exact</b> 2 alerts"],
      ["H2", "Aurora US 1 alert"],
    ]);
  });

  it("come in the order of their most urgent alert", () => {
    const rows = sortAlerts([
      alertInstance({ id: 1, severity: "info", owner: "a" }),
      alertInstance({ id: 2, severity: "critical", owner: "b" }),
      alertInstance({ id: 3, severity: "warning", owner: "a" }),
    ]);
    expect(groupAlerts(rows, "owner").map(({ key, rows: of }) => [key, of.map((row) => row.id)])).toEqual([
      ["b", [2]],
      ["a", [3, 1]],
    ]);
  });

  it("let what somebody took care of wait", () => {
    const far = "2999-01-01T00:00:00Z";
    const rows = [
      alertInstance({ id: 1, snoozed_until: far }),
      alertInstance({ id: 2, severity: "info" }),
      alertInstance({ id: 3, silence_id: 4 }),
      alertInstance({ id: 4, snoozed_until: "2020-01-01T00:00:00Z" }),
    ];
    expect(sortAlerts(rows).map((row) => row.id)).toEqual([4, 2, 1, 3]);
  });
});

describe("a list that is long or empty", () => {
  it("draws two hundred rows at a time, and says when there are more than it fetches", async () => {
    const user = newUser();
    const rows = Array.from({ length: 250 }, (_, id) => alertInstance({ id }));
    mockFetch({
      "GET /alerts/": ({ query }) => ({
        body: { result: query.get("page") === "0" ? rows : [], count: 3000, states: { firing: 3000 } },
      }),
    });
    openPage("/kpi/alerts/");
    expect(await screen.findAllByTestId("alert-row")).toHaveLength(200);
    expect(screen.getByTestId("alert-count").textContent).toBe(
      "The first 250 of 3000 alerts: narrow the filters",
    );
    await user.click(screen.getByTestId("alerts-more"));
    expect(screen.getAllByTestId("alert-row")).toHaveLength(250);
    expect(screen.queryByTestId("alerts-more")).toBeNull();
  });

  it("marks what was done about an alert", async () => {
    inbox([
      alertInstance({
        acknowledged_by: "mia",
        snoozed_until: "2999-01-01T00:00:00Z",
        silence_id: 2,
        inhibited_by: 3,
      }),
    ]);
    openPage("/kpi/alerts/");
    const text = (await screen.findByTestId("alert-row")).textContent;
    for (const mark of [
      "Acknowledged by mia",
      "Snoozed until Jan 1, 2999",
      "Silenced",
      "Held back by an alert above",
    ])
      expect(text).toContain(mark);
  });

  it.each([
    ["?state=silenced", { ok: 4 }, "No silence covers an open alert", "Silences"],
    ["?state=resolved", { ok: 4 }, "There are 4 alerts in other states", "Show past alerts"],
    ["?q=zzz", {}, "No alert matches these filters", "Clear filters"],
    ["", {}, "No rule watches anything yet", "Packs"],
    ["", { ok: 4 }, "Nothing asks for attention", "Show past alerts"],
  ])("says what to do when %s finds none of %o", async (address, states, says, action) => {
    mockFetch({
      "GET /alerts/": ({ query }) => ({
        body: { result: [], count: 0, states: query.get("page_size") === "1" ? states : {} },
      }),
    });
    openPage(`/kpi/alerts/${address}`);
    await waitFor(() => expect(screen.getByTestId("state-empty").textContent).toContain(says));
    expect(within(screen.getByTestId("state-empty")).getByRole("button").textContent).toBe(action);
  });
});
