import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { mayMatch } from "../src/components/alert/RuleTelling";
import { unitOf } from "../src/components/DurationInput";
import { fieldsOf, type Rule } from "../src/data/rules";
import { fill, mockFetch, newUser, openPage, type Routes, type SentRequest } from "./helpers";

afterEach(() => vi.unstubAllGlobals());

const RULE: Rule = {
  id: 1,
  etag: "one",
  name: "Ad group over its line",
  name_zh: null,
  kpi_id: "acos",
  entity_kind: "ad_group",
  entity_ids: null,
  within: null,
  tolerance: "0",
  hysteresis: "0.05",
  seasons: null,
  minimum_volume: null,
  volume_kpi_id: null,
  group_above: null,
  digest: null,
  escalation: [],
  owner: null,
  grain: "month",
  condition: "breach",
  parameters: {},
  severity: "critical",
  channels: ["mail"],
  for_minutes: 90,
  keep_firing_minutes: 0,
  include_provisional: false,
  is_enabled: true,
  playbook_en: null,
  playbook_zh: null,
  source: null,
  last_evaluated_at: null,
};
const KPI = { kpi_id: "acos", name_en: "ACoS", name_zh: "ACoS", entity_kinds: "account,ad_group" };
const CHOICES = {
  seasons: [
    { event: "bfcm", name_en: "Black Friday", name_zh: "黑五", starts_on: "2026-11-27", is_yearly: true },
    { event: "party", name_en: "Party", name_zh: null, starts_on: "2026-12-01", is_yearly: false },
  ],
  channels: ["mail", "hook"],
  routes: [
    { channels: ["pager"], severity: "critical", within: "account:aurora_us" },
    { channels: ["quiet"], severity: ["info", "warning"] },
  ],
};

/** The page with one rule, open for a change. */
async function change(rule: Partial<Rule> = {}, routes: Routes = {}): Promise<SentRequest[]> {
  const permissions = { propose: true, approve: true, admin: true, acknowledge: true, upload: true };
  const sent = mockFetch({
    "GET /me/": () => ({ body: { user: "mia", permissions, locale: "en", channels: CHOICES.channels } }),
    "GET /catalogue/": () => ({ body: { result: [KPI] } }),
    "GET /alert_rules/": () => ({ body: { result: [{ ...RULE, ...rule }] } }),
    "GET /alert_rules/choices": () => ({ body: CHOICES }),
    "GET /entities/": ({ query }) => ({
      body: {
        result: [{ entity_id: "ad_group:aurora_us/1", entity_kind: query.get("kind"), entity_name: "Exact" }],
      },
    }),
    "PUT /alert_rules/1": () => ({ body: { result: RULE } }),
    ...routes,
  });
  openPage("/kpi/alerts/?tab=rules");
  fireEvent.click(await screen.findByTestId("rule-edit-1"));
  await screen.findByTestId("rule-save");
  return sent;
}

async function saved(sent: SentRequest[]): Promise<Record<string, unknown> | undefined> {
  fireEvent.click(screen.getByTestId("rule-save"));
  await waitFor(() => expect(sent.some((request) => request.method === "PUT")).toBe(true));
  return sent.find((request) => request.method === "PUT")?.body;
}

async function choose(label: string | RegExp, option: string) {
  const select = screen.getByLabelText(label).closest(".kpi-select");
  fireEvent.mouseDown(select?.querySelector(".kpi-select-selector") as Element);
  fireEvent.click((await screen.findAllByTitle(option)).at(-1) as Element);
}

describe("the rule form", () => {
  it("sends margins as shares, lengths as minutes and leaves the rest as it was", async () => {
    const sent = await change();
    expect((screen.getByLabelText("Hysteresis") as HTMLInputElement).value).toBe("5");
    expect((screen.getByLabelText("Must last before it fires") as HTMLInputElement).value).toBe("90");
    fill(screen.getByLabelText("Tolerance"), "12.5");
    fill(screen.getByLabelText("Keeps firing after it is over"), "2");
    expect(await saved(sent)).toMatchObject({
      tolerance: "0.125",
      hysteresis: "0.05",
      keep_firing_minutes: 2 * 24 * 60,
      for_minutes: 90,
      seasons: null,
      within: null,
      entity_ids: null,
    });
  });

  it("watches some by name, or those below one, and not both once one is chosen", async () => {
    const user = newUser();
    const sent = await change({ within: "account:aurora_us" });
    expect(screen.getByLabelText("Below")).toBeTruthy();
    await user.click(screen.getByLabelText("Only these"));
    expect(screen.queryByLabelText("Below")).toBeNull();
    await choose("These", "Exact · aurora_us");
    expect(sent.find(({ query }) => query.get("kind") === "ad_group")).toBeTruthy();
    expect(await saved(sent)).toMatchObject({ within: null, entity_ids: ["ad_group:aurora_us/1"] });
  });

  it("holds in seasons or not in them; one that comes once stands with its day", async () => {
    const sent = await change();
    fireEvent.click(within(screen.getByTestId("rule-section-timing")).getByText("Margins, seasons and ends"));
    await choose("Seasons", "Not in seasons");
    await choose("Which seasons", "Black Friday");
    expect(screen.getAllByTitle("Party · 2026-12-01").length).toBeGreaterThan(0);
    expect(await saved(sent)).toMatchObject({ seasons: { except: ["bfcm"] } });
  });

  it("escalates in steps, each later than the one before", async () => {
    const user = newUser();
    const sent = await change();
    await user.click(screen.getByTestId("rule-step-add"));
    await user.click(screen.getByTestId("rule-step-add"));
    expect(screen.getAllByTestId("rule-step")).toHaveLength(2);
    await user.click(screen.getByRole("button", { name: "Remove step 1", hidden: true }));
    fill(screen.getByLabelText("Step 1: after"), "3");
    expect(await saved(sent)).toMatchObject({ escalation: [{ after_minutes: 3 * 24 * 60, channels: [] }] });
  });

  it("tells at an hour of some days in a zone, or at once again", async () => {
    const user = newUser();
    const sent = await change();
    expect(screen.queryByTestId("rule-digest")).toBeNull();
    await choose("When it tells", "Once a day, in a digest");
    fill(screen.getByLabelText("At"), "07:30");
    await choose("Time zone", "UTC");
    for (const day of ["Sat", "Sun"]) await user.click(screen.getByLabelText(day));
    expect(await saved(sent)).toMatchObject({
      digest: { at: "07:30", time_zone: "UTC", days: ["mon", "tue", "wed", "thu", "fri"] },
    });
  });

  it("shows a digest that is set, and takes it away", async () => {
    const sent = await change({ digest: { at: "18:00", time_zone: "Asia/Shanghai", days: ["mon"] } });
    expect((screen.getByLabelText("At") as HTMLInputElement).value).toBe("18:00");
    const days = within(screen.getByTestId("rule-digest")).getAllByRole("checkbox", { hidden: true });
    expect(days.map((day) => (day as HTMLInputElement).checked)).toEqual([true, ...Array(6).fill(false)]);
    fireEvent.click(screen.getByLabelText("Mon"));
    expect((screen.getByLabelText("Mon") as HTMLInputElement).checked, "the last day stays").toBe(true);
    await choose("When it tells", "At once");
    expect(await saved(sent)).toMatchObject({ digest: null });
  });

  it("shows what somebody else saved meanwhile, and takes it over or saves over it", async () => {
    const theirs = { severity: "info", channels: ["hook"], etag: "two" };
    const conflict = { yours: { severity: "critical", channels: ["mail"] }, theirs };
    const sent = await change(
      {},
      {
        "PUT /alert_rules/1": ({ headers }) =>
          headers["If-Match"] === '"two"'
            ? { body: { result: RULE } }
            : {
                status: 412,
                body: {
                  error: {
                    code: "stale",
                    message: "Somebody changed it.",
                    details: { conflicts: [conflict] },
                  },
                },
              },
      },
    );
    fill(screen.getByLabelText("Owner"), "mei");
    fireEvent.click(screen.getByTestId("rule-save"));
    const stale = await screen.findByTestId("stale");
    expect(stale.textContent).toContain("Severity: saved info, yours critical");
    expect(stale.textContent).toContain("Told by: saved hook, yours mail");
    const puts = () => sent.filter(({ method }) => method === "PUT");
    expect(puts().map(({ headers }) => headers["If-Match"])).toEqual(['"one"']);
    fireEvent.click(screen.getByTestId("stale-theirs"));
    expect(screen.queryByTestId("stale")).toBeNull();
    fireEvent.click(screen.getByTestId("rule-save"));
    await waitFor(() => expect(puts()).toHaveLength(2));
    expect(puts().at(-1)?.headers["If-Match"]).toBe('"two"');
    expect(puts().at(-1)?.body).toMatchObject({ severity: "info", channels: ["hook"], owner: "mei" });
  });

  it("saves over what somebody else saved when asked to", async () => {
    const conflict = { yours: { severity: "critical" }, theirs: { severity: "info", etag: "two" } };
    const details = { conflicts: [conflict] };
    const sent = await change(
      {},
      {
        "PUT /alert_rules/1": ({ headers }) =>
          headers["If-Match"] === '"two"'
            ? { body: { result: RULE } }
            : { status: 412, body: { error: { code: "stale", message: "Changed.", details } } },
      },
    );
    fireEvent.click(screen.getByTestId("rule-save"));
    fireEvent.click(await screen.findByTestId("stale-mine"));
    await waitFor(() => expect(sent.filter(({ method }) => method === "PUT")).toHaveLength(2));
    const last = sent.filter(({ method }) => method === "PUT").at(-1);
    expect(last?.headers["If-Match"]).toBe('"two"');
    expect(last?.body).toMatchObject({ severity: "critical" });
  });

  it("tells which of the site's routes may tell the rule's alerts too", async () => {
    await change();
    const routes = await screen.findByTestId("rule-routes");
    expect(routes.textContent).toContain("pager · below account:aurora_us");
    expect(routes.textContent).not.toContain("quiet");
    const any = { severity: "info", kpi_id: "acos" } as Rule;
    expect(mayMatch({ channels: [], kpi: ["gmv", "acos"] }, any)).toBe(true);
    expect(mayMatch({ channels: [], kpi: "gmv" }, any)).toBe(false);
  });

  it("shows what is refused at its field, opens its part and goes there", async () => {
    const errors = [
      { field: "hysteresis", message: "This must be a share from 0 to 1." },
      { field: "escalation", message: "This must be a list of steps." },
      { field: "odd", message: "A rule has no such field." },
    ];
    await change(
      { hysteresis: "0" },
      {
        "PUT /alert_rules/1": () => ({
          status: 422,
          body: { error: { code: "validation_failed", message: "Nothing was saved.", details: { errors } } },
        }),
      },
    );
    expect((screen.getByTestId("rule-section-timing") as HTMLDetailsElement).open).toBe(false);
    fireEvent.click(screen.getByTestId("rule-save"));
    expect(await screen.findByText("This must be a share from 0 to 1.")).toBeTruthy();
    const field = screen.getByLabelText("Hysteresis");
    expect(document.activeElement).toBe(field);
    for (const id of (field.getAttribute("aria-describedby") ?? "").split(" "))
      expect(document.getElementById(id)).toBeTruthy();
    for (const part of ["timing", "telling"])
      expect((screen.getByTestId(`rule-section-${part}`) as HTMLDetailsElement).open).toBe(true);
    const above = screen.getByTestId("rule-error").textContent;
    expect(above).toContain("odd: A rule has no such field.");
    expect(above).not.toContain("share from 0 to 1");
  });
});

describe("what a rule is made of", () => {
  it("keeps fields that the form doesn't know, and leaves out what only the API says", () => {
    const fields = fieldsOf({ ...RULE, later: { at: 1 } } as Rule);
    expect(fields).toMatchObject({ later: { at: 1 }, hysteresis: "0.05" });
    for (const name of ["id", "etag", "source", "votes", "last_evaluated_at"])
      expect(fields).not.toHaveProperty(name);
  });

  it.each([
    [0, "day"],
    [30, "minute"],
    [90, "minute"],
    [180, "hour"],
    [2880, "day"],
  ])("reads %i minutes in %s", (minutes, unit) => expect(unitOf(minutes)).toBe(unit));
});
