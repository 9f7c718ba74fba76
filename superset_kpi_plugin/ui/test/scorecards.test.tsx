import { screen, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Scorecards } from "../src/data/scorecards";
import { mockFetch, newUser, openPage } from "./helpers";

afterEach(() => vi.unstubAllGlobals());

const ADDRESS = "/kpi/targets/?grain=month&period=2026-11-01&view=scores";
const PART = { kpi_id: "gmv", kpi_name: "GMV", entity_id: "account:a", entity_name: "Aurora <b>US</b>" };
const ANSWER: Scorecards = {
  result: [
    {
      subject: "mia",
      subject_name: "Mia Torres",
      score: "1.25",
      covered: "0.5",
      parts: [
        {
          ...PART,
          unit: "money",
          number_format: "$,.0f",
          target_value: "100000",
          value: "180000",
          attainment: "1.8",
          counted: "1.5",
          weight: "2",
          status: "ok",
        },
      ],
    },
  ],
  formula: "sum(weight x min(max(attainment, 0), cap)) / sum(weight)",
  cap: "1.5",
  closed: null,
};

describe("scorecards", () => {
  it("show the score, the formula, and each part with what counts", async () => {
    mockFetch({ "GET /targets/scorecards": () => ({ body: ANSWER }) });
    openPage(ADDRESS);
    const card = await screen.findByTestId("scorecard");
    for (const text of ["Mia Torres", "125.0%", "on 50.0% of the weights", "180.0%", "150.0%", "$180,000"]) {
      expect(card.textContent).toContain(text);
    }
    expect(card.textContent).toContain("Aurora <b>US</b>");
    expect(screen.getByTestId("scorecards").textContent).toContain(
      "the mean of the attainments by their weights",
    );
    expect(screen.getByTestId("score-excel").getAttribute("href")).toBe(
      "/api/v1/kpi/targets/scorecards?grain=month&period_start=2026-11-01&by=owner&format=xlsx",
    );
  });

  it("are closed by an administrator, after a question, and then say so", async () => {
    const user = newUser();
    let closed: Scorecards["closed"] = null;
    const sent = mockFetch({
      "GET /targets/scorecards": () => ({ body: { ...ANSWER, closed } }),
      "POST /targets/scorecards/close": () => {
        closed = { closed_by: "Wei Chen", closed_at: "2026-12-03T08:00:00Z" };
        return { body: { closed: 1 } };
      },
    });
    openPage(ADDRESS);
    await user.click(await screen.findByTestId("score-close"));
    const question = await screen.findByRole("tooltip");
    await user.click(within(question).getByRole("button", { name: "Close the period" }));
    expect((await screen.findByTestId("score-closed")).textContent).toContain("Wei Chen");
    expect(screen.queryByTestId("score-close")).toBeNull();
    expect(sent.find(({ method }) => method === "POST")?.body).toEqual({
      grain: "month",
      period_start: "2026-11-01",
    });
  });
});
