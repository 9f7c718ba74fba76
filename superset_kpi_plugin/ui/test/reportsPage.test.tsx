import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Report, ReportPlan } from "../src/data/reports";
import { fill, mockFetch, newUser, openPage, type Routes } from "./helpers";

afterEach(() => vi.unstubAllGlobals());

function report(changes: Partial<Report> = {}): Report {
  return {
    id: 3,
    plan_id: 1,
    name: "Weekly <b>company</b>",
    entity_id: "company",
    entity_name: "Company",
    entity_kind: "company",
    cadence: "weekly",
    period_start: "2026-11-16",
    period_end: "2026-11-22",
    locale: "en",
    state: "waiting",
    channels: ["operations-mail"],
    commentary: null,
    commented_by: null,
    commented_at: null,
    made_at: "2026-11-23T06:00:00Z",
    released_by: null,
    released_at: null,
    statuses: { breach: 4, ok: 9 },
    ...changes,
  };
}

const PLAN: ReportPlan = {
  id: 1,
  name: "Weekly company",
  entity_id: "company",
  entity_name: "Company",
  entity_kind: "company",
  cadence: "weekly",
  locale: "en",
  channels: ["operations-mail"],
  template_id: null,
  needs_release: true,
  is_enabled: true,
};
const ME = {
  user: "mia",
  permissions: { propose: true, approve: true, admin: true, acknowledge: true, upload: true },
  locale: "en",
};

function page(routes: Routes = {}, rights: Record<string, boolean> = { reports: true, templates: true }) {
  return mockFetch({
    "GET /me/": () => ({ body: { ...ME, permissions: { ...ME.permissions, ...rights } } }),
    "GET /reports/": () => ({ body: { result: [report()], count: 1 } }),
    "GET /reports/3": () => ({ body: { result: report({ html: "<h1>Figures</h1><script>1</script>" }) } }),
    "GET /report_plans/": () => ({
      body: { result: [PLAN], channels: ["operations-mail", "hook"], templates: [] },
    }),
    "GET /entities/": () => ({ body: { result: [{ entity_id: "company", entity_name: "Company" }] } }),
    ...routes,
  });
}

describe("the reports page", () => {
  it("shows a report shut off from the page", async () => {
    page();
    openPage("/kpi/reports/?id=3");
    const frame = (await screen.findByTestId("report-frame")) as HTMLIFrameElement;
    expect(frame.getAttribute("sandbox")).toBe("");
    expect(frame.srcdoc).toContain("<h1>Figures</h1>");
    expect(screen.getByTestId("report-3").textContent).toContain("Weekly <b>company</b>");
    expect(screen.getByTestId("report-3").textContent).toContain("4");
    expect(screen.getByTestId("report-pdf").getAttribute("href")).toBe(
      "/api/v1/kpi/reports/3/file?format=pdf",
    );
  });

  it("leads to the glossary from outside of the frame, once for each KPI that the report shows", async () => {
    const gmv = { kpi_id: "gmv", name_en: "GMV <b>", name_zh: "成交总额" };
    const margin = { kpi_id: "contribution_margin", name_en: "Contribution margin", name_zh: "贡献利润" };
    const content = { headlines: [gmv], targets: [gmv, margin], margin: [margin] };
    page({ "GET /reports/3": () => ({ body: { result: report({ html: "", content }) } }) });
    openPage("/kpi/reports/?id=3");
    const links = within(await screen.findByTestId("report-kpis")).getAllByTestId("kpi-name");
    expect(links.map((link) => [link.textContent, link.getAttribute("href")])).toEqual([
      ["GMV <b>", "/kpi/glossary/#gmv"],
      ["Contribution margin", "/kpi/glossary/#contribution_margin"],
    ]);
  });

  it("keeps a commentary that could not be saved", async () => {
    const user = newUser();
    const sent = page({
      "PUT /reports/3/commentary": () => ({
        status: 409,
        body: { error: { code: "conflict", message: "This report is out already.", details: {} } },
      }),
    });
    openPage("/kpi/reports/?id=3");
    const box = await screen.findByLabelText("Commentary");
    expect((screen.getByTestId("report-comment") as HTMLButtonElement).disabled).toBe(true);
    fill(box, "Prime Day moved.");
    await user.click(screen.getByTestId("report-comment"));
    expect(await screen.findByText("This report is out already.")).toBeTruthy();
    expect((box as HTMLTextAreaElement).value).toBe("Prime Day moved.");
    expect(sent.find((request) => request.method === "PUT")?.body).toEqual({
      commentary: "Prime Day moved.",
    });
  });

  it("asks before it sends, and tells whom it left out", async () => {
    const user = newUser();
    const sent = page({
      "POST /reports/3/release": () => ({
        body: {
          result: report({ state: "released" }),
          left_out: [{ channel: "hook", reason: "May not see it." }],
        },
      }),
    });
    openPage("/kpi/reports/?id=3");
    await user.click(await screen.findByTestId("report-release"));
    const question = await screen.findByText(/Send it to operations-mail/);
    expect(sent.some((request) => request.path === "/reports/3/release")).toBe(false);
    const dialog = question.closest<HTMLElement>(".kpi-popover");
    if (!dialog) throw new Error("the question stands in no popover");
    await user.click(within(dialog).getByRole("button", { name: "Release and send" }));
    expect(await screen.findByText("hook was left out: May not see it.")).toBeTruthy();
    expect(sent.filter((request) => request.path === "/reports/3/release")).toHaveLength(1);
  });

  it("offers a viewer nothing that changes something", async () => {
    page({}, { reports: false, templates: false });
    openPage("/kpi/reports/?id=3");
    await screen.findByTestId("report-frame");
    expect(screen.queryByTestId("report-release")).toBeNull();
    expect(screen.queryByLabelText("Commentary")).toBeNull();
    expect(screen.queryByTestId("reports-tab-templates")).toBeNull();
  });

  it("plans a report, and shows each refused field beside its control", async () => {
    const user = newUser();
    let refused = true;
    const sent = page({
      "POST /report_plans/": () => {
        if (!refused) return { status: 201, body: { result: PLAN } };
        const errors = [{ field: "channels", message: "There is no channel hook." }];
        return { status: 422, body: { error: { code: "invalid", message: "Wrong.", details: { errors } } } };
      },
    });
    openPage("/kpi/reports/?tab=plans");
    await user.click(await screen.findByTestId("plan-new"));
    fill(await screen.findByLabelText("Name"), "Mine");
    const save = screen.getByTestId("plan-save") as HTMLButtonElement;
    await waitFor(() => expect(save.disabled).toBe(false));
    await user.click(save);
    expect(await screen.findByText("There is no channel hook.")).toBeTruthy();
    expect((screen.getByLabelText("Name") as HTMLInputElement).value).toBe("Mine");
    refused = false;
    await user.click(save);
    await waitFor(() => expect(screen.queryByTestId("plan-dialog")).toBeNull());
    expect(
      sent.filter((request) => request.path === "/report_plans/" && request.method === "POST")[1]?.body,
    ).toMatchObject({ name: "Mine", entity_id: "company", cadence: "weekly", needs_release: true });
  });

  it("makes a report now and opens it", async () => {
    const user = newUser();
    page({ "POST /reports/": () => ({ body: { result: report() } }) });
    openPage("/kpi/reports/?tab=plans");
    await user.click(await screen.findByTestId("plan-make-1"));
    expect(await screen.findByTestId("report-view")).toBeTruthy();
    expect(window.location.search).toBe("?id=3");
  });

  it("tries a template and says where it fails", async () => {
    const user = newUser();
    page({
      "GET /report_templates/": () => ({ body: { result: [], built_in: "built in" } }),
      "POST /report_templates/preview": ({ body }) =>
        body.body === "built in"
          ? { body: { html: "<p>tried</p>" } }
          : {
              status: 422,
              body: { error: { code: "invalid", message: "The template fails: line 3", details: {} } },
            },
    });
    openPage("/kpi/reports/?tab=templates");
    await user.click(await screen.findByTestId("template-preview"));
    expect(((await screen.findByTestId("report-frame")) as HTMLIFrameElement).srcdoc).toContain("tried");
    fill(screen.getByLabelText("Body (Jinja)"), "{% if %}");
    await user.click(screen.getByTestId("template-preview"));
    expect(await screen.findByText("The template fails: line 3")).toBeTruthy();
  });
});
