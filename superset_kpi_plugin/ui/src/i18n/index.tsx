/** Texts in the reader's language. The files are shared with the server side: superset_kpi_plugin/translations. */
import { createContext, type ReactNode, useContext, useMemo } from "react";
import en from "../../../translations/en.json";
import zh from "../../../translations/zh.json";
import type { Locale } from "../data/types";

export type MessageKey = keyof typeof en;
export type Params = Record<string, string | number>;

const MESSAGES: Record<Locale, Record<string, string>> = { en, zh };

export function translate(locale: Locale, key: string, params: Params = {}): string {
  const plural = "count" in params ? `${key}.${Number(params.count) === 1 ? "one" : "other"}` : "";
  const messages = MESSAGES[locale];
  const text = messages[plural] ?? messages[key] ?? MESSAGES.en[plural] ?? MESSAGES.en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in params ? String(params[name]) : whole));
}

export interface I18n {
  locale: Locale;
  /** Looks a text up; `{name}` is filled from params, and `count` picks the key's `.one` or `.other`. */
  t: (key: MessageKey | PluralBase, params?: Params) => string;
  /** A text whose key comes from data; what is unknown is shown as the data has it. */
  label: (prefix: string, name: string | null | undefined) => string;
}

type PluralBase = MessageKey extends infer K ? (K extends `${infer Base}.other` ? Base : never) : never;

const I18nContext = createContext<I18n | null>(null);

export function I18nProvider({ locale, children }: { locale: Locale; children: ReactNode }) {
  const value = useMemo<I18n>(
    () => ({
      locale,
      t: (key, params) => translate(locale, key, params),
      label: (prefix, name) => {
        if (!name) return "—";
        const key = `${prefix}.${name}`;
        return key in MESSAGES.en ? translate(locale, key) : name;
      },
    }),
    [locale],
  );
  return <I18nContext.Provider value={value}>{children}</I18nContext.Provider>;
}

export function useI18n(): I18n {
  const value = useContext(I18nContext);
  if (!value) throw new Error("useI18n is called outside of I18nProvider");
  return value;
}

export function toLocale(text: string | null | undefined): Locale {
  return text?.toLowerCase().startsWith("zh") ? "zh" : "en";
}
