import { screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { limitText } from "../src/components/glossary/GlossaryEntry";
import { type GlossaryKpi, holds, type Standard, searched } from "../src/data/glossary";
import { fill, mockFetch, newUser, openPage } from "./helpers";

afterEach(() => vi.unstubAllGlobals());

const STANDARD: Standard = {
  platform: "amazon",
  platform_name: "Amazon",
  name_en: "Order defects",
  name_zh: "订单缺陷",
  comparison: "below",
  limit_value: "0.01",
  warn_limit: "0.007",
  window_days: 60,
  age_from_days: null,
  age_to_days: null,
  fee_unit: null,
  currency: null,
  valid_from: "2024-01-01",
  valid_to: "2025-01-01",
  is_verified: false,
  source: "help page",
  note: null,
};

function kpi(changes: Partial<GlossaryKpi> = {}): GlossaryKpi {
  return {
    kpi_id: "gmv",
    name_en: "GMV",
    name_zh: "成交总额",
    description_en: "Value of ordered goods.",
    description_zh: "订购商品的价值。",
    formula_en: "Sum of prices",
    formula_zh: null,
    domain: "sales",
    unit: "money",
    direction: "higher",
    number_format: "$,.0f",
    entity_kinds: ["company", "account"],
    drivers: ["odr"],
    counter_kpis: [],
    source: ["amazon_sp.orders", "shopify.orders"],
    days_until_settled: 3,
    owner_role: "operations",
    playbook_en: "Look at <b>sessions</b>.",
    playbook_zh: "查看访问量。",
    standards: [],
    ...changes,
  };
}

const ODR = kpi({
  kpi_id: "odr",
  name_en: "Order defect rate",
  name_zh: "订单缺陷率",
  domain: "account_health",
  unit: "ratio",
  direction: "lower",
  number_format: ".2%",
  formula_en: "Defects / orders",
  drivers: [],
  standards: [STANDARD, { ...STANDARD, valid_from: "2025-01-01", valid_to: null, is_verified: true }],
});

function open(address = "/kpi/glossary/", locale: "en" | "zh" = "en") {
  mockFetch({ "GET /glossary/": () => ({ body: { result: [kpi(), ODR], warnings: [] } }) });
  openPage(address, locale);
}

describe("the glossary", () => {
  it("says of each KPI what it is, by area, with links to its drivers", async () => {
    open();
    const entry = await screen.findByTestId("glossary-gmv");
    for (const text of [
      "GMV",
      "成交总额",
      "Value of ordered goods.",
      "Sum of prices",
      "money, higher is better",
      "Company, Account",
      "Look at <b>sessions</b>.",
      "amazon_sp.orders > shopify.orders",
      "in order of precedence",
      "3 days",
    ]) {
      expect(entry.textContent).toContain(text);
    }
    expect(screen.getByRole("link", { name: "Order defect rate" }).getAttribute("href")).toBe(
      "/kpi/glossary/#odr",
    );
    expect(screen.getAllByRole("heading", { level: 2 }).map((heading) => heading.textContent)).toEqual([
      "Sales",
      "Account health",
    ]);
  });

  it("dates the standards and says which are not verified", async () => {
    open();
    await screen.findByTestId("glossary-odr");
    const standards = screen.getAllByTestId("glossary-standard").map((item) => item.textContent);
    expect(standards[0]).toContain("< 1.00% · Amazon · Order defects · Jan 1, 2024 to before Jan 1, 2025");
    expect(standards[0]).toContain("not verified");
    expect(standards[1]).toContain("since Jan 1, 2025");
    expect(holds(STANDARD, "2024-12-31")).toBe(true);
    expect(holds(STANDARD, "2025-01-01")).toBe(false);
    const fee = {
      ...STANDARD,
      comparison: "fee",
      limit_value: "0.5",
      fee_unit: "cubic foot",
      currency: "EUR",
    };
    expect(limitText(ODR, fee)).toBe("€0.50 / cubic foot");
  });

  it("searches in both languages and by area, and keeps it in the address", async () => {
    const user = newUser();
    open();
    await screen.findByTestId("glossary-gmv");
    fill(screen.getByRole("searchbox", { name: "Search KPIs" }), "缺陷 defects");
    await waitFor(() => expect(screen.queryByTestId("glossary-gmv")).toBeNull());
    expect(screen.getByTestId("glossary-count").textContent).toBe("1 KPI");
    expect(new URLSearchParams(window.location.search).get("q")).toBe("缺陷 defects");
    fill(screen.getByRole("searchbox", { name: "Search KPIs" }), "nothing like this");
    await user.click(await screen.findByText("Clear filters"));
    expect(await screen.findByTestId("glossary-gmv")).toBeTruthy();
    expect(searched([kpi(), ODR], "", "sales").map((one) => one.kpi_id)).toEqual(["gmv"]);
  });

  it("opens the KPI that a link names, whatever is searched", async () => {
    open("/kpi/glossary/?q=gmv#odr");
    expect((await screen.findByTestId("glossary-odr")).dataset.open).toBe("true");
    expect(screen.getByTestId("glossary-gmv").dataset.open).toBe("false");
  });

  it("speaks Chinese, and English where nobody translated", async () => {
    open("/kpi/glossary/", "zh");
    const entry = await screen.findByTestId("glossary-gmv");
    expect(entry.textContent).toContain("订购商品的价值。");
    expect(entry.textContent).toContain("Sum of prices");
    expect(entry.textContent).toContain("查看访问量。");
  });
});
