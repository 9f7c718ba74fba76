/** The diagnosis of the mock API: a failed stream, a target without an owner, an alert in hand, a series with actions. */
import type { Diagnosis, DiagnosisChart, SeriesPoint } from "../src/data/diagnosis";

const DAYS = 45;

function point(at: number): SeriesPoint {
  const day = new Date(Date.UTC(2026, 9, 9 + at)).toISOString().slice(0, 10);
  const value =
    at === 20 || at > DAYS - 3 ? null : String(2400 + Math.round(700 * Math.sin(at / 4)) + at * 9);
  return {
    period_start: day,
    period_end: day,
    value,
    settled: at < DAYS - 8,
    target: "2900",
    warn: null,
    breach: "1900",
  };
}

function chart(label: string): DiagnosisChart {
  return {
    grain: "day",
    since: "2026-11-09",
    today: "2026-11-22",
    currency: "USD",
    unit: "money",
    number_format: "$,.0f",
    direction: "higher",
    label,
    points: Array.from({ length: DAYS }, (_, at) => point(at)),
    alerts: [{ event: "fired", day: "2026-11-13", alert_id: 5 }],
  };
}

/** The answer to GET /diagnosis/. */
export function diagnosisAnswer(query: URLSearchParams, scene: string): Diagnosis {
  const [kpi, entity] = [query.get("kpi"), query.get("entity")];
  const link = { page: "targets", query: { grain: "month", period: "2026-11-01" } };
  const base = {
    platform: "amazon_sp",
    account_id: "aurora_us",
    loaded_at: "2026-11-23T09:05:00Z",
    covered_through: "2026-11-21",
    settled_through: "2026-11-18",
    last_error: null,
    is_refused: false,
  };
  const fine = scene === "empty";
  return {
    kpi: kpi ? { kpi_id: kpi, kpi_name: kpi.toUpperCase() } : null,
    entity: entity
      ? {
          entity_id: entity,
          entity_kind: entity.split(":")[0] ?? "",
          entity_name: "Aurora US",
          account_name: null,
        }
      : null,
    day: "2026-11-21",
    begin_with: fine ? null : "sources",
    steps: [
      {
        step: "sources",
        status: fine ? "ok" : "problem",
        checks: [
          {
            code: "failed",
            status: fine ? "ok" : "problem",
            message: `Streams whose last load failed: ${fine ? 0 : 1}.`,
            advice: fine ? null : "Read the reason, mend it and run the load again.",
            count: fine ? 0 : 1,
            link: { href: "/superset/dashboard/kpi-data-health/" },
            items: fine
              ? []
              : [
                  {
                    label: "aurora_us · shopify · orders",
                    detail: "status 503 after 5 attempts",
                    link: null,
                  },
                ],
          },
          {
            code: "settled",
            status: "ok",
            message: "Final through 2026-11-18; later days are provisional.",
            advice: null,
            count: 0,
            link: null,
            items: [],
          },
        ],
      },
      {
        step: "targets",
        status: "ok",
        checks: [
          {
            code: "missing",
            status: "ok",
            message: "Targets of the running periods: 5.",
            advice: null,
            count: 0,
            link,
            items: [],
          },
        ],
      },
      {
        step: "owners",
        status: fine ? "ok" : "warning",
        checks: [
          {
            code: "no_owner",
            status: fine ? "ok" : "warning",
            message: `Targets that nobody owns: ${fine ? 0 : 7}.`,
            advice: fine ? null : "Name an owner.",
            count: fine ? 0 : 7,
            link,
            items: fine
              ? []
              : Array.from({ length: 7 }, (_, at) => ({
                  label: `GMV · Account ${at + 1}`,
                  detail: "Nobody owns this target.",
                  link,
                })),
          },
        ],
      },
      {
        step: "reviews",
        status: "ok",
        checks: [
          {
            code: "acted",
            status: "ok",
            message: "What people did in the last two weeks: 3 actions by 2 people.",
            advice: null,
            count: 0,
            link: null,
            items: [],
          },
        ],
      },
    ],
    streams: [
      {
        ...base,
        platform: "shopify",
        stream: "orders",
        state: "failed",
        last_error: "status 503 after 5 attempts",
      },
      { ...base, stream: "orders", state: "fresh" },
    ],
    actions: fine ? [] : ACTIONS,
    chart: kpi && entity ? chart(`${kpi.toUpperCase()} · Aurora US`) : null,
    offered:
      fine || (kpi && entity)
        ? []
        : [
            {
              label: "GMV · Aurora US",
              kpi_id: "gmv",
              entity_id: "account:aurora_us",
              severity: "critical",
              at: "2026-11-20T07:00:00Z",
              rule: "GMV pace",
            },
          ],
  };
}

const ABOUT = { kpi_id: "gmv", kpi_name: "GMV", entity_id: "account:aurora_us", entity_name: "Aurora US" };
const ACTIONS: Diagnosis["actions"] = [
  {
    ...ABOUT,
    kind: "alert_commented",
    by: "mia",
    at: "2026-11-20T09:00:00Z",
    day: "2026-11-20",
    text: "The main listing lost its offer; a case is open.",
    count: 1,
    link: { page: "alerts", query: { state: "all", id: "5" } },
  },
  {
    ...ABOUT,
    kind: "target_approved",
    by: "wei",
    at: "2026-11-12T09:00:00Z",
    day: "2026-11-12",
    text: null,
    count: 12,
    link: { page: "targets", query: { grain: "month", period: "2026-11-01", kpi: "gmv" } },
  },
];
