import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Silence } from "../src/data/silences";
import { alertInstance, fill, mockFetch, newUser, openPage, type Routes } from "./helpers";

afterEach(() => vi.unstubAllGlobals());

function silence(changes: Partial<Silence> = {}): Silence {
  return {
    id: 1,
    kpi_id: null,
    entity_id: "account:aurora_us",
    entity_name: "Aurora <b>US</b>",
    rule_id: 1,
    rule_name: "ACOS over its line",
    severity: "critical",
    starts_at: "2026-11-20T08:00:00Z",
    ends_at: "2026-11-24T08:00:00Z",
    reason: "Stock-take",
    created_by: "mia",
    created_at: "2026-11-20T08:00:00Z",
    ended_by: null,
    state: "active",
    ...changes,
  };
}

const ENDED = { id: 3, state: "expired", ended_by: "jun", severity: null } as const;

function silences(found: Silence[], routes: Routes = {}) {
  return mockFetch({
    "GET /silences/": () => ({ body: { result: found, count: found.length } }),
    "GET /alert_rules/": () => ({ body: { result: [{ id: 1, name: "ACOS over its line", name_zh: null }] } }),
    "GET /alerts/": () => ({ body: { result: [], count: 0, states: { firing: 3, pending: 1, ok: 9 } } }),
    "GET /entities/": () => ({ body: { result: [] } }),
    ...routes,
  });
}

describe("the silences", () => {
  it("stand as running, planned and ended, with what they match and why", async () => {
    silences([
      silence(),
      silence({ id: 2, state: "pending", rule_id: null, rule_name: null }),
      silence(ENDED),
    ]);
    openPage("/kpi/alerts/?tab=silences");
    const running = (await screen.findByTestId("silence-1")).textContent ?? "";
    for (const text of [
      "ACOS over its line · Aurora <b>US</b> and below",
      "Critical",
      "Stock-take",
      "by mia",
    ])
      expect(running).toContain(text);
    const titles = screen.getAllByRole("heading", { level: 2 }).map((title) => title.textContent);
    expect(titles).toEqual(["Running 1", "Planned 1", "Ended 1"]);
    expect(screen.getByTestId("silence-3").textContent).toContain("ended by jun");
  });

  it("are ended early, after a question", async () => {
    const user = newUser();
    const sent = silences([silence()], {
      "DELETE /silences/1": () => ({ body: { result: silence(ENDED) } }),
    });
    openPage("/kpi/alerts/?tab=silences");
    await user.click(await screen.findByTestId("silence-end-1"));
    expect(sent.some((request) => request.method === "DELETE")).toBe(false);
    expect((await screen.findByRole("tooltip")).textContent).toContain("What still fires is told");
    const confirm = screen.getAllByRole("button", { name: "End now" }).at(-1) as HTMLElement;
    await user.click(confirm);
    await waitFor(() => expect(sent.some((request) => request.path === "/silences/1")).toBe(true));
  });

  it("lead to the alerts that they cover", async () => {
    const user = newUser();
    silences([silence()]);
    openPage("/kpi/alerts/?tab=silences");
    await user.click(await screen.findByTestId("silence-alerts-1"));
    expect(Object.fromEntries(new URLSearchParams(window.location.search))).toEqual({
      state: "silenced",
      rule: "1",
      within: "account:aurora_us",
      severity: "critical",
    });
  });

  it("offer nothing to change to who may not", async () => {
    const none = { propose: false, approve: false, admin: false, acknowledge: false, upload: false };
    silences([silence(), silence(ENDED)], {
      "GET /me/": () => ({ body: { user: "v", permissions: none, locale: "en" } }),
    });
    openPage("/kpi/alerts/?tab=silences");
    await screen.findByTestId("silence-1");
    for (const name of ["silence-new", "silence-end-1", "silence-repeat-3"])
      expect(screen.queryByTestId(name)).toBeNull();
  });
});

describe("a new silence", () => {
  it("begins from an alert with all that looks like it, and tells how many it covers", async () => {
    const user = newUser();
    const alert = alertInstance();
    const sent = silences([], {
      "GET /alerts/5": () => ({ body: { result: alert } }),
      "GET /alerts/5/history": () => ({ body: { result: { points: [], marks: [], limit: {} } } }),
      "POST /silences/": () => ({ status: 201, body: { result: silence() } }),
    });
    openPage("/kpi/alerts/?id=5");
    await user.click(await screen.findByTestId("silence-alike"));
    await waitFor(() =>
      expect(screen.getByTestId("silence-covers").textContent).toBe("Covers 4 alerts that are open now."),
    );
    const counted = sent.find(({ query }) => query.get("within") !== null);
    expect(Object.fromEntries(counted?.query ?? [])).toEqual({
      rule_id: "1",
      within: "ad_group:aurora_us/1",
      page_size: "1",
    });
    await user.click(screen.getByTestId("silence-for-1440"));
    fill(screen.getByLabelText(/^Why/), "  Counting ");
    await user.click(screen.getByTestId("silence-save"));
    await waitFor(() => expect(screen.queryByTestId("silence")).toBeNull());
    const body = sent.find((request) => request.method === "POST")?.body;
    expect(body).toMatchObject({
      rule_id: 1,
      entity_id: "ad_group:aurora_us/1",
      kpi_id: null,
      severity: null,
      starts_at: null,
      reason: "Counting",
    });
    const hours = (Date.parse(String(body?.ends_at)) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThanOrEqual(24);
  });

  it("keeps what was typed when it is refused, and says at each field why", async () => {
    const user = newUser();
    const errors = [
      { field: "ends_at", message: "A silence ends after it starts." },
      { field: "kpi_id", message: "A silence must name something." },
    ];
    silences([], {
      "POST /silences/": () => ({
        status: 422,
        body: { error: { code: "validation_failed", message: "Nothing was saved.", details: { errors } } },
      }),
    });
    openPage("/kpi/alerts/?tab=silences");
    fireEvent.click(within(await screen.findByTestId("state-empty")).getByRole("button"));
    fill(await screen.findByLabelText(/^Why/), "Counting");
    expect((await screen.findByTestId("silence-covers")).textContent).toBe("Choose at least one of these.");
    await user.click(screen.getByTestId("silence-save"));
    const until = await screen.findByLabelText(/^Until/);
    await waitFor(() => expect(until.getAttribute("aria-invalid")).toBe("true"));
    const problem = document.getElementById(until.getAttribute("aria-describedby") ?? "");
    expect(problem?.textContent).toBe("A silence ends after it starts.");
    expect(screen.getByText("A silence must name something.")).toBeTruthy();
    expect((screen.getByLabelText(/^Why/) as HTMLTextAreaElement).value).toBe("Counting");
  });

  it("repeats one that has ended", async () => {
    const user = newUser();
    const sent = silences([silence(ENDED)], {
      "POST /silences/": () => ({ status: 201, body: { result: silence() } }),
    });
    openPage("/kpi/alerts/?tab=silences");
    await user.click(await screen.findByTestId("silence-repeat-3"));
    await user.click(await screen.findByTestId("silence-for-240"));
    await user.click(screen.getByTestId("silence-save"));
    await waitFor(() =>
      expect(sent.find((request) => request.method === "POST")?.body).toMatchObject({
        rule_id: 1,
        entity_id: "account:aurora_us",
        reason: "Stock-take",
      }),
    );
  });
});
