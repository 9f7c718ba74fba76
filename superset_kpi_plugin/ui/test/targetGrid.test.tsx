import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TargetGrid } from "../src/components/grid/TargetGrid";
import { Api } from "../src/data/api";
import { ApiProvider } from "../src/data/context";
import { type Edits, editCell, withServerErrors } from "../src/data/edits";
import type { TargetRow } from "../src/data/types";
import { I18nProvider } from "../src/i18n";
import { mockFetch, newUser, targetRow } from "./helpers";

beforeEach(() => void mockFetch({}));
afterEach(() => vi.unstubAllGlobals());

const rows = ["Aurora US", "Borealis US"].map((name, i) =>
  targetRow({ id: i + 1, entity_id: `account:${i}`, entity_name: name }),
);

function show(edits: Edits = new Map(), canEdit = true) {
  const onEdit = vi.fn();
  const onOpen = vi.fn<(row: TargetRow) => void>();
  render(
    <ApiProvider api={new Api({ baseUrl: "", csrfToken: "" })}>
      <QueryClientProvider client={new QueryClient()}>
        <I18nProvider locale="en">
          <TargetGrid
            rows={rows}
            edits={edits}
            canEdit={canEdit}
            selected={new Set()}
            onSelect={() => {}}
            onEdit={onEdit}
            onOpen={onOpen}
            virtual={false}
          />
        </I18nProvider>
      </QueryClientProvider>
    </ApiProvider>,
  );
  return { onEdit, onOpen, user: newUser() };
}

/** The cell of a column (by its heading) in a row (from 0). */
function cellAt(row: number, heading: string): HTMLElement {
  const header = screen.getByRole("columnheader", { name: heading });
  const column = header.getAttribute("aria-colindex");
  const found = screen
    .getAllByRole("gridcell")
    .filter((cell) => cell.getAttribute("aria-colindex") === column);
  return found[row] as HTMLElement;
}

describe("the grid", () => {
  it("copies an owner who looks like a formula as text", async () => {
    const row = rows[0] as TargetRow;
    const { user } = show(editCell(new Map(), row, "owner", "\u200b=1+1"));
    const data = new Map<string, string>();
    const clipboardData = { setData: (type: string, text: string) => data.set(type, text) };
    await user.click(cellAt(0, "Owner"));
    fireEvent.copy(cellAt(0, "Owner"), { clipboardData });
    expect(data.get("text/plain")).toBe("'\u200b=1+1");
  });

  it("is a grid to assistive technology, with figures, status words and versions", () => {
    show();
    expect(screen.getByRole("grid", { name: "Targets of the period" })).toBeTruthy();
    expect(cellAt(0, "Target").textContent).toBe("$100,000");
    expect(cellAt(0, "Gap").textContent).toBe("−$5,000");
    expect(cellAt(0, "Status").textContent).toBe("At risk");
    expect(cellAt(0, "Version").textContent).toContain("Approved v1");
  });

  it("edits from the keyboard: typing starts, Enter commits", async () => {
    const { onEdit, user } = show();
    await user.click(cellAt(0, "Target"));
    await user.keyboard("{Enter}");
    const editor = await screen.findByTestId("cell-editor");
    expect(editor).toHaveProperty("value", "100000");
    await user.clear(editor);
    await user.type(editor, "2.5m{Enter}");
    expect(onEdit).toHaveBeenCalledWith([{ row: rows[0], field: "target_value", text: "2.5m" }]);
    expect(screen.queryByTestId("cell-editor")).toBeNull();
  });

  it("gives up on Escape", async () => {
    const { onEdit, user } = show();
    await user.dblClick(cellAt(0, "Target"));
    await user.type(await screen.findByTestId("cell-editor"), "5{Escape}");
    expect(onEdit).not.toHaveBeenCalled();
  });

  it("clears a cell with Delete", async () => {
    const { onEdit, user } = show();
    await user.click(cellAt(1, "Floor"));
    await user.keyboard("{Delete}");
    expect(onEdit).toHaveBeenCalledWith([{ row: rows[1], field: "floor_value", text: "" }]);
  });

  it("shows unsaved values and errors at their cells", () => {
    const first = rows[0] as TargetRow;
    const edited = editCell(new Map(), first, "target_value", "120000");
    const [key] = [...edited.keys()];
    show(withServerErrors(edited, [key ?? ""], [{ index: 0, field: "floor_value", message: "Too high." }]));
    expect(cellAt(0, "Target").textContent).toBe("$120,000");
    expect(cellAt(0, "Target").className).toContain("kp-cell--dirty");
    expect(cellAt(0, "Floor").textContent).toContain("Too high.");
  });

  it("can't be edited without the permission", async () => {
    const { user } = show(new Map(), false);
    await user.dblClick(cellAt(0, "Target"));
    expect(screen.queryByTestId("cell-editor")).toBeNull();
  });

  it("opens a target from its name", async () => {
    const { onOpen, user } = show();
    await user.click(screen.getByRole("button", { name: /Borealis US/ }));
    expect(onOpen).toHaveBeenCalledWith(rows[1]);
  });
});
