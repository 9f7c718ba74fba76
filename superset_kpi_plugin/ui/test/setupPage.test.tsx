import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { proposalAnswer, surveyAnswer } from "../dev/setupMock";
import { fill, mockFetch, newUser, openPage, type Routes } from "./helpers";

beforeEach(() => window.localStorage.clear());
afterEach(() => vi.unstubAllGlobals());

function page(routes: Routes = {}) {
  return mockFetch({
    "GET /setup/": () => ({ body: surveyAnswer("en") }),
    "POST /setup/proposal": ({ body }) => ({
      body: proposalAnswer(body as unknown as Parameters<typeof proposalAnswer>[0], "en"),
    }),
    ...routes,
  });
}

const writes = (sent: ReturnType<typeof page>) => sent.filter((one) => one.method === "PUT");

describe("the set-up guide", () => {
  it("says what is there, what is missing and what to do about it", async () => {
    page();
    openPage("/kpi/setup/");
    expect((await screen.findByTestId("found-account")).textContent).toContain("3");
    const account = screen.getByTestId("account-account:borealis_us");
    expect(account.textContent).toContain("9, 2 late");
    const lack = screen.getByTestId("missing-short_history");
    expect(lack.textContent).toContain("Load earlier months");
    expect(within(lack).getByText("Cascade Outdoor")).toBeTruthy();
    expect(screen.getByText(/August 2026 to October 2026/)).toBeTruthy();
  });

  it("ticks the problems that the data shows, and asks for a proposal with what was chosen", async () => {
    const user = newUser();
    const sent = page();
    openPage("/kpi/setup/?step=problems");
    const shown = await screen.findByTestId("problem-ad_waste");
    expect((shown as HTMLInputElement).checked).toBe(true);
    expect(screen.getByText(/Aurora US: ACOS is 31.0%; above 25.0% it shows/)).toBeTruthy();
    expect(screen.getByText("wasted_ad_cost_share (not in this catalogue)")).toBeTruthy();
    await user.click(screen.getByTestId("problem-weak_conversion"));
    await user.click(screen.getByTestId("setup-next"));
    await user.click(screen.getByTestId("pack-full"));
    await user.click(screen.getByTestId("variant-none"));
    await user.click(screen.getByLabelText("Category"));
    fill(screen.getByLabelText("Owner of all these targets"), " mei ");
    await user.click(screen.getByTestId("setup-next"));
    await screen.findByTestId("setup-targets");
    const asked = sent.filter((one) => one.path === "/setup/proposal").at(-1)?.body;
    expect(asked).toEqual({
      pack: "full",
      variant: null,
      problems: ["ad_waste", "weak_conversion"],
      period_start: "2026-12-01",
      kinds: ["company", "account"],
      owner: "mei",
    });
    expect(writes(sent)).toEqual([]);
  });

  it("writes what is ticked exactly as it was shown, and says what was skipped and why", async () => {
    const user = newUser();
    const sent = page({ "PUT /targets/": () => ({ body: { saved: 3 } }) });
    openPage("/kpi/setup/?step=targets");
    expect((await screen.findByTestId("setup-counts")).textContent).toContain("4 targets are proposed");
    await user.click(screen.getByLabelText("Write the target of GMV for Borealis US"));
    expect(screen.getByText("1 of 4 ticked")).toBeTruthy();
    const row = screen.getByLabelText("Write the target of GMV for Aurora Goods").closest("tr");
    expect(row?.textContent).toMatch(/50\.0%.*Forecast/);
    await user.click(screen.getByTestId("setup-write"));
    const done = await screen.findByTestId("setup-written");
    expect(done.textContent).toContain("3 drafts are written for December 2026");
    expect(within(done).getByTestId("skipped-exists").textContent).toContain("2 targets existed");
    expect(within(done).getByTestId("skipped-no_target").textContent).toContain("For 2");
    expect(within(done).getByTestId("skipped-left_out").textContent).toContain("1 proposal");
    expect(within(done).getByTestId("setup-drafts").getAttribute("href")).toBe(
      "/kpi/targets/?grain=month&period=2026-12-01&status=draft",
    );
    const targets = writes(sent)[0]?.body.targets as Record<string, unknown>[];
    expect(targets.map((one) => [one.kpi_id, one.entity_id])).toEqual([
      ["gmv", "company"],
      ["gross_margin_rate", "company"],
      ["gross_margin_rate", "account:borealis_us"],
    ]);
    expect(targets[0]).toEqual({
      kpi_id: "gmv",
      entity_id: "company",
      grain: "month",
      period_start: "2026-12-01",
      floor_value: "410000",
      target_value: "450000",
      stretch_value: "500000",
      weight: "3",
      owner: "Wei Chen",
      etag: null,
    });
  });

  it("starts over once it is done", async () => {
    const user = newUser();
    page({ "PUT /targets/": () => ({ body: { saved: 4 } }) });
    openPage("/kpi/setup/?step=targets");
    await user.click(await screen.findByTestId("setup-write"));
    await user.click(await screen.findByTestId("setup-again"));
    expect(await screen.findByTestId("setup-found")).toBeTruthy();
    expect(screen.getByRole("heading", { level: 2 })).toBe(document.activeElement);
  });

  it("names the targets that somebody set meanwhile, and proposes anew", async () => {
    const user = newUser();
    const sent = page({
      "PUT /targets/": () => ({
        status: 412,
        body: { error: { code: "stale", message: "Changed.", details: { conflicts: [{ index: 0 }] } } },
      }),
    });
    openPage("/kpi/setup/?step=targets");
    await user.click(await screen.findByTestId("setup-write"));
    const refused = await screen.findByTestId("setup-refused");
    expect(refused.textContent).toContain("GMV · Aurora Goods: Somebody set a target here meanwhile");
    const before = sent.filter((one) => one.path === "/setup/proposal").length;
    await user.click(screen.getByTestId("setup-refresh"));
    await waitFor(() => expect(screen.queryByTestId("setup-refused")).toBeNull());
    expect(sent.filter((one) => one.path === "/setup/proposal").length).toBeGreaterThan(before);
  });

  it("goes on where it was left, on another visit too", async () => {
    const user = newUser();
    page();
    const first = openPage("/kpi/setup/");
    await user.click(await screen.findByTestId("setup-step-pack"));
    await user.click(await screen.findByTestId("pack-electronics"));
    first.unmount();
    openPage("/kpi/setup/");
    expect(((await screen.findByTestId("pack-electronics")) as HTMLInputElement).checked).toBe(true);
    expect(screen.getByTestId("setup-step-pack").getAttribute("aria-current")).toBe("step");
  });
});
