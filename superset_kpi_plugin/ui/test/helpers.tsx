/** Rows for the tests, an API that answers from a table, and the app around a component. */
import { fireEvent, render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { vi } from "vitest";
import { App } from "../src/App";
import { Api } from "../src/data/api";
import type { AlertInstance, Locale, TargetRow } from "../src/data/types";
import { watchLocation } from "../src/router";

export function targetRow(changes: Partial<TargetRow> = {}): TargetRow {
  return {
    id: 1,
    etag: "1-1",
    kpi_id: "gmv",
    kpi_name: "GMV",
    unit: "money",
    direction: "higher",
    number_format: "$,.0f",
    entity_kind: "account",
    entity_id: "account:aurora_us",
    entity_name: "Aurora US",
    grain: "month",
    period_start: "2026-11-01",
    draft: null,
    approved: {
      floor_value: "90000",
      target_value: "100000",
      stretch_value: null,
      warn_limit: null,
      breach_limit: null,
      tolerance: null,
      weight: null,
      budget: null,
      budget_currency: null,
      headcount: null,
      owner: "Mia Torres",
      version: 1,
      approved_by: "Wei Chen",
      approved_at: "2026-10-28T09:12:00Z",
    },
    published_version: 1,
    status: {
      value: "55000",
      attainment: "0.55",
      pace_share: "0.6",
      pace_attainment: "0.916667",
      expected_value: "60000",
      gap: "-5000",
      status: "warn",
      covered_through: "2026-11-18",
      is_settled: false,
    },
    ...changes,
  };
}

export function alertInstance(changes: Partial<AlertInstance> = {}): AlertInstance {
  return {
    id: 5,
    rule_id: 1,
    rule_name: "ACOS over its line",
    severity: "critical",
    kpi_id: "acos",
    kpi_name: "ACOS",
    unit: "ratio",
    number_format: ".1%",
    entity_kind: "ad_group",
    entity_id: "ad_group:aurora_us/1",
    entity_name: "Earbuds <b>exact</b>",
    grain: "month",
    period_start: "2026-11-01",
    state: "firing",
    status: "breach",
    value: "0.41",
    limit_value: "0.3",
    target_value: "0.25",
    owner: "Jun Li",
    pending_since: "2026-11-20T06:00:00Z",
    firing_since: "2026-11-20T07:00:00Z",
    resolved_at: null,
    last_evaluated_at: "2026-11-23T06:00:00Z",
    acknowledged_by: null,
    acknowledged_at: null,
    comment: null,
    events: [{ id: 1, event: "fired", at: "2026-11-20T07:00:00Z", value: "0.41" }],
    ...changes,
  };
}

export interface SentRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  body: Record<string, unknown>;
  headers: Record<string, string>;
}
type Reply = { status?: number; body: unknown };
export type Routes = Record<string, (request: SentRequest) => Reply>;

const PERMISSIONS = { propose: true, approve: true, admin: true, acknowledge: true, upload: true };
const USUAL: Routes = {
  "GET /me/": () => ({ body: { user: "mia", permissions: PERMISSIONS, locale: "en" } }),
  "GET /catalogue/": () => ({ body: { result: [] } }),
  "GET /freshness/": () => ({ body: { result: [] } }),
  "GET /targets/publication": () => ({ body: { publication: null } }),
};

/** Answers the API's routes from a table and keeps what was sent. */
export function mockFetch(routes: Routes): SentRequest[] {
  const sent: SentRequest[] = [];
  const table = { ...USUAL, ...routes };
  vi.stubGlobal("fetch", async (address: string, init: RequestInit) => {
    const url = new URL(address, "http://superset.test");
    const path = url.pathname.replace(/^.*\/api\/v1\/kpi/, "");
    const request: SentRequest = {
      method: init.method ?? "GET",
      path,
      query: url.searchParams,
      body:
        init.body instanceof FormData
          ? Object.fromEntries(init.body)
          : init.body
            ? JSON.parse(String(init.body))
            : {},
      headers: init.headers as Record<string, string>,
    };
    sent.push(request);
    const route = table[`${request.method} ${path}`];
    const reply = route
      ? route(request)
      : { status: 404, body: { error: { code: "not_found", message: "No." } } };
    return new Response(JSON.stringify(reply.body), { status: reply.status ?? 200 });
  });
  return sent;
}

export function openPage(address: string, locale: Locale = "en") {
  watchLocation();
  window.history.replaceState(null, "", address);
  const root = document.createElement("div");
  document.body.append(root);
  const api = new Api({ baseUrl: "", csrfToken: "token-1" });
  return render(<App api={api} root={root} locale={locale} themes={null} />);
}

/** A user whose clicks don't measure style sheets: the test's document is very slow at that. */
export function newUser() {
  return userEvent.setup({ pointerEventsCheck: 0, delay: null });
}

export function fill(field: HTMLElement, value: string): void {
  fireEvent.change(field, { target: { value } });
}
