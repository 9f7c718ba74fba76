/**
 * An API in memory for `npm run dev`, with the real one's rules as far as the pages can see them.
 * Query parameters of the page's own address choose a scene: `?scene=viewer|broken|empty|unpublished`.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Plugin } from "vite";
import type { Grain, TargetInput, TargetRow } from "../src/data/types";
import { alertsAnswer } from "./alertsMock";
import { KPIS, makeAlerts, makeRows, makeStatus } from "./data";
import { diagnosisAnswer } from "./diagnosisMock";
import { glossaryAnswer, homeAnswer } from "./homeMock";
import { COMMENTS, explanation, feasibility, makeFindings, scorecards, split } from "./insightData";
import { ManualStore } from "./manualMock";
import { objectivesAnswer } from "./objectivesMock";
import { businessTree, makePlan, peopleTree, planPage } from "./planData";
import { reconciliationAnswer } from "./reconciliationMock";
import { reportsAnswer } from "./reportsMock";
import { scopesAnswer } from "./scopesMock";
import { proposalAnswer, surveyAnswer } from "./setupMock";
import { yearAnswer } from "./yearMock";

interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  body: Record<string, unknown>;
  scene: string;
  locale: string;
}
type Answer = { status?: number; body: unknown };

class MockServer {
  private readonly periods = new Map<string, TargetRow[]>();
  private readonly plans = new Map<string, ReturnType<typeof makePlan>>();
  private readonly alerts = makeAlerts();
  private publication = {
    id: 7,
    state: "done",
    error: null as string | null,
    finished_at: "2026-11-23T08:00:00Z",
  };
  private readonly manual = new ManualStore();
  private readonly findings = makeFindings();
  private readonly comments = new Map<number, typeof COMMENTS>();
  private nextId = 1000;

  answer(call: Call): Answer {
    if (call.scene === "broken" && call.path !== "/me/") {
      return fail(
        503,
        "warehouse_unavailable",
        "The warehouse does not answer. Nothing was lost; try again later.",
      );
    }
    const route = `${call.method} ${call.path}`;
    if (route === "GET /me/") return { body: me(call) };
    const watched = alertsAnswer(route, call.body);
    if (watched) return watched;
    const report = reportsAnswer(route, call.body);
    if (report) return report;
    const reconciled = reconciliationAnswer(route, call.query, call.body, call.scene);
    if (reconciled) return reconciled;
    if (route === "GET /home/") {
      const rows = this.rows("month", "2026-11-01");
      return { body: homeAnswer(rows, this.alerts, call.query, call.scene, call.locale) };
    }
    if (route === "GET /diagnosis/") return { body: diagnosisAnswer(call.query, call.scene) };
    if (route === "GET /glossary/") return { body: glossaryAnswer() };
    const objective = objectivesAnswer(route, call.query, call.body);
    if (objective) return objective;
    const entered = this.manual.answer(route, call.query, call.body);
    if (entered) return entered;
    if (route === "GET /setup/") return { body: surveyAnswer(call.locale) };
    if (route === "POST /setup/proposal") {
      return {
        body: proposalAnswer(call.body as unknown as Parameters<typeof proposalAnswer>[0], call.locale),
      };
    }
    const scope = scopesAnswer(route, call.query, call.body);
    if (scope) return scope;
    if (route === "GET /catalogue/")
      return { body: { result: KPIS.map((kpi, i) => ({ ...kpi, display_order: i })) } };
    if (route === "GET /freshness/") return { body: { result: freshness(call.scene) } };
    if (route === "GET /targets/") return this.list(call);
    if (route === "GET /targets/tree") return this.plan(call);
    // Another tab of the dev page can play the colleague who saves first.
    if (route === "PUT /colleague/") {
      this.write(call.body as unknown as TargetInput, "Mia Torres");
      return { body: {} };
    }
    if (route === "PUT /targets/") return this.save(call);
    if (route === "POST /targets/approve") return this.approve(call);
    const step = /^POST \/targets\/(propose|accept|lock|unlock)$/.exec(route)?.[1];
    if (step) return this.take(step as keyof typeof NEXT, call);
    if (route === "POST /targets/counter") return this.counter(call);
    if (route === "GET /targets/periods") return { body: yearAnswer(call.query, call.locale) };
    if (route === "GET /targets/explain") return { body: explanation(this.at(call)) };
    if (route === "GET /targets/feasibility") return { body: feasibility(this.at(call)) };
    if (route === "POST /targets/split") return { body: split(this.planRows(call), call.body) };
    if (route === "GET /targets/scorecards") return { body: scorecards(this.rows("month", "2026-11-01")) };
    if (route === "GET /targets/lint") return { body: { result: this.findings } };
    if (call.path.startsWith("/targets/waivers")) return this.waive(call);
    const talk = /^(GET|POST) \/targets\/(\d+)\/comments$/.exec(route);
    if (talk) return this.talk(talk[1] ?? "", Number(talk[2]), call);
    if (route === "POST /targets/publish") return this.publish();
    if (route === "DELETE /targets/drafts") return this.discard(call);
    if (route === "GET /targets/publication") {
      return { body: call.scene === "unpublished" && this.publication.id === 7 ? FAILED : this.publication };
    }
    const history = /^\/targets\/(\d+)\/history$/.exec(call.path);
    if (history) return { body: { result: this.history(Number(history[1])) } };
    return this.alertRoutes(call);
  }

  private rows(grain: string, start: string): TargetRow[] {
    const key = `${grain}|${start}`;
    const known = this.periods.get(key);
    if (known) return known;
    const rows = makeRows(grain, start);
    this.periods.set(key, rows);
    return rows;
  }

  private list({ query, scene, locale }: Call): Answer {
    let rows = this.rows(query.get("grain") ?? "month", query.get("period_start") ?? "2026-11-01");
    if (query.get("include") !== "candidates") rows = rows.filter((row) => row.id !== null);
    const kpi = query.get("kpi_id");
    const kind = query.get("entity_kind");
    rows = rows.filter((row) => (!kpi || row.kpi_id === kpi) && (!kind || row.entity_kind === kind));
    if (scene === "empty") rows = [];
    const named = rows.map((row) => ({
      ...row,
      kpi_name: KPIS.find((known) => known.kpi_id === row.kpi_id)?.[locale === "zh" ? "name_zh" : "name_en"],
    }));
    const size = Number(query.get("page_size") ?? 100);
    const page = Number(query.get("page") ?? 0);
    return {
      body: {
        result: named.slice(page * size, (page + 1) * size),
        count: named.length,
        freshness: { covered_through: "2026-11-21", loaded_at: "2026-11-23T09:05:00Z" },
      },
    };
  }

  private plan({ query, scene, locale }: Call): Answer {
    const grain = (query.get("grain") ?? "month") as Grain;
    const kpi = query.get("kpi_id") ?? "gmv";
    const key = [kpi, query.get("tree"), grain, query.get("from"), query.get("to"), scene].join("|");
    let known = this.plans.get(key);
    if (!known) {
      const nodes = query.get("tree") === "people" ? peopleTree() : businessTree(scene === "big" ? 34 : 4);
      known = makePlan(kpi, nodes, grain, query.get("from") ?? "", query.get("to") ?? "");
      known.rows = known.rows.map((row) => this.shared(row));
      this.plans.set(key, known);
    }
    const name = KPIS.find((one) => one.kpi_id === kpi)?.[locale === "zh" ? "name_zh" : "name_en"];
    const page = planPage(known, Number(query.get("page") ?? 0), Number(query.get("page_size") ?? 1000));
    return { body: { ...page, kpi: { ...page.kpi, name } } };
  }

  /** Cells live among the rows of their period, so that saving and approving find them. */
  private shared(cell: TargetRow): TargetRow {
    const rows = this.rows(cell.grain, cell.period_start);
    const known = rows.findIndex((row) => row.kpi_id === cell.kpi_id && row.entity_id === cell.entity_id);
    if (cell.id !== null) cell.id = this.nextId++;
    if (known >= 0) rows[known] = cell;
    else rows.push(cell);
    return cell;
  }

  private find(
    input: Pick<TargetInput, "kpi_id" | "entity_id" | "grain" | "period_start">,
  ): TargetRow | undefined {
    const rows = this.rows(input.grain, input.period_start);
    return rows.find((row) => row.kpi_id === input.kpi_id && row.entity_id === input.entity_id);
  }

  private save({ body }: Call): Answer {
    const targets = body.targets as TargetInput[];
    const errors = targets.flatMap((target, index) =>
      Number(target.target_value) < 0
        ? [{ index, field: "target_value", message: "A target can't be negative." }]
        : [],
    );
    if (errors.length)
      return fail(422, "validation_failed", "Nothing was saved: some values can't be accepted.", { errors });
    const conflicts = targets.flatMap((target, index) => {
      const { id = null, etag = null, draft = null, approved = null } = this.find(target) ?? {};
      return etag === target.etag ? [] : [{ index, yours: target, theirs: { id, etag, draft, approved } }];
    });
    if (conflicts.length)
      return fail(412, "stale", "Nothing was saved: somebody changed this.", { conflicts });
    for (const target of targets) this.write(target, "You");
    return { body: { saved: targets.length } };
  }

  private write(target: TargetInput, by: string): void {
    const row = this.find(target);
    if (!row) return;
    row.id ??= this.nextId++;
    const version = Math.max(row.draft?.version ?? 0, row.approved?.version ?? 0) + 1;
    const { kpi_id: _k, entity_id: _e, grain: _g, period_start: _p, etag: _t, ...values } = target;
    const empty = {
      floor_value: null,
      target_value: null,
      stretch_value: null,
      warn_limit: null,
      breach_limit: null,
    };
    const means = { budget: null, budget_currency: null, headcount: null };
    const rest = { tolerance: null, weight: null, owner: null, ...means };
    row.draft = {
      ...empty,
      ...rest,
      ...row.approved,
      ...row.draft,
      ...values,
      version,
      changed_by: by,
      changed_at: new Date().toISOString(),
    };
    row.state = "draft";
    row.etag = `"${row.id}-${version}-${Date.now()}"`;
  }

  private all(): TargetRow[] {
    return [...this.periods.values()].flat();
  }

  private approve({ body }: Call): Answer {
    const ids = body.ids as number[];
    const rows = this.all().filter((row) => row.id !== null && ids.includes(Number(row.id)) && row.draft);
    for (const row of rows) {
      if (!row.draft) continue;
      row.approved = { ...row.draft, approved_by: "You", approved_at: new Date().toISOString() };
      row.draft = null;
      row.state = "approved";
      row.published_version = row.approved.version;
      row.etag = `"${row.id}-${row.approved.version}-approved"`;
      row.status = makeStatus(row, row.period_start);
    }
    return { body: { approved: rows.length, publication: this.publication } };
  }

  private take(step: keyof typeof NEXT, { body }: Call): Answer {
    const ids = body.ids as number[];
    const rows = this.all().filter((row) => row.id !== null && ids.includes(Number(row.id)));
    for (const row of rows) {
      row.state = NEXT[step];
      row.is_locked = step === "lock";
      if (row.draft && (step === "propose" || step === "accept"))
        row.draft = { ...row.draft, stage: NEXT[step] };
      row.etag = `"${row.id}-${step}-${Date.now()}"`;
    }
    return { body: { [`${step}d`]: rows.length } };
  }

  private counter({ body }: Call): Answer {
    for (const target of body.targets as TargetInput[]) {
      this.write(target, "You");
      const row = this.find(target);
      if (row?.draft) {
        row.state = "countered";
        row.draft = { ...row.draft, stage: "countered" };
      }
    }
    return { body: { countered: (body.targets as unknown[]).length, result: [] } };
  }

  private waive({ method, path, body }: Call): Answer {
    for (const finding of this.findings) {
      if (method === "POST" && finding.key === body.key) {
        const [reason, ends_on] = [String(body.reason), String(body.ends_on)];
        finding.waiver = { id: finding.key, reason, ends_on, created_by: "You" };
      } else if (method === "DELETE" && path.endsWith(`/${finding.key}`)) finding.waiver = null;
    }
    return { status: method === "POST" ? 201 : 200, body: {} };
  }

  private talk(method: string, id: number, { body }: Call): Answer {
    const known = this.comments.get(id) ?? [...COMMENTS];
    if (method === "POST") {
      const text = String(body.text);
      const mentions = [...text.matchAll(/@([\w.-]+)/g)].map((match) => match[1] ?? "");
      known.push({
        id: known.length + 1,
        author: "You",
        at: new Date().toISOString(),
        text,
        mentions,
        version: 1,
      });
    }
    this.comments.set(id, known);
    return { status: method === "POST" ? 201 : 200, body: { result: known } };
  }

  /** The row that a query names. */
  private at({ query }: Call): TargetRow {
    const grain = (query.get("grain") ?? "month") as Grain;
    const [kpi_id, entity_id] = [query.get("kpi_id") ?? "", query.get("entity_id") ?? ""];
    const period_start = query.get("period_start") ?? "";
    const row = this.find({ kpi_id, entity_id, grain, period_start }) ?? this.rows(grain, period_start)[0];
    if (!row) throw new Error("no row");
    return row;
  }

  /** The children of the entity that a split is about. */
  private planRows({ body }: Call): TargetRow[] {
    const plan = [...this.plans.values()].find((one) => one.kpi.kpi_id === body.kpi_id);
    const ids = new Set(
      plan?.nodes.filter((one) => one.parent_id === body.entity_id).map((one) => one.entity_id),
    );
    return (plan?.rows ?? []).filter(
      (row) => ids.has(row.entity_id) && row.period_start === body.period_start,
    );
  }

  private publish(): Answer {
    this.publication = { id: 8, state: "done", error: null, finished_at: new Date().toISOString() };
    return { body: { publication: this.publication } };
  }

  private discard({ body }: Call): Answer {
    const ids = body.ids as number[];
    for (const row of this.all()) {
      if (row.id === null || !ids.includes(Number(row.id))) continue;
      row.draft = null;
      row.etag = `"${row.id}-discarded-${Date.now()}"`;
    }
    return { body: { discarded: ids.length } };
  }

  private history(id: number): unknown[] {
    const row = this.all().find((known) => known.id === id);
    const approved = row?.approved && {
      ...row.approved,
      state: "approved",
      changed_by: "Mia Torres",
      changed_at: "2026-10-27T15:00:00Z",
    };
    const draft = row?.draft && { ...row.draft, state: "draft" };
    return [draft, approved].filter(Boolean);
  }

  private alertRoutes({ method, path, query, body, scene }: Call): Answer {
    if (path === "/alerts/") {
      const state = query.get("state");
      const wanted = state ? state.split(",") : null;
      const all = scene === "empty" ? [] : this.alerts;
      const result = all.filter((alert) => !wanted || wanted.includes(alert.state));
      const states: Record<string, number> = {};
      for (const alert of result) states[alert.state] = (states[alert.state] ?? 0) + 1;
      return { body: { result, count: result.length, states } };
    }
    const match = /^\/alerts\/(\d+)(\/acknowledge)?$/.exec(path);
    const alert = this.alerts.find((known) => String(known.id) === match?.[1]);
    if (!alert) return fail(404, "not_found", "There is no such alert, or you may not see it.");
    if (method === "POST") {
      const happened_at = new Date().toISOString();
      alert.acknowledged_by = "You";
      alert.acknowledged_at = happened_at;
      alert.comment = String(body.comment ?? "");
      alert.events?.push({
        id: 9,
        event: "acknowledged",
        at: happened_at,
        by: "You",
        comment: alert.comment,
      });
    }
    return { body: { result: alert } };
  }
}

const NEXT = { propose: "proposed", accept: "accepted", lock: "locked", unlock: "approved" } as const;

const FAILED = {
  id: 7,
  state: "failed",
  error: "The warehouse refused the connection.",
  finished_at: "2026-11-23T08:00:00Z",
};

function fail(status: number, code: string, message: string, details: object = {}): Answer {
  return { status, body: { error: { code, message, details } } };
}

function me({ scene, locale }: Call): unknown {
  const can = scene !== "viewer";
  return {
    user: { username: "you" },
    permissions: {
      propose: can,
      approve: can,
      admin: can,
      acknowledge: can,
      upload: can,
      reports: can,
      templates: can,
      explain: can,
      sign: can,
      define: can,
      scopes: can,
      diagnose: can,
    },
    locale,
  };
}

function freshness(scene: string): unknown[] {
  const base = {
    platform: "amazon_sp",
    loaded_at: "2026-11-23T09:05:00Z",
    covered_through: "2026-11-21",
    last_error: null,
  };
  return [
    { ...base, account_id: "aurora_us", stream: "orders", state: "fresh" },
    {
      ...base,
      account_id: "borealis_us",
      stream: "sp_campaigns",
      state: scene === "unpublished" ? "stale" : "fresh",
    },
  ];
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return parts.length ? JSON.parse(Buffer.concat(parts).toString("utf8")) : {};
}

async function handle(server: MockServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "", "http://mock");
  const page = new URL(request.headers.referer ?? "http://mock/");
  const answer = server.answer({
    method: request.method ?? "GET",
    path: url.pathname.replace("/api/v1/kpi", ""),
    query: url.searchParams,
    body: await readBody(request),
    scene: page.searchParams.get("scene") ?? "",
    locale: page.searchParams.get("lang") ?? "en",
  });
  response.statusCode = answer.status ?? 200;
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify(answer.body));
}

export function mockApi(): Plugin {
  return {
    name: "kpi-mock-api",
    apply: "serve",
    configureServer({ middlewares }) {
      const server = new MockServer();
      middlewares.use((request, response, next) => {
        const url = request.url ?? "";
        if (url.startsWith("/api/v1/kpi/")) {
          void handle(server, request, response);
          return;
        }
        // Both pages, and a stand-in for the rest of Superset, are the same document.
        if (/^\/(kpi|superset)\//.test(url)) request.url = "/dev/index.html";
        next();
      });
    },
  };
}
