/** The contrast of our own colours; what axe finds on whole pages is a test in a real browser (tests/e2e/browser). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { contrast } from "../src/theme/contrast";

describe("our own colours", () => {
  const css = readFileSync(join(__dirname, "../src/theme/base.css"), "utf8");
  const block = (selector: string) => {
    const at = css.indexOf(`${selector} {`);
    const body = css.slice(at, css.indexOf("}", at));
    return Object.fromEntries(
      [...body.matchAll(/(--kp-[\w-]+):\s*(#[0-9a-f]{6})\b/g)].map(([, k, v]) => [k, v]),
    );
  };
  const modes = { light: block(":root"), dark: block(':root[data-kpi-mode="dark"]') };
  const ground = { light: "#ffffff", dark: "#141414" };

  it.each(["light", "dark"] as const)("are legible as text in %s mode", (mode) => {
    const colors = modes[mode];
    for (const tone of ["ok", "warn", "breach", "info", "mute"]) {
      const text = colors[`--kp-${tone}-text`] ?? "";
      expect(contrast(text, colors[`--kp-${tone}-tint`] ?? ""), `${tone} on its tint`).toBeGreaterThanOrEqual(
        4.5,
      );
      expect(contrast(text, ground[mode]), `${tone} on the page`).toBeGreaterThanOrEqual(4.5);
      expect(contrast(text, colors["--kp-head"] ?? ""), `${tone} on a sum's row`).toBeGreaterThanOrEqual(4.5);
      expect(contrast(text, colors["--kp-dirty"] ?? ""), `${tone} on a changed cell`).toBeGreaterThanOrEqual(
        4.5,
      );
    }
    for (const under of ["--kp-head", "--kp-hover", "--kp-dirty"]) {
      expect(contrast(colors["--kp-soft"] ?? "", colors[under] ?? ""), under).toBeGreaterThanOrEqual(4.5);
    }
  });
});
