import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Finding, sortFindings } from "../src/data/lint";
import { fill, mockFetch, newUser, openPage, type Routes, targetRow } from "./helpers";
import { setPhone } from "./setup";

afterEach(() => vi.unstubAllGlobals());

const ADDRESS = "/kpi/targets/?grain=month&period=2026-11-01";
const place = {
  kpi_id: "gmv",
  entity_id: "account:aurora_us",
  grain: "month" as const,
  period_start: "2026-11-01",
};

function finding(changes: Partial<Finding>): Finding {
  return {
    key: "k1",
    rule: "no_owner",
    severity: "warning",
    message: "Aurora US has <no> owner.",
    targets: [1],
    entity_id: "account:aurora_us",
    kpi_id: "gmv",
    owner: null,
    mend: null,
    waiver: null,
    ...changes,
  };
}

function routes(findings: () => Finding[], more: Routes = {}): Routes {
  return {
    "GET /targets/": () => ({ body: { result: [targetRow()], count: 1, freshness: null } }),
    "GET /targets/lint": () => ({ body: { result: findings() } }),
    ...more,
  };
}

describe("the linter", () => {
  it("names the entity with its account and the owner, also where the page doesn't list them", async () => {
    const user = newUser();
    const elsewhere = finding({
      entity_id: "category:aurora_us/audio",
      entity_name: "Audio",
      account_name: "Aurora US",
      owner: "e001",
      owner_name: "Mei Lin",
    });
    mockFetch(routes(() => [elsewhere]));
    openPage(ADDRESS);
    await user.click(await screen.findByTestId("open-lint"));
    const shown = await screen.findByTestId("finding");
    expect(shown.textContent).toContain("Audio · Aurora US · ");
    expect(shown.textContent).toContain("Mei Lin");
    expect(shown.textContent).not.toContain("e001");
  });

  it("puts refusals first and what is waived apart", () => {
    const waiver = { id: 1, reason: "r", ends_on: "2026-12-31", created_by: null };
    const { open, waived } = sortFindings([
      finding({ key: "w" }),
      finding({ key: "x", waiver }),
      finding({ key: "r", severity: "refusal" }),
    ]);
    expect(open.map(({ key }) => key)).toEqual(["r", "w"]);
    expect(waived.map(({ key }) => key)).toEqual(["x"]);
  });

  it("asks for the budget or the people that a growing target lacks", async () => {
    const user = newUser();
    const ask = {
      row: { ...place, etag: "1-1" },
      fields: ["budget", "headcount"] as ("budget" | "headcount")[],
    };
    const sent = mockFetch(
      routes(() => [finding({ rule: "growth_without_means", ask })], {
        "PUT /targets/": () => ({ body: { saved: 1 } }),
      }),
    );
    openPage(ADDRESS);
    await user.click(await screen.findByTestId("open-lint"));
    await user.click(await screen.findByTestId("ask-means"));
    const form = screen.getByTestId("means-form");
    const save = screen.getByTestId("means-save") as HTMLButtonElement;
    fill(within(form).getByLabelText("Headcount"), "some");
    expect(save.disabled).toBe(true);
    fill(within(form).getByLabelText("Headcount"), "");
    fill(within(form).getByLabelText("Budget"), "$12,500");
    await user.click(save);
    await waitFor(() => expect(sent.some((request) => request.method === "PUT")).toBe(true));
    expect(sent.find((request) => request.method === "PUT")?.body).toEqual({
      targets: [{ ...place, etag: "1-1", budget: "12500" }],
    });
  });

  it("counts in the header, mends in one click and looks again", async () => {
    setPhone(true);
    const user = newUser();
    let isMended = false;
    const mend = { rows: [{ ...place, etag: "1-1", owner: "Mia" }] };
    const sent = mockFetch(
      routes(() => (isMended ? [] : [finding({ mend })]), {
        "PUT /targets/": () => {
          isMended = true;
          return { body: { saved: 1 } };
        },
      }),
    );
    openPage(ADDRESS);
    await waitFor(() => expect(screen.getByTestId("open-lint").textContent).toBe("1 finding"));
    await user.click(screen.getByTestId("open-lint"));
    expect((await screen.findByTestId("finding")).textContent).toContain("Aurora US has <no> owner.");
    expect(screen.getByTestId("finding").textContent).toContain("Aurora US · gmv");
    expect(screen.getByTestId("mend").textContent).toBe("Make Mia the owner");
    await user.click(screen.getByTestId("mend"));
    await screen.findByText("Nothing doubtful");
    expect(sent.find((request) => request.method === "PUT")?.body).toEqual({ targets: mend.rows });
    expect(screen.getByTestId("open-lint").textContent).toBe("0 findings");
  });

  it("shows which KPIs would only be watched before it saves, and lets some of them count on", async () => {
    const user = newUser();
    const rows = ["acos", "gmv"].map((kpi_id) => ({ ...place, kpi_id, etag: "1-1", weight: "0" }));
    const sent = mockFetch(
      routes(() => [finding({ rule: "too_many_kpis", owner: "mei", mend: { rows } })], {
        "PUT /targets/": () => ({ body: { saved: 1 } }),
      }),
    );
    openPage(ADDRESS);
    await user.click(await screen.findByTestId("open-lint"));
    await user.click(await screen.findByTestId("mend"));
    const form = screen.getByTestId("watch-form");
    expect(sent.some((request) => request.method === "PUT")).toBe(false);
    expect(within(form).getByTestId("watch-save").textContent).toBe("Weigh 2 targets 0");
    await user.click(within(form).getByRole("checkbox", { name: /acos/i }));
    await user.click(within(form).getByTestId("watch-save"));
    await waitFor(() => expect(sent.some((request) => request.method === "PUT")).toBe(true));
    expect(sent.find((request) => request.method === "PUT")?.body).toEqual({ targets: [rows[1]] });
  });

  it("gives the scope that an owner lacks, once that is confirmed", async () => {
    const user = newUser();
    const grant = {
      subject_kind: "user" as const,
      subject: "mei",
      entity_id: "account:aurora_us",
      may_edit: true,
      may_approve: false,
    };
    let isGiven = false;
    const sent = mockFetch(
      routes(() => (isGiven ? [] : [finding({ rule: "owner_without_access", owner: "e7", grant })]), {
        "POST /scopes/": () => {
          isGiven = true;
          return { status: 201, body: {} };
        },
      }),
    );
    openPage(ADDRESS);
    await user.click(await screen.findByTestId("open-lint"));
    await user.click(await screen.findByTestId("grant-scope"));
    expect(sent.some((request) => request.method === "POST")).toBe(false);
    expect(await screen.findByText(/Let mei see and edit the targets of Aurora US/)).toBeTruthy();
    await user.click(screen.getByTestId("grant-confirm"));
    await screen.findByText("Nothing doubtful");
    expect(sent.find((request) => request.method === "POST")?.body).toEqual(grant);
  });

  it("waives only with a reason, and shows the waiver with its end", async () => {
    setPhone(true);
    const user = newUser();
    let waiver: Finding["waiver"] = null;
    const sent = mockFetch(
      routes(() => [finding({ severity: "refusal", waiver })], {
        "POST /targets/waivers": ({ body }) => {
          waiver = { id: 4, reason: String(body.reason), ends_on: String(body.ends_on), created_by: "Wei" };
          return { status: 201, body: {} };
        },
      }),
    );
    openPage(ADDRESS);
    await user.click(await screen.findByTestId("open-lint"));
    await user.click(await screen.findByTestId("waive"));
    expect(screen.getByTestId("waiver-save")).toHaveProperty("disabled", true);
    fill(screen.getByTestId("waiver-reason"), "Two roles until a colleague starts.");
    await user.click(screen.getByTestId("waiver-save"));
    const shown = await screen.findByTestId("waiver");
    expect(shown.textContent).toContain("Two roles until a colleague starts.");
    expect(screen.getByText("1 waived finding")).toBeTruthy();
    expect(shown.textContent).toContain("Wei");
    const post = sent.find((request) => request.method === "POST");
    expect(post?.body).toMatchObject({ key: "k1", ends_on: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) });
  });

  it("opens the target that a finding is about, and offers viewers nothing to change", async () => {
    setPhone(true);
    const user = newUser();
    const none = { propose: false, approve: false, admin: false, acknowledge: false, upload: false };
    mockFetch(
      routes(() => [finding({ mend: { rows: [] } })], {
        "GET /me/": () => ({ body: { user: "v", permissions: none, locale: "en" } }),
      }),
    );
    openPage(ADDRESS);
    await user.click(await screen.findByTestId("open-lint"));
    const item = await screen.findByTestId("finding");
    expect(within(item).queryByTestId("mend")).toBeNull();
    expect(within(item).queryByTestId("waive")).toBeNull();
    await user.click(within(item).getByTestId("show-finding"));
    expect(await screen.findByTestId("target-drawer")).toBeTruthy();
  });
});
