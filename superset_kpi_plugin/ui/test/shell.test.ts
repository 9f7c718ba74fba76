import { afterEach, describe, expect, it, vi } from "vitest";
import { Api, ApiError, toSearch } from "../src/data/api";
import { accountOf } from "../src/data/entity";
import { fetchTargets, readPublication } from "../src/data/targets";
import { pageOf, setActive } from "../src/router";
import { contrast, legible } from "../src/theme/contrast";
import { buildTheme, readThemes, resolveMode } from "../src/theme/theme";
import { mockFetch, targetRow } from "./helpers";

afterEach(() => vi.unstubAllGlobals());
const api = () => new Api({ baseUrl: "/bi", csrfToken: "token-1" });

describe("the API client", () => {
  it("sends the CSRF token with writes only, below the application's root", async () => {
    const sent = mockFetch({ "PUT /targets/": () => ({ body: {} }) });
    await api().put("/targets/", { targets: [] });
    await api().get("/me/");
    expect(sent[0]?.headers["X-CSRFToken"]).toBe("token-1");
    expect(sent[1]?.headers["X-CSRFToken"]).toBeUndefined();
  });

  it("turns refusals into errors with the API's own words", async () => {
    const errors = [{ index: 0, field: "owner", message: "Is too long." }];
    const error = { code: "validation_failed", message: "Nothing was saved.", details: { errors } };
    mockFetch({ "PUT /targets/": () => ({ status: 422, body: { error } }) });
    const refused = await api()
      .put("/targets/", {})
      .catch((caught: unknown) => caught);
    expect(refused).toBeInstanceOf(ApiError);
    expect(refused).toMatchObject({
      status: 422,
      code: "validation_failed",
      message: "Nothing was saved.",
      rowErrors: errors,
    });
  });

  it("tells a lost connection from an answer", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    await expect(api().get("/me/")).rejects.toMatchObject({ isNetwork: true });
  });

  it("survives answers that are no JSON", async () => {
    vi.stubGlobal("fetch", async () => new Response("<html>502</html>", { status: 502 }));
    await expect(api().get("/me/")).rejects.toMatchObject({ status: 502, message: "" });
  });

  it("leaves empty parameters out", () =>
    expect(toSearch({ a: "x y", b: null, c: "", d: undefined, e: 0 })).toBe("?a=x+y&e=0"));

  it("reads all pages of a period, and shows ids where the warehouse gave no names", async () => {
    const sent = mockFetch({
      "GET /targets/": ({ query }) => {
        const nameless = { kpi_name: null as never, entity_name: null as never };
        return {
          body: {
            result: [targetRow({ id: Number(query.get("page")), ...nameless })],
            count: 3,
            freshness: null,
          },
        };
      },
    });
    const page = await fetchTargets(api(), { grain: "month", period_start: "2026-11-01" });
    expect(page.result.map((row) => row.id)).toEqual([0, 1, 2]);
    expect(page.result[0]).toMatchObject({ kpi_name: "gmv", entity_name: "account:aurora_us" });
    expect(sent).toHaveLength(3);
  });

  it("finds the publication in every answer that holds one", () => {
    const failed = { id: 1, state: "failed", error: "down" };
    expect(readPublication({ publication: failed })).toEqual(failed);
    expect(readPublication(failed)).toEqual(failed);
    expect(readPublication({ publication: null })).toBeNull();
    expect(readPublication(undefined)).toBeNull();
  });
});

describe("addresses", () => {
  it("knows its pages below any application root, and nothing else", () => {
    expect(pageOf("/kpi/targets/", "")).toBe("targets");
    expect(pageOf("/kpi/alerts", "")).toBe("alerts");
    expect(pageOf("/bi/kpi/alerts/", "/bi")).toBe("alerts");
    expect(pageOf("/kpi/alerts/", "/bi")).toBeNull();
    expect(pageOf("/kpi/other/", "")).toBeNull();
    expect(pageOf("/superset/dashboard/kpi-overview/", "")).toBeNull();
  });

  it("hides with everything it changed in the document", () => {
    const root = document.createElement("div");
    setActive(root, true);
    expect(document.documentElement.classList.contains("kpi-active")).toBe(true);
    expect(document.querySelector("meta[name=viewport]")).not.toBeNull();
    setActive(root, false);
    expect(root.hidden).toBe(true);
    expect(document.documentElement.classList.contains("kpi-active")).toBe(false);
    expect(document.querySelector("meta[name=viewport]")).toBeNull();
  });
});

describe("the theme", () => {
  const themes = {
    default: { token: { colorPrimary: "#2893B3" } },
    dark: { token: { colorPrimary: "#2893B3" } },
  };

  it("follows the choice that Superset stored, else the system", () => {
    expect(resolveMode("dark", false, themes)).toBe("dark");
    expect(resolveMode("default", true, themes)).toBe("light");
    expect(resolveMode("system", true, themes)).toBe("dark");
    expect(resolveMode(null, false, themes)).toBe("light");
    expect(resolveMode("dark", true, { default: {}, dark: null })).toBe("light");
  });

  it("reads Superset's bootstrap data, and stands its absence", () => {
    expect(readThemes(JSON.stringify({ common: { theme: themes } }))).toEqual(themes);
    expect(readThemes("{}")).toBeNull();
    expect(readThemes("not json")).toBeNull();
    expect(readThemes(null)).toBeNull();
  });

  it("keeps the brand's colour legible: white on the buttons, links on the ground", () => {
    const light = buildTheme(themes, "light").token as Record<string, string>;
    const dark = buildTheme(themes, "dark").token as Record<string, string>;
    expect(contrast("#2893b3", "#ffffff")).toBeLessThan(4.5);
    expect(contrast(light.colorPrimary ?? "", "#ffffff")).toBeGreaterThanOrEqual(4.5);
    expect(contrast(light.colorLink ?? "", "#ffffff")).toBeGreaterThanOrEqual(4.5);
    expect(contrast(dark.colorLink ?? "", "#141414")).toBeGreaterThanOrEqual(4.5);
    expect(legible("#123456", "#ffffff")).toBe("#123456");
  });

  it("measures contrast as WCAG does", () => {
    expect(contrast("#000", "#fff")).toBeCloseTo(21, 5);
    expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
  });
});

describe("entities of the same name", () => {
  it("are told apart by their account", () => {
    expect(accountOf({ entity_id: "category:aurora_us/audio" })).toBe("aurora_us");
    expect(accountOf({ entity_id: "ad_group:aurora_us/1", account_name: "Aurora US" })).toBe("Aurora US");
    expect(
      accountOf({ entity_id: "account:aurora_us", entity_name: "Aurora US", account_name: "Aurora US" }),
    ).toBeNull();
    expect(accountOf({ entity_id: "company" })).toBeNull();
  });
});
