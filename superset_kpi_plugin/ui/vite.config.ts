/// <reference types="vitest/config" />
/** Builds the pages into one script and one style sheet with stable names, which Superset's templates load. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { mockApi } from "./dev/mockApi";

export default defineConfig(({ command }) => ({
  plugins: [react(), mockApi()],
  define: { "process.env.NODE_ENV": JSON.stringify(command === "build" ? "production" : "development") },
  build: {
    target: "es2020",
    outDir: "../static",
    // build.py keeps its stamp there, and removes what is stale.
    emptyOutDir: false,
    cssMinify: "esbuild",
    lib: {
      entry: "src/main.tsx",
      formats: ["iife"],
      name: "KpiPages",
      fileName: () => "kpi.js",
      cssFileName: "kpi",
    },
  },
  server: { host: "127.0.0.1", fs: { allow: ["..", "../.."] } },
  test: {
    environment: "jsdom",
    setupFiles: ["test/setup.ts"],
    include: ["test/**/*.test.{ts,tsx}"],
    css: false,
    // Dates and instants are asserted as text.
    env: { TZ: "UTC" },
    // Whole pages take seconds on a busy machine of two cores.
    testTimeout: 60_000,
  },
}));
