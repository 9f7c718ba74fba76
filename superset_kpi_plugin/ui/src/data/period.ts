/** Periods by grain. A period is named by its first day, a calendar date of the marketplace (`2026-11-01`). */
import type { Grain, Locale } from "./types";

const DAY_MS = 86_400_000;

function toUtc(date: string): Date {
  return new Date(`${date}T00:00:00Z`);
}

function toText(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/** Today in the marketplace's time zone. Amazon US closes its days in Los Angeles. */
export function marketplaceToday(now: Date = new Date(), timeZone = "America/Los_Angeles"): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" }).format(now);
}

export function periodStart(date: string, grain: Grain): string {
  const day = toUtc(date);
  const year = day.getUTCFullYear();
  const month = day.getUTCMonth();
  switch (grain) {
    case "day":
      return date;
    case "week":
      // ISO weeks start on Monday; getUTCDay() calls Sunday 0.
      return toText(new Date(day.getTime() - ((day.getUTCDay() + 6) % 7) * DAY_MS));
    case "month":
      return toText(new Date(Date.UTC(year, month, 1)));
    case "quarter":
      return toText(new Date(Date.UTC(year, month - (month % 3), 1)));
    case "year":
      return toText(new Date(Date.UTC(year, 0, 1)));
  }
}

/** The first day of the period `steps` after (or before) the one that starts on `start`. */
export function shiftPeriod(start: string, grain: Grain, steps: number): string {
  const day = toUtc(start);
  const year = day.getUTCFullYear();
  const month = day.getUTCMonth();
  switch (grain) {
    case "day":
      return toText(new Date(day.getTime() + steps * DAY_MS));
    case "week":
      return toText(new Date(day.getTime() + steps * 7 * DAY_MS));
    case "month":
      return toText(new Date(Date.UTC(year, month + steps, 1)));
    case "quarter":
      return toText(new Date(Date.UTC(year, month + 3 * steps, 1)));
    case "year":
      return toText(new Date(Date.UTC(year + steps, 0, 1)));
  }
}

/** The last day of the period, inclusive. */
export function periodEnd(start: string, grain: Grain): string {
  return toText(new Date(toUtc(shiftPeriod(start, grain, 1)).getTime() - DAY_MS));
}

export function isoWeek(start: string): { year: number; week: number } {
  const thursday = new Date(toUtc(start).getTime() + 3 * DAY_MS);
  const year = thursday.getUTCFullYear();
  const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * DAY_MS)) + 1;
  return { year, week };
}

const INTL: Record<Locale, string> = { en: "en-US", zh: "zh-CN" };

function intl(date: string, locale: Locale, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(INTL[locale], { timeZone: "UTC", ...options }).format(toUtc(date));
}

export function formatPeriod(start: string, grain: Grain, locale: Locale): string {
  const year = start.slice(0, 4);
  switch (grain) {
    case "day":
      return formatDate(start, locale);
    case "week": {
      const { year: weekYear, week } = isoWeek(start);
      return locale === "zh" ? `${weekYear}年第${week}周` : `Week ${week}, ${weekYear}`;
    }
    case "month":
      return intl(start, locale, { year: "numeric", month: "long" });
    case "quarter": {
      const quarter = Math.floor((Number(start.slice(5, 7)) - 1) / 3) + 1;
      return locale === "zh" ? `${year}年第${quarter}季度` : `Q${quarter} ${year}`;
    }
    case "year":
      return locale === "zh" ? `${year}年` : year;
  }
}

/** The short name of a day of the week; 0 is Monday. */
export function weekdayName(day: number, locale: Locale): string {
  return intl(`2026-11-${String(2 + day).padStart(2, "0")}`, locale, { weekday: "short" });
}

export function formatDate(date: string | null, locale: Locale): string {
  if (!date) return "—";
  return intl(date.slice(0, 10), locale, { year: "numeric", month: "short", day: "numeric" });
}

/** From a day to a day, inclusive: "Nov 16 – 22, 2026". */
export function formatSpan(start: string, end: string, locale: Locale): string {
  const days = new Intl.DateTimeFormat(INTL[locale], { timeZone: "UTC", dateStyle: "medium" });
  return days.formatRange(toUtc(start), toUtc(end));
}

/** How a day is shown in a field, and what may be typed there besides. */
export const DAY_FORMATS: Readonly<Record<Locale, string[]>> = {
  en: ["MMM D, YYYY", "YYYY-MM-DD"],
  zh: ["YYYY年M月D日", "YYYY-MM-DD"],
};

/** The same of an instant. */
export const MINUTE_FORMATS: Readonly<Record<Locale, string[]>> = {
  en: DAY_FORMATS.en.map((day) => `${day} HH:mm`),
  zh: DAY_FORMATS.zh.map((day) => `${day} HH:mm`),
};

/** An instant (UTC in the API) in the reader's own time zone. */
export function formatInstant(instant: string | null | undefined, locale: Locale): string {
  const date = parseInstant(instant);
  if (!date) return "—";
  return new Intl.DateTimeFormat(INTL[locale], { dateStyle: "medium", timeStyle: "short" }).format(date);
}

/** "3 hours ago" for stamps that are read at a glance. */
export function formatAgo(
  instant: string | null | undefined,
  locale: Locale,
  now: Date = new Date(),
): string {
  const date = parseInstant(instant);
  if (!date) return "—";
  const seconds = (date.getTime() - now.getTime()) / 1000;
  const relative = new Intl.RelativeTimeFormat(INTL[locale], { numeric: "auto" });
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ];
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return relative.format(0, "minute");
}

function parseInstant(instant: string | null | undefined): Date | null {
  if (!instant) return null;
  // The API sends UTC; an instant without a zone is UTC too, not the reader's own time.
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(instant) ? instant : `${instant.replace(" ", "T")}Z`;
  const date = new Date(zoned);
  return Number.isNaN(date.getTime()) ? null : date;
}
