/** Reports of the mock API: one that waits, its plan, no templates. */
const REPORT = {
  id: 3,
  plan_id: 1,
  name: "Company by week",
  entity_id: "company",
  entity_name: "Company",
  entity_kind: "company",
  cadence: "weekly",
  period_start: "2026-11-16",
  period_end: "2026-11-22",
  locale: "en",
  state: "waiting",
  channels: ["operations-mail"],
  commentary: null as string | null,
  commented_by: null as string | null,
  commented_at: null as string | null,
  made_at: "2026-11-23T06:00:00Z",
  released_by: null as string | null,
  released_at: null as string | null,
  statuses: { breach: 4, warn: 20, ok: 92 },
};
const PLAN = {
  id: 1,
  name: "Company by week",
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

/** The answer to a route of reports; undefined for any other. */
export function reportsAnswer(route: string, body: Record<string, unknown>): { body: unknown } | undefined {
  const html = `<h1>Weekly report: Company</h1><p>${REPORT.commentary ?? ""}</p>`;
  if (route === "GET /reports/") return { body: { result: [REPORT], count: 1 } };
  if (route === "GET /reports/3" || route === "POST /reports/")
    return { body: { result: { ...REPORT, html } } };
  if (route === "PUT /reports/3/commentary") {
    REPORT.commentary = String(body.commentary ?? "").replace(/[<>&]/g, "") || null;
    return { body: { result: { ...REPORT, html } } };
  }
  if (route === "POST /reports/3/release") {
    Object.assign(REPORT, { state: "released", released_by: "you", released_at: "2026-11-23T09:00:00Z" });
    return { body: { result: REPORT, left_out: [] } };
  }
  if (route === "GET /report_plans/")
    return { body: { result: [PLAN], channels: ["operations-mail"], templates: [] } };
  if (route === "GET /report_templates/") return { body: { result: [], built_in: "{{ w.title(report) }}" } };
  return undefined;
}
