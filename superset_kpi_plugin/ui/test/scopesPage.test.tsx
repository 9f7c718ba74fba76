import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Scope } from "../src/data/scopes";
import { fill, mockFetch, newUser, openPage, type Routes } from "./helpers";

afterEach(() => vi.unstubAllGlobals());

const SCOPE: Scope = {
  id: 3,
  subject_kind: "user",
  subject: "mia",
  entity_id: "account:aurora_us",
  entity_name: "Aurora <b>US</b>",
  entity_kind: "account",
  account_name: null,
  may_edit: true,
  may_approve: false,
  created_by: "admin",
  created_at: "2026-11-20T09:00:00Z",
};
const ACCOUNT = {
  entity_id: "account:borealis_us",
  entity_kind: "account",
  entity_name: "Borealis US",
  account_name: null,
  currency: "USD",
};

function page(routes: Routes = {}, result = [SCOPE], default_scope = "all") {
  return mockFetch({
    "GET /me/": () => ({
      body: {
        user: "admin",
        permissions: {
          propose: true,
          approve: true,
          admin: true,
          acknowledge: true,
          upload: true,
          scopes: true,
        },
        locale: "en",
      },
    }),
    "GET /scopes/": () => ({ body: { result, default_scope } }),
    "GET /scopes/subjects": ({ query }) => ({
      body: { result: query.get("kind") === "user" ? [{ subject: "jun", name: "Jun Li" }] : [] },
    }),
    "GET /entities/": () => ({ body: { result: [ACCOUNT], count: 1 } }),
    ...routes,
  });
}

describe("the scopes page", () => {
  it("says who reaches what, and what holds without a scope", async () => {
    page();
    openPage("/kpi/scopes/");
    const row = await screen.findByTestId("scope-3");
    expect(row.textContent).toContain("Aurora <b>US</b>");
    expect(within(row).getByText("Sees")).toBeTruthy();
    expect(within(row).getByText("Edits targets")).toBeTruthy();
    expect(within(row).queryByText("Approves targets")).toBeNull();
    expect(screen.getByTestId("scope-default").textContent).toContain("reaches everything");
    fill(screen.getByLabelText("Search people and entities"), "borealis");
    expect(await screen.findByText("No scope matches")).toBeTruthy();
  });

  it("says that nobody sees anything where the setting closes all", async () => {
    page({}, [], "none");
    openPage("/kpi/scopes/");
    expect(await screen.findByText(/nobody sees anything yet/)).toBeTruthy();
  });

  it("keeps what was chosen when the scope is there already", async () => {
    const user = newUser();
    const message = "This scope exists already; delete it first to change it.";
    let exists = true;
    const sent = page({
      "POST /scopes/": () =>
        exists
          ? { status: 409, body: { error: { code: "conflict", message, details: {} } } }
          : { status: 201, body: { result: SCOPE } },
    });
    openPage("/kpi/scopes/");
    await waitFor(() => expect((screen.getByTestId("scope-new") as HTMLButtonElement).disabled).toBe(false));
    await user.click(screen.getByTestId("scope-new"));
    const dialog = screen.getByTestId("scope-dialog");
    const save = screen.getByTestId("scope-dialog-save") as HTMLButtonElement;
    expect(save.disabled).toBe(true);
    await user.click(within(dialog).getByLabelText("User", { selector: "#scope-subject" }));
    await user.click(await screen.findByTitle("Jun Li (jun)"));
    await user.click(within(dialog).getByLabelText("Kind of entity"));
    await user.click(await screen.findByTitle("Account"));
    await user.click(within(dialog).getByLabelText("Entity"));
    await user.click(await screen.findByTitle("Borealis US"));
    await user.click(within(dialog).getByLabelText("Approves targets"));
    await user.click(save);
    expect(await screen.findByText(message)).toBeTruthy();
    expect(within(dialog).getByTitle("Jun Li (jun)")).toBeTruthy();
    exists = false;
    await user.click(save);
    await waitFor(() => expect(screen.queryByTestId("scope-dialog")).toBeNull());
    expect(sent.filter((request) => request.method === "POST").at(-1)?.body).toEqual({
      subject_kind: "user",
      subject: "jun",
      entity_id: "account:borealis_us",
      may_edit: false,
      may_approve: true,
    });
  });

  it("says what removing the last scope of a user opens, and asks first", async () => {
    const user = newUser();
    const sent = page({ "DELETE /scopes/3": () => ({ body: { deleted: 1 } }) });
    openPage("/kpi/scopes/");
    await user.click(await screen.findByLabelText("Remove Aurora <b>US</b> from mia"));
    const words = await screen.findByText(/the last of this user/);
    expect(words.textContent).toContain("reaches everything");
    expect(sent.some((request) => request.method === "DELETE")).toBe(false);
    const popover = words.closest<HTMLElement>(".kpi-popover");
    if (!popover) throw new Error("the question stands in no popover");
    await user.click(within(popover).getByText("Remove"));
    await waitFor(() => expect(sent.filter((request) => request.method === "DELETE")).toHaveLength(1));
  });
});

describe("the way to the scopes page", () => {
  it("shows to those only who manage scopes", async () => {
    page({
      "GET /me/": () => ({
        body: {
          user: "jun",
          permissions: { propose: false, approve: false, admin: false, acknowledge: true, upload: false },
          locale: "en",
        },
      }),
      "GET /reports/": () => ({ body: { result: [], count: 0 } }),
    });
    openPage("/kpi/reports/");
    await screen.findByTestId("nav-alerts");
    await screen.findByTestId("state-empty");
    expect(screen.queryByTestId("nav-scopes")).toBeNull();
    expect(screen.queryByTestId("nav-setup")).toBeNull();
  });
});
