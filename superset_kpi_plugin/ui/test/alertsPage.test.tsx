import { screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { sortAlerts } from "../src/data/alertOrder";
import { countOf, statesOf } from "../src/data/alerts";
import type { AlertInstance } from "../src/data/types";
import { alertInstance, fill, mockFetch, newUser, openPage, type Routes } from "./helpers";

afterEach(() => vi.unstubAllGlobals());

function inbox(alerts: AlertInstance[]): Routes {
  return {
    "GET /alerts/": () => ({
      body: { result: alerts, count: alerts.length, states: { firing: alerts.length } },
    }),
    "GET /alerts/5": () => ({ body: { result: alerts[0] } }),
  };
}

describe("the alert inbox", () => {
  it("shows value against limit, since when and whose, with text as text", async () => {
    const sent = mockFetch(inbox([alertInstance()]));
    openPage("/kpi/alerts/");
    const row = await screen.findByTestId("alert-row");
    for (const text of [
      "Firing",
      "Earbuds <b>exact</b>",
      "41.0%",
      "30.0%",
      "November 2026",
      "Jun Li",
      "Critical",
    ]) {
      expect(row.textContent).toContain(text);
    }
    expect(
      sent.find((request) => request.path === "/alerts/" && request.query.has("state"))?.query.get("state"),
    ).toBe("firing,pending");
  });

  it("opens by address and acknowledges with a comment", async () => {
    const user = newUser();
    const alert = alertInstance();
    const sent = mockFetch({
      ...inbox([alert]),
      "POST /alerts/5/acknowledge": ({ body }) => {
        Object.assign(alert, {
          acknowledged_by: "mia",
          acknowledged_at: "2026-11-23T08:00:00Z",
          comment: body.comment,
        });
        return { body: { result: alert } };
      },
    });
    openPage("/kpi/alerts/?id=5");
    fill(await screen.findByTestId("ack-comment"), "  Bids cut by 20%  ");
    await user.click(screen.getByTestId("acknowledge"));
    expect((await screen.findByTestId("acknowledged")).textContent).toContain("Bids cut by 20%");
    const post = sent.find((request) => request.method === "POST");
    expect(post?.body).toEqual({ comment: "Bids cut by 20%" });
    expect(post?.headers["X-CSRFToken"]).toBe("token-1");
  });

  it("lets nobody acknowledge who may not", async () => {
    const none = { propose: false, approve: false, admin: false, acknowledge: false };
    mockFetch({
      ...inbox([alertInstance()]),
      "GET /me/": () => ({ body: { user: "v", permissions: none, locale: "en" } }),
    });
    openPage("/kpi/alerts/?id=5");
    await screen.findByTestId("alert-drawer");
    expect(screen.queryByTestId("acknowledge")).toBeNull();
  });

  it("says so when an alert that was linked to is gone", async () => {
    mockFetch(inbox([]));
    openPage("/kpi/alerts/?id=99");
    expect((await screen.findByTestId("state-error")).textContent).toContain("No.");
  });

  it("closes the drawer by the address, and Back keeps the filter", async () => {
    const user = newUser();
    mockFetch(inbox([alertInstance()]));
    openPage("/kpi/alerts/?state=firing");
    await user.click(await screen.findByTestId("open-alert"));
    await screen.findByTestId("alert-drawer");
    expect(window.location.search).toContain("id=5");
    await user.click(screen.getByLabelText("Close"));
    await waitFor(() => expect(window.location.search).toBe("?state=firing"));
  });

  it("is quiet when nothing is wrong", async () => {
    mockFetch({
      "GET /alerts/": ({ query }) => {
        const states = query.has("state") ? {} : { ok: 7 };
        return { body: { result: [], count: query.has("state") ? 0 : 7, states } };
      },
    });
    openPage("/kpi/alerts/");
    expect((await screen.findByTestId("state-empty")).textContent).toContain("Nothing asks for attention");
  });
});

describe("order and counts", () => {
  it("puts first what needs a person first", () => {
    const rows = [
      alertInstance({ id: 1, state: "resolved" }),
      alertInstance({ id: 2, state: "pending" }),
      alertInstance({ id: 3, severity: "info" }),
      alertInstance({ id: 4, acknowledged_at: "2026-11-20T08:00:00Z" }),
      alertInstance({ id: 5, firing_since: "2026-11-21T00:00:00Z" }),
      alertInstance({ id: 6, firing_since: "2026-11-19T00:00:00Z" }),
    ];
    expect(sortAlerts(rows).map((row) => row.id)).toEqual([6, 5, 3, 4, 2, 1]);
  });

  it("counts what is open as firing and pending", () => {
    const counts = { states: { firing: 3, pending: 1, resolved: 7 }, handled: { snoozed: 2 } };
    expect(countOf("open", counts)).toBe(4);
    expect(countOf("all", counts)).toBe(11);
    expect(countOf("stale", counts)).toBe(0);
    expect(countOf("snoozed", counts)).toBe(2);
    expect(countOf("silenced", counts)).toBe(0);
    expect(statesOf("all")).toBeUndefined();
    expect(statesOf("open")).toBe("firing,pending");
  });
});
