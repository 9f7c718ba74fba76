import { fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Preview } from "../src/data/uploads";
import { mockFetch, newUser, openPage, type Routes } from "./helpers";

afterEach(() => vi.unstubAllGlobals());

const CHOICES = {
  platforms: [{ platform: "erp", title: "ERP", streams: [{ stream: "unit_costs", report: "unit costs" }] }],
  accounts: [{ platform: "erp", account_id: "erp_main" }],
  max_mb: 1,
};

function preview(changes: Partial<Preview> = {}): Preview {
  return {
    platform: "erp",
    stream: "unit_costs",
    account_id: "erp_main",
    report_name: "the ERP's unit costs",
    mode: "snapshot",
    rows_read: 2,
    rows_good: 2,
    rows_refused: 0,
    encoding: "utf-8",
    window: ["2026-11-23", "2026-11-23"],
    columns: ["sku", "unit_cost", "valid_to"],
    sample: [
      ["<b>A</b>", "3.20", null],
      ["B", "4.10", null],
    ],
    errors: [],
    unknown_columns: ["colour"],
    candidates: [],
    ...changes,
  };
}

function page(routes: Routes = {}) {
  return mockFetch({
    "GET /uploads/choices/": () => ({ body: CHOICES }),
    "GET /uploads/": () => ({ body: { result: [] } }),
    ...routes,
  });
}

function drop(file: File) {
  const input = document.querySelector<HTMLInputElement>("input[type=file]");
  if (!input) throw new Error("there is no file input");
  fireEvent.change(input, { target: { files: [file] } });
}

async function choose(account = "erp_main") {
  const box = (await screen.findByLabelText("Account")) as HTMLInputElement;
  fireEvent.change(box, { target: { value: account } });
}

describe("the upload page", () => {
  it("shows a file's rows and loads exactly what was shown", async () => {
    const user = newUser();
    const sent = page({
      "POST /uploads/preview/": () => ({ body: preview() }),
      "POST /uploads/": () => ({ status: 202, body: { upload_id: "u1", state: "waiting" } }),
    });
    openPage("/kpi/uploads/");
    await choose();
    drop(new File(["sku,unit_cost\nA,3.20\n"], "costs.csv"));
    const shown = await screen.findByTestId("upload-preview");
    expect(shown.textContent).toContain("costs.csv: 2 rows, no errors");
    expect(shown.textContent).toContain("<b>A</b>");
    expect(shown.textContent).toContain("colour");
    expect(screen.getByTestId("upload-sample").querySelectorAll("th")).toHaveLength(2);
    const asked = sent.find((request) => request.path === "/uploads/preview/");
    expect(asked?.body).toMatchObject({ account: "erp_main", platform: "", stream: "" });
    expect(asked?.headers["X-CSRFToken"]).toBe("token-1");
    expect(asked?.headers["Content-Type"]).toBeUndefined();
    await user.click(screen.getByTestId("upload-load"));
    await waitFor(() => expect(screen.queryByTestId("upload-preview")).toBeNull());
    const loaded = sent.find((request) => request.method === "POST" && request.path === "/uploads/");
    expect(loaded?.body).toMatchObject({ account: "erp_main", platform: "erp", stream: "unit_costs" });
    expect((loaded?.body.file as File | undefined)?.name).toBe("costs.csv");
  });

  it("names each broken row and loads nothing", async () => {
    page({
      "POST /uploads/preview/": () => ({
        body: preview({
          rows_good: 1,
          rows_refused: 120,
          rows_read: 121,
          errors: [{ row: 7, reason: "unit_cost: 'x' is not an amount" }],
        }),
      }),
    });
    openPage("/kpi/uploads/");
    await choose();
    drop(new File(["x"], "costs.csv"));
    const errors = await screen.findByTestId("upload-errors");
    expect(errors.textContent).toContain("7unit_cost: 'x' is not an amount");
    expect(screen.getByTestId("upload-preview").textContent).toContain("120 of 121 rows have errors");
    expect(screen.getByTestId("upload-preview").textContent).toContain("and 119 more rows");
    expect((screen.getByTestId("upload-load") as HTMLButtonElement).disabled).toBe(true);
  });

  it("says why a file is refused", async () => {
    page({
      "POST /uploads/preview/": () => ({
        status: 422,
        body: {
          error: {
            code: "validation_failed",
            message: "The file is refused: costs.csv is empty",
            details: {},
          },
        },
      }),
    });
    openPage("/kpi/uploads/");
    await choose();
    drop(new File([""], "costs.csv"));
    expect((await screen.findByTestId("upload-problem")).textContent).toContain("costs.csv is empty");
  });

  it("does not even send a file that is too large", async () => {
    const sent = page();
    openPage("/kpi/uploads/");
    await choose();
    drop(new File([new Uint8Array(1024 * 1024 + 1)], "large.csv"));
    expect(await screen.findByText("The file has more than 1 MB")).toBeTruthy();
    expect(sent.some((request) => request.method === "POST")).toBe(false);
  });

  it("lists what became of earlier files, in Chinese too", async () => {
    page({
      "GET /uploads/": () => ({
        body: {
          result: [
            { upload_id: "1", file: "a.csv", state: "refused", reason: "a.csv is empty", by: "amy" },
            { upload_id: "2", file: "b.csv", state: "loaded", rows_loaded: 12, by: "amy" },
          ],
        },
      }),
    });
    openPage("/kpi/uploads/", "zh");
    expect((await screen.findByTestId("upload-refused")).textContent).toContain("已拒绝");
    expect(screen.getByTestId("upload-refused").textContent).toContain("a.csv is empty");
    expect(screen.getByTestId("upload-loaded").textContent).toContain("已加载 12 行");
  });

  it("asks nothing of those who may not upload", async () => {
    const sent = page({
      "GET /me/": () => ({
        body: {
          user: "vic",
          permissions: { propose: false, approve: false, admin: false, acknowledge: false, upload: false },
          locale: "en",
        },
      }),
    });
    openPage("/kpi/uploads/");
    expect(await screen.findByText("Your roles don't allow uploads")).toBeTruthy();
    expect(sent.some((request) => request.path.startsWith("/uploads"))).toBe(false);
  });
});
