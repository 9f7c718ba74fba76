/** Follows Superset's theme: its tokens for light and dark, and which of them the reader has chosen. */
import { theme as antdTheme, type ThemeConfig } from "antd";
import { legible } from "./contrast";

export type Mode = "light" | "dark";
type Tokens = Record<string, unknown>;
interface SupersetTheme {
  token?: Tokens;
  components?: ThemeConfig["components"];
  algorithm?: string | string[];
}
export interface SupersetThemes {
  default?: SupersetTheme | null;
  dark?: SupersetTheme | null;
}

export const MODE_KEY = "superset-theme-mode";

/** Superset 4.1 has no theme in its page; these are its colours. */
const FALLBACK: Tokens = { colorPrimary: "#2893B3", fontFamily: "Inter, Helvetica, Arial, sans-serif" };

export function readThemes(bootstrap: string | null | undefined): SupersetThemes | null {
  if (!bootstrap) return null;
  try {
    const themes = JSON.parse(bootstrap)?.common?.theme;
    return themes && typeof themes === "object" ? themes : null;
  } catch {
    return null;
  }
}

/** The mode that Superset shows: the stored choice, else the system's, and only if there is a dark theme. */
export function resolveMode(
  stored: string | null,
  prefersDark: boolean,
  themes: SupersetThemes | null,
): Mode {
  const dark = themes?.dark;
  if (!dark || Object.keys(dark).length === 0) return "light";
  if (stored === "dark") return "dark";
  return stored !== "default" && prefersDark ? "dark" : "light";
}

export function buildTheme(themes: SupersetThemes | null, mode: Mode): ThemeConfig {
  const chosen = (mode === "dark" ? themes?.dark : themes?.default) ?? {};
  const token: Tokens = { ...FALLBACK, ...onlyUsable(chosen.token ?? {}) };
  const ground = mode === "dark" ? "#141414" : "#ffffff";
  const link = legible(String(token.colorLink ?? token.colorPrimary), ground);
  // White text stands on the primary colour in buttons, in both modes.
  token.colorPrimary = legible(String(token.colorPrimary), "#ffffff");
  token.colorLink = link;
  token.colorTextPlaceholder = mode === "dark" ? "#a6a6a6" : "#6b6b6b";
  token.colorTextDescription = mode === "dark" ? "#b3b3b3" : "#5c5c5c";
  token.colorTextTertiary = token.colorTextDescription;
  return {
    token: token as ThemeConfig["token"],
    components: {
      ...chosen.components,
      Button: { ...hoverOf(link, String(token.colorPrimary)), ...chosen.components?.Button },
    },
    algorithm: mode === "dark" ? antdTheme.darkAlgorithm : antdTheme.defaultAlgorithm,
    cssVar: { prefix: "kpi", key: "kpi-theme" },
    hashed: false,
  };
}

/**
 * What a plain button's text and a primary button's ground become under the pointer: the library's own, a paler
 * primary, is hard to read, as text and behind white text.
 */
function hoverOf(color: string, primary: string) {
  const darker = legible(primary, "#ffffff", 6);
  return {
    defaultHoverColor: color,
    defaultHoverBorderColor: color,
    defaultActiveColor: color,
    colorPrimaryHover: darker,
    colorPrimaryActive: darker,
  };
}

/** Superset adds tokens of its own (brand, editor) that the component library doesn't know; strings only for colours. */
function onlyUsable(token: Tokens): Tokens {
  const known = Object.entries(token).filter(
    ([name, value]) =>
      value !== null &&
      value !== "" &&
      !/^(brand|fontUrls|fontSizeX|fontWeight[LNB]|transitionTiming)/.test(name),
  );
  return Object.fromEntries(known);
}
