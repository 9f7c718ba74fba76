import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import en from "../../translations/en.json";
import zh from "../../translations/zh.json";
import { toLocale, translate } from "../src/i18n";

const SOURCE = join(__dirname, "../src");

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sources(path) : /\.tsx?$/.test(path) ? [readFileSync(path, "utf8")] : [];
  });
}

describe("translations", () => {
  it("has every text in both languages", () =>
    expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort()));

  it("leaves none empty, and fills the same places in both", () => {
    const places = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort();
    for (const [key, text] of Object.entries(en)) {
      const chinese = (zh as Record<string, string>)[key] ?? "";
      expect(text.trim() && chinese.trim(), key).toBeTruthy();
      // Chinese may leave the number of one thing unsaid, but may not name a place that nobody fills.
      expect(places(text), key).toEqual(expect.arrayContaining(places(chinese)));
    }
  });

  it("holds no text that the pages never use", () => {
    const code = sources(SOURCE).join("\n");
    const prefixes = [...code.matchAll(/(?:label\(\s*|t\(`)"?([a-z_.]+?)\.?(?:"|\$\{)/g)].map(
      (match) => match[1],
    );
    const isUsed = (key: string) => {
      const base = key.replace(/\.(one|other)$/, "");
      if (code.includes(`"${key}"`) || code.includes(`"${base}"`)) return true;
      return prefixes.some((prefix) => key.startsWith(`${prefix}.`)) || /^(targets|alerts)\.title$/.test(key);
    };
    expect(Object.keys(en).filter((key) => !isUsed(key))).toEqual([]);
  });

  it("fills in values and picks the plural", () => {
    expect(translate("en", "save.done", { count: 1 })).toBe("1 draft saved.");
    expect(translate("en", "save.done", { count: 3 })).toBe("3 drafts saved.");
    expect(translate("zh", "save.done", { count: 3 })).toBe("已保存 3 份草稿。");
    expect(translate("en", "alerts.acknowledged_by", { by: "{count} $& <b>" })).toBe(
      "Acknowledged by {count} $& <b>",
    );
  });

  it("knows Chinese by any of its names", () => {
    expect(["zh", "zh_CN", "zh-Hans", "ZH"].map(toLocale)).toEqual(["zh", "zh", "zh", "zh"]);
    expect([null, "en", "fr"].map(toLocale)).toEqual(["en", "en", "en"]);
  });
});
