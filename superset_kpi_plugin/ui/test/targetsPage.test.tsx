import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { TargetRow } from "../src/data/types";
import { fill, mockFetch, newUser, openPage, type Routes, targetRow } from "./helpers";
import { setPhone } from "./setup";

afterEach(() => vi.unstubAllGlobals());

const ADDRESS = "/kpi/targets/?grain=month&period=2026-11-01";
const list = (rows: TargetRow[], more: object = {}): Routes => ({
  "GET /targets/": () => ({ body: { result: rows, count: rows.length, freshness: null, ...more } }),
  "GET /targets/1/history": () => ({ body: { result: [] } }),
});
const drafted = targetRow({
  draft: {
    ...(targetRow().approved as never as TargetRow["draft"] & object),
    target_value: "125000",
    version: 2,
  },
});

describe("the Targets page on a phone", () => {
  it("shows a card a target, edits it in a drawer and saves exactly what was typed", async () => {
    setPhone(true);
    const user = newUser();
    const sent = mockFetch({ ...list([targetRow()]), "PUT /targets/": () => ({ body: { saved: 1 } }) });
    openPage(ADDRESS);
    const card = await screen.findByTestId("target-card");
    expect(card.textContent).toContain("At risk");
    expect(card.textContent).toContain("−$5,000");
    await user.click(card);
    const field = await screen.findByTestId("field-target_value");
    expect(field).toHaveProperty("value", "100,000");
    fill(field, "120,000.10");
    await user.click(await screen.findByTestId("drawer-save"));
    await waitFor(() => expect(sent.some((request) => request.method === "PUT")).toBe(true));
    const put = sent.find((request) => request.method === "PUT");
    expect(put?.body).toMatchObject({ targets: [{ etag: "1-1", target_value: "120000.1" }] });
    expect(put?.headers["X-CSRFToken"]).toBe("token-1");
    await screen.findByText("1 draft saved.");
  });

  it("doesn't send what can't be read, and says what is wrong", async () => {
    setPhone(true);
    const user = newUser();
    const sent = mockFetch(list([targetRow()]));
    openPage(ADDRESS);
    await user.click(await screen.findByTestId("target-card"));
    fill(await screen.findByTestId("field-floor_value"), "x");
    expect((await screen.findByRole("alert")).textContent).toContain("This is not a number");
    await user.click(await screen.findByTestId("drawer-save"));
    await screen.findByText("1 cell needs mending first. Nothing was saved.");
    expect(sent.some((request) => request.method === "PUT")).toBe(false);
  });
});

describe("unsaved edits", () => {
  it("survive a look at the alerts", async () => {
    setPhone(true);
    const user = newUser();
    mockFetch({
      ...list([targetRow()]),
      "GET /alerts/": () => ({ body: { result: [], count: 0, states: {} } }),
    });
    openPage(ADDRESS);
    await user.click(await screen.findByTestId("target-card"));
    fill(await screen.findByTestId("field-target_value"), "120000");
    await screen.findByTestId("drawer-save");
    fireEvent.click(screen.getByTestId("nav-alerts"));
    await screen.findByTestId("alerts-page");
    fireEvent.click(screen.getByTestId("nav-targets"));
    expect((await screen.findByTestId("save-bar")).textContent).toContain("1 unsaved change");
    expect((await screen.findByTestId("target-card")).textContent).toContain("$120,000");
  });
});

describe("drafts and approval", () => {
  it("lists every change before approving, and approves what was read", async () => {
    setPhone(true);
    const user = newUser();
    const done = { id: 3, state: "done", error: null };
    const sent = mockFetch({
      ...list([drafted]),
      "POST /targets/approve": () => ({ body: { approved: 1, publication: done } }),
    });
    openPage(ADDRESS);
    await user.click(await screen.findByTestId("approve"));
    const change = await screen.findByTestId("approve-change");
    expect(change.textContent).toContain("$100,000");
    expect(change.textContent).toContain("$125,000");
    // What is approved changes only for a reason.
    expect(screen.getByTestId("approve-confirm")).toHaveProperty("disabled", true);
    fill(screen.getByTestId("agree-reason"), "The second warehouse opens.");
    await user.click(screen.getByTestId("approve-confirm"));
    await screen.findByText("1 target approved and published.");
    const post = sent.find((request) => request.path === "/targets/approve");
    const reason = "The second warehouse opens.";
    expect(post?.body).toEqual({ ids: [1], etags: { "1": "1-1" }, reason });
  });

  it("shows both values when somebody else was first, and keeps mine on top of theirs", async () => {
    setPhone(true);
    const user = newUser();
    const theirs = {
      ...targetRow().approved,
      target_value: "110000",
      version: 2,
      changed_by: "Jun Li",
      changed_at: null,
    };
    const conflicts = [
      { index: 0, theirs: { id: 1, etag: "1-2", draft: theirs, approved: targetRow().approved } },
    ];
    let saves = 0;
    const sent = mockFetch({
      ...list([targetRow()]),
      "PUT /targets/": () => {
        saves += 1;
        const error = { code: "stale", message: "Somebody changed this.", details: { conflicts } };
        return saves === 1 ? { status: 412, body: { error } } : { body: { saved: 1 } };
      },
    });
    openPage(ADDRESS);
    await user.click(await screen.findByTestId("target-card"));
    const field = await screen.findByTestId("field-target_value");
    fill(field, "120000");
    await user.click(await screen.findByTestId("drawer-save"));
    const dialog = await screen.findByTestId("conflict-dialog");
    expect(dialog.textContent).toContain("Jun Li");
    expect(dialog.textContent).toContain("$110,000");
    expect(dialog.textContent).toContain("$120,000");
    await user.click(within(dialog).getByTestId("conflict-mine"));
    await user.click(screen.getByText("Continue"));
    await user.click(await screen.findByTestId("drawer-save"));
    await waitFor(() => expect(saves).toBe(2));
    const second = sent.filter((request) => request.method === "PUT")[1];
    expect(second?.body).toMatchObject({ targets: [{ etag: "1-2", target_value: "120000" }] });
  });

  it("offers to publish again after a failure", async () => {
    setPhone(true);
    const user = newUser();
    let state = "failed";
    mockFetch({
      ...list([targetRow()]),
      "GET /targets/publication": () => ({ body: { publication: { id: 1, state, error: "Refused." } } }),
      "POST /targets/publish": () => {
        state = "done";
        return { body: { publication: { id: 2, state, error: null } } };
      },
    });
    openPage(ADDRESS);
    expect((await screen.findByTestId("publication-failed")).textContent).toContain("Refused.");
    await user.click(screen.getByTestId("publish-retry"));
    await waitFor(() => expect(screen.queryByTestId("publication-failed")).toBeNull());
  });

  it("gives viewers nothing to change", async () => {
    setPhone(true);
    const none = { propose: false, approve: false, admin: false, acknowledge: false };
    mockFetch({
      ...list([drafted]),
      "GET /me/": () => ({ body: { user: "v", permissions: none, locale: "en" } }),
    });
    openPage(ADDRESS);
    await newUser().click(await screen.findByTestId("target-card"));
    expect(await screen.findByTestId("field-target_value")).toHaveProperty("disabled", true);
    expect(screen.queryByTestId("approve")).toBeNull();
    expect(screen.queryByTestId("filter-candidates")).toBeNull();
  });
});

describe("a day in the past", () => {
  it("shows what was approved then, to look at and not to change", async () => {
    setPhone(true);
    const sent = mockFetch(list([targetRow({ status: null })]));
    openPage(`${ADDRESS}&as_of=2026-11-05`);
    await newUser().click(await screen.findByTestId("target-card"));
    expect((await screen.findByTestId("as-of")).textContent).toContain("Nov 5, 2026");
    expect(await screen.findByTestId("field-target_value")).toHaveProperty("disabled", true);
    expect(sent.find(({ path }) => path === "/targets/")?.query.get("as_of")).toBe("2026-11-05T23:59:59Z");
  });
});

describe("states of the page", () => {
  it("says what to do when there are no targets", async () => {
    mockFetch(list([]));
    openPage(ADDRESS);
    expect((await screen.findByTestId("state-empty")).textContent).toContain(
      "No targets for this period yet",
    );
  });

  it("passes on the API's error and tries again on request", async () => {
    let broken = true;
    const error = { code: "setup", message: "Run `superset kpi upgrade`.", details: {} };
    mockFetch({
      "GET /targets/": () =>
        broken ? { status: 400, body: { error } } : { body: { result: [], count: 0, freshness: null } },
    });
    openPage(ADDRESS);
    expect((await screen.findByTestId("state-error")).textContent).toContain("Run `superset kpi upgrade`.");
    broken = false;
    await newUser().click(screen.getByText("Try again"));
    await screen.findByTestId("state-empty");
  });

  it("compares any two versions of a target", async () => {
    setPhone(true);
    const user = newUser();
    const versions = [3, 2, 1].map((version) => ({
      version,
      state: "superseded",
      target_value: `${version}00`,
    }));
    const sent = mockFetch({
      ...list([targetRow()]),
      "GET /targets/1/history": () => ({ body: { result: versions } }),
      "GET /targets/1/compare": () => ({
        body: { result: { changes: { target_value: { from: "100", to: "300" } } } },
      }),
    });
    openPage(ADDRESS);
    await user.click(await screen.findByTestId("target-card"));
    await user.click(screen.getByRole("tab", { name: "Versions" }));
    const change = await within(await screen.findByTestId("compare-result")).findByTestId("version-change");
    expect(change.textContent).toMatch(/\$100.*\$300/);
    const asked = () =>
      sent.filter(({ path }) => path === "/targets/1/compare").map(({ query }) => String(query));
    expect(asked()).toEqual(["from=1&to=3"]);
    await user.click(screen.getByLabelText("The earlier version", { selector: "input" }));
    await user.click(await screen.findByTitle(/^Version 2/));
    await waitFor(() => expect(asked()).toEqual(["from=1&to=3", "from=2&to=3"]));
  });

  it("shows the API's warnings, and text as text", async () => {
    setPhone(true);
    const hostile = targetRow({ entity_name: "<img src=x onerror=alert(1)>" });
    const warnings = [{ code: "warehouse_unavailable", message: "The warehouse does not answer." }];
    mockFetch(list([hostile], { warnings }));
    openPage(ADDRESS);
    expect((await screen.findByTestId("targets-warning")).textContent).toContain(
      "The warehouse does not answer.",
    );
    expect(screen.getByTestId("target-card").textContent).toContain("<img src=x onerror=alert(1)>");
    expect(document.querySelector("img")).toBeNull();
  });

  it("speaks Chinese", async () => {
    setPhone(true);
    mockFetch(list([targetRow()]));
    openPage(ADDRESS, "zh");
    expect((await screen.findByTestId("target-card")).textContent).toContain("有风险");
    expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("目标管理");
  });
});
