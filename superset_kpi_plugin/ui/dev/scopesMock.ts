/** Scopes, people and entities of the mock API. */
import type { Scope, ScopeInput } from "../src/data/scopes";
import { ENTITIES } from "./data";

const PEOPLE = [
  { subject: "jun", name: "Jun Li" },
  { subject: "mia", name: "Mia Torres" },
  { subject: "sara", name: "Sara Novak" },
];
const ROLES = ["KPI Admin", "KPI Approver", "KPI Owner", "KPI Viewer"];
const SCOPES: Scope[] = [
  scope(1, {
    subject_kind: "role",
    subject: "KPI Viewer",
    entity_id: "company",
    may_edit: false,
    may_approve: false,
  }),
  scope(2, {
    subject_kind: "user",
    subject: "mia",
    entity_id: "account:aurora_us",
    may_edit: true,
    may_approve: true,
  }),
  scope(3, {
    subject_kind: "user",
    subject: "mia",
    entity_id: "category:aurora_us/audio",
    may_edit: true,
    may_approve: false,
  }),
];

function scope(id: number, input: ScopeInput): Scope {
  const entity = ENTITIES.find((one) => one.id === input.entity_id);
  return {
    ...input,
    id,
    entity_name: entity?.name ?? null,
    entity_kind: entity?.kind ?? null,
    account_name: null,
    created_by: "you",
    created_at: "2026-11-20T09:00:00Z",
  };
}

type Answer = { status?: number; body: unknown };

/** The answer to a route of scopes or entities; undefined for any other. */
export function scopesAnswer(
  route: string,
  query: URLSearchParams,
  body: Record<string, unknown>,
): Answer | undefined {
  const search = (query.get("q") ?? "").toLowerCase();
  if (route === "GET /entities/") {
    const result = ENTITIES.filter(
      (one) => one.kind === query.get("kind") && `${one.name} ${one.id}`.toLowerCase().includes(search),
    ).map(({ id, kind, name }) => ({
      entity_id: id,
      entity_kind: kind,
      entity_name: name,
      account_name: null,
      currency: "USD",
    }));
    return { body: { result, count: result.length } };
  }
  if (route === "GET /scopes/") return { body: { result: SCOPES, default_scope: "all" } };
  if (route === "GET /scopes/subjects") {
    const all = query.get("kind") === "user" ? PEOPLE : ROLES.map((name) => ({ subject: name, name }));
    return {
      body: { result: all.filter((one) => `${one.subject} ${one.name}`.toLowerCase().includes(search)) },
    };
  }
  if (route === "POST /scopes/") {
    const input = body as unknown as ScopeInput;
    if (SCOPES.some((one) => one.subject === input.subject && one.entity_id === input.entity_id)) {
      const message = "This scope exists already; delete it first to change it.";
      return { status: 409, body: { error: { code: "conflict", message, details: {} } } };
    }
    const made = scope(Math.max(0, ...SCOPES.map((one) => one.id)) + 1, input);
    SCOPES.push(made);
    return { status: 201, body: { result: made } };
  }
  const id = /^DELETE \/scopes\/(\d+)$/.exec(route)?.[1];
  if (id === undefined) return undefined;
  const at = SCOPES.findIndex((one) => one.id === Number(id));
  if (at >= 0) SCOPES.splice(at, 1);
  return { body: { deleted: 1 } };
}
