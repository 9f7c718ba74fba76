/** Objectives of the mock API: one that is under way, and whatever is added. */
import type { Objective, ObjectiveInput } from "../src/data/objectives";
import { ENTITIES } from "./data";

const UNKNOWN = { value: null, target_value: null, attainment: null, pace_attainment: null, status: null };

function keyFrom(key: ObjectiveInput["keys"][number]): Objective["keys"][number] {
  const entity = ENTITIES.find((one) => one.id === key.entity_id);
  const names = { entity_name: entity?.name ?? null, entity_kind: entity?.kind ?? null, currency: "USD" };
  return { ...key, ...names, ...UNKNOWN };
}

const OBJECTIVES: Objective[] = [
  {
    id: 1,
    etag: "one",
    name: "Win the peak season without buying it",
    description: "Sales grow, and what they cost doesn't grow with them.",
    owner: "mia",
    grain: "month",
    period_start: "2026-11-01",
    keys: [
      {
        ...keyFrom({ kpi_id: "gmv", entity_id: "company", weight: "3" }),
        value: "1294000",
        target_value: "1900000",
        attainment: "0.681053",
        pace_attainment: "1.0001",
        status: "ok",
      },
      {
        ...keyFrom({ kpi_id: "acos", entity_id: "account:aurora_us", weight: "1" }),
        value: "0.31",
        target_value: "0.25",
        attainment: "0.806452",
        pace_attainment: "0.806452",
        status: "breach",
      },
      keyFrom({ kpi_id: "gross_margin_rate", entity_id: "account:borealis_us", weight: "1" }),
    ],
    hidden_keys: 1,
    can_edit: true,
    progress: "0.7124",
    covered: "0.8",
    created_by: "mia",
    created_at: "2026-10-28T09:00:00Z",
  },
];
let nextId = 2;

/** The answer to a route of objectives; undefined for any other. */
export function objectivesAnswer(
  route: string,
  query: URLSearchParams,
  body: Record<string, unknown>,
): { status?: number; body: unknown } | undefined {
  if (route === "GET /objectives/") {
    const result = OBJECTIVES.filter(
      (one) => one.grain === query.get("grain") && one.period_start === query.get("period_start"),
    );
    return { body: { result, warnings: [] } };
  }
  const id = Number(/^(?:PUT|DELETE) \/objectives\/(\d+)$/.exec(route)?.[1]);
  const at = OBJECTIVES.findIndex((one) => one.id === id);
  if (route === `DELETE /objectives/${id}`) {
    OBJECTIVES.splice(at, at < 0 ? 0 : 1);
    return { body: { deleted: 1 } };
  }
  if (route !== "POST /objectives/" && route !== `PUT /objectives/${id}`) return undefined;
  const input = body as unknown as ObjectiveInput;
  const made: Objective = {
    ...input,
    id: at < 0 ? nextId++ : id,
    etag: new Date().toISOString(),
    keys: input.keys.map(keyFrom),
    hidden_keys: 0,
    can_edit: true,
    progress: null,
    covered: "0",
    created_by: "you",
    created_at: new Date().toISOString(),
  };
  if (at < 0) OBJECTIVES.push(made);
  else OBJECTIVES[at] = made;
  return { status: at < 0 ? 201 : 200, body: { result: made } };
}
