import { act, screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { canCounter, canTake, needsReason, STEPS, stateOf } from "../src/data/agreement";
import { splitChanges } from "../src/data/split";
import type { AgreementState, TargetRow } from "../src/data/types";
import { fill, mockFetch, newUser, openPage, type Routes, targetRow } from "./helpers";
import { setPhone } from "./setup";

afterEach(() => vi.unstubAllGlobals());

const ADDRESS = "/kpi/targets/?grain=month&period=2026-11-01";
const OWNER = { propose: true, approve: false, admin: false, acknowledge: true, upload: false };
const APPROVER = { ...OWNER, approve: true };

function at(stage: AgreementState, changes: Partial<TargetRow> = {}): TargetRow {
  const base = targetRow();
  const draft = base.approved && {
    ...base.approved,
    stage,
    version: 2,
    changed_by: "Jun Li",
    changed_at: null,
  };
  return targetRow({ draft, approved: null, state: stage, ...changes });
}

const FEASIBLE = {
  has_forecast: true,
  method: "ets",
  floor: "80000",
  target: "95000",
  stretch: "110000",
  probabilities: { floor: "0.8", target: "0.5", stretch: "0.2" },
  current: { floor: "0.6", target: "0.43", stretch: null },
  history_periods: 34,
  made_at: null,
  message: null,
};

const usual = (row: TargetRow, permissions: object = APPROVER): Routes => ({
  "GET /me/": () => ({ body: { user: "mia", permissions, locale: "en" } }),
  "GET /targets/": () => ({ body: { result: [row], count: 1, freshness: null } }),
  "GET /targets/1/history": () => ({ body: { result: [] } }),
  "GET /targets/1/comments": () => ({ body: { result: [] } }),
  "GET /targets/feasibility": () => ({ body: FEASIBLE }),
});

describe("the steps of an agreement", () => {
  const open = (row: TargetRow, who: typeof OWNER) => STEPS.filter((step) => canTake(step, row, who));
  const approved = targetRow({ state: "approved" });

  it("are open by state and role", () => {
    expect(open(at("draft"), OWNER)).toEqual(["propose"]);
    expect(open(at("draft"), APPROVER)).toEqual(["propose", "approve"]);
    expect(open(at("proposed"), OWNER)).toEqual(["accept"]);
    expect(open(at("proposed"), APPROVER)).toEqual(["accept", "approve"]);
    expect(open(at("countered"), APPROVER)).toEqual(["propose", "accept"]);
    expect(open(at("accepted"), APPROVER)).toEqual(["approve"]);
    expect(open(approved, APPROVER)).toEqual(["lock"]);
    expect(open(targetRow({ state: "locked", is_locked: true }), APPROVER)).toEqual(["unlock"]);
    expect(open(approved, OWNER)).toEqual([]);
  });

  it("are closed outside of the scope, without a target, and to viewers", () => {
    expect(open(at("draft", { can_edit: false, can_approve: false }), APPROVER)).toEqual([]);
    expect(open(targetRow({ id: null, approved: null }), APPROVER)).toEqual([]);
    expect(STEPS.filter((step) => canTake(step, at("draft"), undefined))).toEqual([]);
    expect(canCounter(at("proposed"), APPROVER)).toBe(true);
    expect(canCounter(at("proposed"), OWNER)).toBe(false);
    expect(canCounter(at("draft"), APPROVER)).toBe(false);
  });

  it("read the state of rows from before there were states", () => {
    expect(stateOf(targetRow())).toBe("approved");
    expect(stateOf(targetRow({ draft: at("draft").draft }))).toBe("draft");
    expect(stateOf(targetRow({ id: null, approved: null }))).toBeNull();
  });

  it("ask for a reason where what is approved changes", () => {
    const change = at("draft", { approved: targetRow().approved });
    expect(needsReason("propose", [at("draft")])).toBe(false);
    expect(needsReason("propose", [change])).toBe(true);
    expect(needsReason("accept", [change])).toBe(false);
    expect(needsReason("unlock", [approved])).toBe(true);
    const given = { ...change, draft: change.draft && { ...change.draft, reason: "Because." } };
    expect(needsReason("approve", [given])).toBe(false);
  });
});

describe("a target on a phone", () => {
  it("is proposed from its card, and shows gap, pace and chance", async () => {
    setPhone(true);
    const user = newUser();
    const row = { ...at("draft"), probability: "0.43" };
    const sent = mockFetch({
      ...usual(row, OWNER),
      "POST /targets/propose": () => ({ body: { proposed: 1 } }),
    });
    openPage(ADDRESS);
    const card = await screen.findByTestId("target-card");
    for (const part of ["−$5,000", "Expected $60,000 by now", "43.0% chance"]) {
      expect(card.textContent).toContain(part);
    }
    await user.click(screen.getByTestId("step-propose"));
    const dialog = await screen.findByTestId("propose-dialog");
    expect(within(dialog).queryByTestId("agree-reason")).toBeNull();
    fill(within(dialog).getByTestId("agree-comment"), "@wei please look");
    await user.click(screen.getByTestId("propose-confirm"));
    await screen.findByText("1 target proposed.");
    const post = sent.find((request) => request.path === "/targets/propose");
    expect(post?.body).toEqual({ ids: [1], etags: { "1": "1-1" }, comment: "@wei please look" });
  });

  it("keeps the dialog and what was written when the step is refused", async () => {
    setPhone(true);
    const user = newUser();
    const error = {
      code: "forbidden",
      message: "Somebody else must accept what you put forward.",
      details: {},
    };
    mockFetch({
      ...usual(at("proposed"), OWNER),
      "POST /targets/accept": () => ({ status: 403, body: { error } }),
    });
    openPage(ADDRESS);
    await user.click(await screen.findByTestId("step-accept"));
    fill(await screen.findByTestId("agree-comment"), "Fine by me");
    await user.click(screen.getByTestId("accept-confirm"));
    await screen.findByText("Somebody else must accept what you put forward.");
    expect(screen.getByTestId("agree-comment")).toHaveProperty("value", "Fine by me");
  });

  it("is countered with other values by an approver", async () => {
    setPhone(true);
    const user = newUser();
    const sent = mockFetch({
      ...usual(at("proposed")),
      "POST /targets/counter": () => ({ body: { countered: 1, result: [] } }),
    });
    openPage(ADDRESS);
    await user.click(await screen.findByTestId("target-card"));
    fill(await screen.findByTestId("field-target_value"), "120000");
    await user.click(await screen.findByTestId("drawer-counter"));
    await waitFor(() => expect(sent.some((request) => request.path === "/targets/counter")).toBe(true));
    const post = sent.find((request) => request.path === "/targets/counter");
    expect(post?.body).toMatchObject({ targets: [{ etag: "1-1", target_value: "120000" }] });
    await waitFor(() => expect(screen.queryByTestId("drawer-counter")).toBeNull());
  });

  it("takes over what history says can be reached, as unsaved values", async () => {
    setPhone(true);
    const user = newUser();
    mockFetch(usual(at("draft")));
    openPage(ADDRESS);
    await user.click(await screen.findByTestId("target-card"));
    const panel = await screen.findByTestId("feasibility");
    await waitFor(() => expect(panel.textContent).toContain("80.0% chance"));
    expect(panel.textContent).toContain("now $100,000: 43.0%");
    await user.click(within(panel).getByTestId("use-all"));
    expect(screen.getByTestId("field-floor_value")).toHaveProperty("value", "80000");
    expect(screen.getByTestId("field-target_value")).toHaveProperty("value", "95000");
    expect(screen.getByTestId("field-stretch_value")).toHaveProperty("value", "110000");
  });

  it("says so when there is no history", async () => {
    setPhone(true);
    const none = { ...FEASIBLE, has_forecast: false, floor: null, target: null, stretch: null };
    const message = "There are only 3 periods of history.";
    mockFetch({
      ...usual(at("draft")),
      "GET /targets/feasibility": () => ({ body: { ...none, message } }),
    });
    openPage(ADDRESS);
    await newUser().click(await screen.findByTestId("target-card"));
    await screen.findByText(message);
    expect(screen.queryByTestId("use-all")).toBeNull();
  });

  it("shows comments as text, marks mentions, and sends a new one", async () => {
    setPhone(true);
    const user = newUser();
    const result = [
      {
        id: 1,
        author: "Jun",
        at: "2026-11-20T17:40:00Z",
        text: "@mia <img src=x>",
        mentions: ["mia"],
        version: 1,
      },
    ];
    const sent = mockFetch({
      ...usual(at("draft")),
      "GET /targets/1/comments": () => ({ body: { result } }),
      "POST /targets/1/comments": () => ({ status: 201, body: { result: {} } }),
    });
    openPage(ADDRESS);
    await user.click(await screen.findByTestId("target-card"));
    await user.click(await screen.findByText("Comments"));
    const comment = await screen.findByTestId("comment");
    expect(comment.textContent).toBe("@mia <img src=x>");
    expect(comment.querySelector("strong")?.textContent).toBe("@mia");
    expect(document.querySelector("img")).toBeNull();
    fill(screen.getByTestId("comment-text"), "It opens on the 4th.");
    await user.click(screen.getByTestId("comment-send"));
    await waitFor(() => expect(screen.getByTestId("comment-text")).toHaveProperty("value", ""));
    const post = sent.find((request) => request.method === "POST");
    expect(post?.body).toEqual({ text: "It opens on the 4th." });
  });

  it("drills from a number to its formula, drivers, parts and sources", async () => {
    setPhone(true);
    const user = newUser();
    const part = {
      entity_id: "sku:1",
      entity_kind: "sku",
      entity_name: "SKU 1",
      value: "40000",
      share: "0.73",
    };
    const source = { platform: "p", account_id: "aurora_us", stream: "orders", state: "stale" };
    const dates = { loaded_at: null, covered_through: "2026-11-14", settled_through: null, last_error: null };
    mockFetch({
      ...usual(at("draft")),
      "GET /targets/explain": () => ({
        body: {
          kpi: { kpi_id: "gmv", name: "GMV", formula: "Units × price" },
          value: {
            value: "55000",
            numerator: "55000",
            denominator: null,
            currency: "USD",
            is_settled: false,
          },
          drivers: [],
          parts: [part],
          sources: [{ ...source, ...dates }],
        },
      }),
    });
    openPage(ADDRESS);
    await user.click(await screen.findByTestId("target-card"));
    await user.click(await screen.findByText("Made of"));
    const made = await screen.findByTestId("made-of");
    for (const text of [
      "Units × price",
      "$55,000",
      "not final yet",
      "SKU 1",
      "73.0%",
      "aurora_us · orders",
      "late",
    ]) {
      expect(made.textContent).toContain(text);
    }
  });
});

describe("the chance on a card", () => {
  it("is asked for once the card is in sight, and not before", async () => {
    setPhone(true);
    let see = () => {};
    class Observer {
      constructor(heard: (entries: { isIntersecting: boolean }[]) => void) {
        see = () => heard([{ isIntersecting: true }]);
      }
      observe() {}
      disconnect() {}
    }
    vi.stubGlobal("IntersectionObserver", Observer);
    const sent = mockFetch(usual(at("draft")));
    openPage(ADDRESS);
    const card = await screen.findByTestId("target-card");
    expect(sent.some(({ path }) => path === "/targets/feasibility")).toBe(false);
    act(() => see());
    await waitFor(() => expect(card.textContent).toContain("43.0% chance"));
  });
});

describe("a split", () => {
  it("becomes unsaved edits, and leaves what is held", () => {
    const parent = targetRow({ entity_id: "company" });
    const child = targetRow({ entity_id: "a", id: 2 });
    const row = { entity_name: "A", grain: "month" as const, period_start: "2026-11-01", share: "0.5" };
    const preview = {
      amount: "100",
      residual: "0",
      warnings: [],
      rows: [
        { ...row, entity_id: "a", current: "10", proposed: "60.01", is_locked: false, etag: "2-1", id: 2 },
        { ...row, entity_id: "b", current: "39.99", proposed: "39.99", is_locked: true, etag: "3-1", id: 3 },
        { ...row, entity_id: "new", current: null, proposed: "5", is_locked: false, etag: null, id: null },
      ],
    };
    const changes = splitChanges(parent, preview, (split) => (split.entity_id === "a" ? child : undefined));
    expect(changes.map(({ row, text }) => [row.entity_id, row.id, text])).toEqual([
      ["a", 2, "60.01"],
      ["new", null, "5"],
    ]);
    expect(changes[1]?.row).toMatchObject({ approved: null, draft: null, etag: null });
  });
});
