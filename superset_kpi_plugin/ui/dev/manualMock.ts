/** Manual KPIs of the mock API: one brand score per account, and whatever is defined and entered. */
import type { ManualEntry, ManualKpi, ManualKpiInput, ManualValue, ValueInput } from "../src/data/manual";
import { ENTITIES } from "./data";

const DONE = { id: null, state: "done", error: null };
const FORMATS: Record<string, string> = { ratio: ".1%", money: "$,.0f", count: ",.0f" };

export class ManualStore {
  readonly kpis: ManualKpi[] = [
    {
      kpi_id: "brand_score",
      name_en: "Brand <b>score</b>",
      name_zh: "品牌评分",
      description_en: "From the yearly survey.",
      description_zh: null,
      unit: "score",
      direction: "higher",
      is_additive: false,
      entity_kinds: ["account", "company"],
      grain: "month",
      owner: "mia",
      is_active: true,
      number_format: ",.1f",
      created_by: "admin",
      created_at: "2026-10-01T09:00:00Z",
      etag: "brand_score-1",
    },
  ];
  readonly entries = new Map<number, ManualEntry[]>();
  readonly values: ManualValue[] = [];

  constructor() {
    const at = { kpi_id: "brand_score", entity_id: "account:aurora_us", period_start: "2026-10-01" };
    this.enter({ ...at, value: "7.2", note: "Survey of October", etag: null }, "mia");
  }

  enter({ etag: _etag, ...input }: ValueInput, by: string): ManualValue {
    const entity = ENTITIES.find((one) => one.id === input.entity_id);
    const at = this.values.findIndex(
      (one) =>
        one.kpi_id === input.kpi_id &&
        one.entity_id === input.entity_id &&
        one.period_start === input.period_start,
    );
    const id = at < 0 ? this.values.length + 1 : at + 1;
    const entries = this.entries.get(id) ?? [];
    const entered_at = "2026-11-20T09:00:00Z";
    const { value, note } = input;
    const entry = { revision: entries.length + 1, value, note, currency: null, entered_by: by, entered_at };
    this.entries.set(id, [entry, ...entries]);
    const { revision, ...said } = entry;
    const names = { entity_kind: entity?.kind ?? "account", entity_name: entity?.name ?? null };
    const row: ManualValue = { ...input, ...said, ...names, id, etag: `${id}-${revision}` };
    if (at < 0) this.values.push(row);
    else this.values[at] = row;
    return row;
  }

  /** The answer to a route of manual KPIs; undefined for any other. */
  answer(
    route: string,
    query: URLSearchParams,
    body: Record<string, unknown>,
  ): { status?: number; body: unknown } | undefined {
    if (route === "GET /manual/kpis") return { body: { result: this.kpis } };
    if (route === "GET /manual/values")
      return { body: { result: this.values.filter((one) => one.kpi_id === query.get("kpi_id")) } };
    const history = /^GET \/manual\/values\/(\d+)\/history$/.exec(route);
    if (history) return { body: { result: this.entries.get(Number(history[1])) ?? [] } };
    if (route === "PUT /manual/values") {
      const result = (body.values as ValueInput[]).map((value) => this.enter(value, "you"));
      return { body: { saved: result.length, result, publication: DONE } };
    }
    const id = /^PUT \/manual\/kpis\/(\w+)$/.exec(route)?.[1];
    if (route !== "POST /manual/kpis" && !id) return undefined;
    const input = body as unknown as ManualKpiInput;
    const known = this.kpis.find((one) => one.kpi_id === (id ?? input.kpi_id));
    if (known) Object.assign(known, input);
    else
      this.kpis.push({
        ...input,
        number_format: FORMATS[input.unit] ?? ",.1f",
        created_by: "you",
        created_at: "2026-11-20T09:00:00Z",
        etag: `${input.kpi_id}-1`,
      });
    return { status: id ? 200 : 201, body: { result: known ?? this.kpis.at(-1), publication: DONE } };
  }
}
