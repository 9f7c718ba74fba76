import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { PackRule } from "../src/data/packs";
import { mockFetch, newUser, openPage, type Routes } from "./helpers";

afterEach(() => vi.unstubAllGlobals());

function rule(name: string, changes: Partial<PackRule> = {}): PackRule {
  return {
    name,
    name_zh: null,
    kpi_id: "acos",
    entity_kind: "ad_group",
    grain: "month",
    condition: "limit",
    parameters: { limit: "0.33", side: "above" },
    severity: "warning",
    playbook_en: "Cut <b>bids</b>",
    state: "new",
    rule_id: null,
    is_enabled: null,
    differences: [],
    problems: [],
    ...changes,
  };
}

const STORED = { rule_id: 4, is_enabled: true } as const;
const RULES = [
  rule("Missing"),
  rule("There", { ...STORED, state: "same" }),
  rule("Mine", {
    ...STORED,
    state: "differs",
    is_enabled: false,
    differences: [{ field: "severity", stored: "critical", pack: "warning" }],
  }),
  rule("Impossible", {
    condition: "standard",
    parameters: { share: "0.7" },
    problems: [{ field: "kpi_id", message: "There is no KPI of this name." }],
  }),
];

function packs(routes: Routes = {}, admin = true) {
  const permissions = { propose: true, approve: true, admin, acknowledge: true, upload: true };
  return mockFetch({
    "GET /me/": () => ({ body: { user: "mia", permissions, locale: "en", channels: ["mail", "hook"] } }),
    "GET /alert_rules/packs": () => ({ body: { result: [{ name: "ad_waste", rules: RULES }] } }),
    ...routes,
  });
}

describe("the packs", () => {
  it("tell what each holds and how much of it is there", async () => {
    packs();
    openPage("/kpi/alerts/?tab=packs");
    const text = (await screen.findByTestId("pack-ad_waste")).textContent;
    expect(text).toContain("Ad waste");
    expect(text).toContain("4 rules · 1 on · 1 off · 1 changed · 2 not there yet");
  });

  it("are looked at before: what each rule does, what differs, and what can't be made", async () => {
    const user = newUser();
    packs();
    openPage("/kpi/alerts/?tab=packs");
    await user.click(await screen.findByTestId("pack-open-ad_waste"));
    const shown = await screen.findAllByTestId("pack-rule");
    expect(shown[0]?.textContent).toContain("A fixed limit is crossed · Limit: 0.33 · On which side: Above");
    expect(shown[0]?.textContent).toContain("Cut <b>bids</b>");
    expect(shown[2]?.textContent).toContain("Severitycriticalwarning");
    expect(shown[3]?.textContent).toContain("Share: 70.0%");
    expect(shown[3]?.textContent).toContain("There is no KPI of this name.");
    expect(screen.getAllByTestId("pack-rule-state").map((state) => state.textContent)).toEqual([
      "Not there yet",
      "There and on",
      "There, but off",
      "Not possible here",
    ]);
    // What is there as the pack has it, and what can't be made, is nothing to choose.
    expect(shown.map((one) => within(one).queryByRole("checkbox") !== null)).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });

  it("switch on what is missing, and what is mine only when I choose it", async () => {
    const user = newUser();
    const sent = packs({
      "POST /alert_rules/packs/ad_waste": () => ({
        body: { created: ["Missing"], changed: [], unchanged: [] },
      }),
    });
    openPage("/kpi/alerts/?tab=packs");
    await user.click(await screen.findByTestId("pack-open-ad_waste"));
    expect((await screen.findByTestId("pack-save")).textContent).toBe("Switch on 1 rule");
    await user.click(screen.getByRole("checkbox", { name: "Mine" }));
    await user.click(screen.getByTestId("pack-save"));
    await waitFor(() => expect(screen.queryByTestId("pack-dialog")).toBeNull());
    expect(sent.find((request) => request.method === "POST")?.body).toEqual({
      rules: ["Missing", "Mine"],
      channels: [],
    });
    const asked = sent.filter((request) => request.path === "/alert_rules/packs");
    expect(asked).toHaveLength(2);
  });

  it("stay open with the reason when they are refused", async () => {
    const user = newUser();
    packs({
      "POST /alert_rules/packs/ad_waste": () => ({
        status: 422,
        body: { error: { code: "validation_failed", message: "The rule can't be accepted.", details: {} } },
      }),
    });
    openPage("/kpi/alerts/?tab=packs");
    await user.click(await screen.findByTestId("pack-open-ad_waste"));
    await user.click(await screen.findByTestId("pack-save"));
    expect(await screen.findByText("The rule can't be accepted.")).toBeTruthy();
  });

  it("are only shown to who may not change rules", async () => {
    const user = newUser();
    packs({}, false);
    openPage("/kpi/alerts/?tab=packs");
    await user.click(await screen.findByTestId("pack-open-ad_waste"));
    await screen.findAllByTestId("pack-rule");
    expect(screen.queryByTestId("pack-save")).toBeNull();
    expect(screen.queryByRole("checkbox")).toBeNull();
  });
});
