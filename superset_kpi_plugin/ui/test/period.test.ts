import { describe, expect, it } from "vitest";
import {
  formatAgo,
  formatDate,
  formatPeriod,
  isoWeek,
  marketplaceToday,
  periodEnd,
  periodStart,
  shiftPeriod,
} from "../src/data/period";

describe("periods", () => {
  it.each([
    ["day", "2026-11-23", "2026-11-23"],
    ["week", "2026-11-23", "2026-11-23"],
    ["week", "2026-11-29", "2026-11-23"],
    ["week", "2027-01-01", "2026-12-28"],
    ["month", "2026-11-23", "2026-11-01"],
    ["quarter", "2026-11-23", "2026-10-01"],
    ["quarter", "2026-03-31", "2026-01-01"],
    ["year", "2026-11-23", "2026-01-01"],
  ] as const)("the %s of %s starts on %s", (grain, date, start) =>
    expect(periodStart(date, grain)).toBe(start),
  );

  it.each([
    ["day", "2026-02-28", 1, "2026-03-01"],
    ["day", "2028-02-28", 1, "2028-02-29"],
    ["week", "2026-12-28", 1, "2027-01-04"],
    ["month", "2026-01-01", -1, "2025-12-01"],
    ["quarter", "2026-10-01", 1, "2027-01-01"],
    ["year", "2026-01-01", -2, "2024-01-01"],
  ] as const)("%s %s moved by %i is %s", (grain, start, steps, moved) =>
    expect(shiftPeriod(start, grain, steps)).toBe(moved),
  );

  it("ends on the last day, over the change of daylight time too", () => {
    expect(periodEnd("2026-02-01", "month")).toBe("2026-02-28");
    expect(periodEnd("2026-11-01", "month")).toBe("2026-11-30");
    expect(periodEnd("2026-10-26", "week")).toBe("2026-11-01");
  });

  it("numbers weeks by ISO 8601", () => {
    expect(isoWeek("2026-12-28")).toEqual({ year: 2026, week: 53 });
    expect(isoWeek("2027-01-04")).toEqual({ year: 2027, week: 1 });
    expect(isoWeek("2025-12-29")).toEqual({ year: 2026, week: 1 });
  });

  it("takes today from the marketplace, not from UTC", () => {
    expect(marketplaceToday(new Date("2026-12-01T05:00:00Z"))).toBe("2026-11-30");
    expect(marketplaceToday(new Date("2026-12-01T09:00:00Z"))).toBe("2026-12-01");
  });

  it("names periods in both languages", () => {
    expect(formatPeriod("2026-11-01", "month", "en")).toBe("November 2026");
    expect(formatPeriod("2026-11-01", "month", "zh")).toBe("2026年11月");
    expect(formatPeriod("2026-10-01", "quarter", "en")).toBe("Q4 2026");
    expect(formatPeriod("2026-10-01", "quarter", "zh")).toBe("2026年第4季度");
    expect(formatPeriod("2025-12-29", "week", "en")).toBe("Week 1, 2026");
    expect(formatPeriod("2026-01-01", "year", "zh")).toBe("2026年");
  });

  it("shows dates as the marketplace's calendar days, whatever the reader's zone", () => {
    expect(formatDate("2026-11-01", "en")).toBe("Nov 1, 2026");
    expect(formatDate(null, "en")).toBe("—");
  });

  it("says how long ago, and treats instants without a zone as UTC", () => {
    const now = new Date("2026-11-23T12:00:00Z");
    expect(formatAgo("2026-11-23T09:00:00Z", "en", now)).toBe("3 hours ago");
    expect(formatAgo("2026-11-23 09:00:00", "en", now)).toBe("3 hours ago");
    expect(formatAgo("2026-11-21T09:00:00Z", "zh", now)).toBe("前天");
    expect(formatAgo("rubbish", "en", now)).toBe("—");
  });
});
