import { fireEvent, render, screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { PlanGrid } from "../src/components/grid/PlanGrid";
import { type Edits, editCells } from "../src/data/edits";
import { type PlanAnswer, type PlanCellAnswer, readPlan } from "../src/data/plan";
import { buildTree, visibleRows } from "../src/data/tree";
import type { TargetRow } from "../src/data/types";
import { I18nProvider } from "../src/i18n";
import { newUser, targetRow } from "./helpers";

const PERIODS = ["2026-10-01", "2026-11-01", "2026-12-01"];
const FACTS = { last_year: "40000", p20: "80000", p50: "95000", p80: "110000", probability: "0.62" };

function cell(
  entity: string,
  period: string,
  target: string,
  changes: Partial<PlanCellAnswer> = {},
): PlanCellAnswer {
  const base = targetRow();
  return {
    etag: "1-1",
    draft: null,
    status: base.status,
    published_version: 1,
    id: `${entity}${period}`,
    entity_id: entity,
    period_start: period,
    approved: base.approved && { ...base.approved, target_value: target },
    ...FACTS,
    state: "approved",
    ...changes,
  };
}

const ANSWER: PlanAnswer = {
  kpi: {
    kpi_id: "gmv",
    name: "GMV",
    unit: "money",
    direction: "higher",
    number_format: "$,.0f",
    is_additive: true,
  },
  periods: PERIODS,
  nodes: [
    { entity_id: "company", entity_kind: "company", entity_name: "Aurora", parent_id: null, currency: "USD" },
    { entity_id: "a", entity_kind: "account", entity_name: "A", parent_id: "company", currency: "USD" },
    { entity_id: "b", entity_kind: "account", entity_name: "B", parent_id: "company", currency: "USD" },
  ],
  count: 3,
  cells: PERIODS.flatMap((period) => [
    cell("company", period, "100000"),
    cell("a", period, "60000"),
    cell("b", period, "30000", { is_locked: period === "2026-10-01" }),
  ]),
  series: { company: ["1", null, "3"] },
  freshness: null,
};

function show(edits: Edits = new Map(), expanded = ["company"], canEdit = true, answer = ANSWER) {
  const plan = readPlan([answer], "month");
  const tree = buildTree(plan.nodes);
  const on = { toggle: vi.fn(), edit: vi.fn(), skipped: vi.fn(), open: vi.fn(), split: vi.fn() };
  render(
    <I18nProvider locale="en">
      <PlanGrid
        plan={plan}
        tree={tree}
        treeRows={visibleRows(tree, new Set(expanded))}
        edits={edits}
        canEdit={canEdit}
        current="2026-11-01"
        onToggle={on.toggle}
        onEdit={on.edit}
        onSkipped={on.skipped}
        onOpen={on.open}
        onSplit={on.split}
        virtual={false}
      />
    </I18nProvider>,
  );
  return { ...on, plan, user: newUser() };
}

/** A cell by row (residual rows count) and period, both from 0. */
function at(row: number, period: number): HTMLElement {
  // Roles are read from the attributes: asking for them by name costs seconds in a whole grid.
  const line = document.querySelectorAll("[role=row][aria-level]")[row];
  return line?.querySelectorAll("[role=gridcell]")[period + 2] as HTMLElement;
}
const pick = async (row: number, period: number) => {
  fireEvent.mouseDown(at(row, period));
};
const texts = (edit: ReturnType<typeof vi.fn>) =>
  edit.mock.calls.flatMap(([changes]) =>
    changes.map(
      (one: { row: TargetRow; text: string }) =>
        `${one.row.entity_id} ${one.row.period_start.slice(5, 7)} ${one.text}`,
    ),
  );

describe("the plan's grid", () => {
  it("is a tree grid with levels, and shows each cell with its neighbours", () => {
    show();
    expect(screen.getByRole("treegrid", { name: "Plan of GMV" })).toBeTruthy();
    const rows = [...document.querySelectorAll("[role=row][aria-level]")];
    expect(rows.map((row) => row.getAttribute("aria-level"))).toEqual(["1", "2", "2", "2"]);
    expect(rows[0]?.getAttribute("aria-expanded")).toBe("true");
    expect(rows[2]?.hasAttribute("aria-expanded")).toBe(false);
    const text = at(0, 1).textContent ?? "";
    for (const part of ["At risk", "$100,000", "$40.0K", "62%"]) expect(text).toContain(part);
    expect(screen.getByRole("img", { name: "Aurora: actuals of the last 3 periods" })).toBeTruthy();
  });

  it("keeps the residual in sight, also of a folded parent, and follows unsaved edits", () => {
    const { plan } = show(new Map(), []);
    const residuals = screen.getAllByTestId("residual");
    expect(residuals[1]?.textContent).toContain("$10,000");
    expect(residuals[1]?.dataset.state).toBe("open");
    document.body.replaceChildren();
    const row = plan.cells.get("2026-11-01|a") as TargetRow;
    show(editCells(new Map(), [{ row, field: "target_value", text: "80000" }]), []);
    expect(screen.getAllByTestId("residual")[1]?.dataset.state).toBe("over");
    expect(screen.getAllByTestId("residual")[1]?.textContent).toContain("−$10,000");
  });

  it("adds up no money of several currencies", () => {
    const nodes = ANSWER.nodes.map((one) => (one.entity_id === "b" ? { ...one, currency: "EUR" } : one));
    show(new Map(), ["company"], true, { ...ANSWER, nodes });
    expect(screen.queryAllByTestId("residual")).toEqual([]);
    expect(at(1, 1).textContent).toBe("Several currencies");
  });

  it("copies a range as Excel reads it, and pastes one back", async () => {
    const { edit, user } = show();
    await pick(2, 1);
    await user.keyboard("{Shift>}{ArrowRight}{ArrowDown}{/Shift}");
    const data = new Map<string, string>();
    const clipboardData = { setData: (type: string, text: string) => data.set(type, text) };
    fireEvent.copy(at(2, 1), { clipboardData });
    expect(data.get("text/plain")).toBe("60000\t60000\r\n30000\t30000");
    const block = '"61,000"\t62k\r\n=LY*1.1\t';
    fireEvent.paste(at(2, 1), { clipboardData: { getData: () => block } });
    expect(texts(edit)).toEqual(["a 11 61,000", "a 12 62k", "b 11 =LY*1.1", "b 12 "]);
  });

  it("runs on below a residual row, which is no entity", async () => {
    const { edit } = show();
    await pick(0, 1);
    fireEvent.paste(at(0, 1), { clipboardData: { getData: () => "1\n2\n3\n4" } });
    expect(texts(edit)).toEqual(["company 11 1", "a 11 2", "b 11 3"]);
  });

  it("leaves locked cells and sums alone, and says so", async () => {
    const { edit, skipped, user } = show();
    await pick(0, 0);
    await user.keyboard("{Control>}a{/Control}");
    fireEvent.change(screen.getByTestId("formula-bar"), { target: { value: "+10%" } });
    await user.click(screen.getByTestId("formula-apply"));
    // Company, a and b over three periods, less the locked one; the residual row is no cell to write to.
    expect(texts(edit)).toHaveLength(8);
    expect(texts(edit)).not.toContain("b 10 +10%");
    expect(skipped).toHaveBeenCalledWith(1);
  });

  it("fills right with Ctrl+R and down with Ctrl+D, and clears with Delete", async () => {
    const { edit, user } = show();
    await pick(2, 0);
    await user.keyboard("{Shift>}{ArrowRight}{ArrowRight}{/Shift}{Control>}r{/Control}");
    expect(texts(edit)).toEqual(["a 11 60000", "a 12 60000"]);
    edit.mockClear();
    await pick(2, 1);
    await user.keyboard("{Shift>}{ArrowDown}{/Shift}{Control>}d{/Control}");
    expect(texts(edit)).toEqual(["b 11 60000"]);
    edit.mockClear();
    await user.keyboard("{Delete}");
    expect(texts(edit)).toEqual(["a 11 ", "b 11 "]);
  });

  it("moves by keyboard: arrows, Home, End, Ctrl+Home, and edits with F2, gives up with Escape", async () => {
    const { edit, user } = show();
    await pick(2, 0);
    await user.keyboard("{ArrowRight}");
    expect(document.activeElement).toBe(at(2, 1));
    await user.keyboard("{F2}");
    const editor = await screen.findByTestId("cell-editor");
    expect(editor).toHaveProperty("value", "60000");
    await user.type(editor, "5{Escape}");
    expect(edit).not.toHaveBeenCalled();
    await user.keyboard("{Enter}");
    await user.clear(await screen.findByTestId("cell-editor"));
    await user.type(screen.getByTestId("cell-editor"), "=LY*2{Enter}");
    expect(texts(edit)).toEqual(["a 11 =LY*2"]);
    expect(screen.getByTestId("selection-name").textContent).toContain("B · November 2026");
    await user.keyboard("{Control>}{Home}{/Control}");
    expect(screen.getByTestId("selection-name").textContent).toBe("Select cells");
    await user.keyboard("{End}");
    expect(screen.getByTestId("selection-name").textContent).toBe("Aurora · December 2026");
  });

  it("opens and folds with the arrows on the tree's column", async () => {
    const { toggle, open, user } = show();
    await pick(0, 0);
    await user.keyboard("{Home}{ArrowLeft}");
    expect(toggle).toHaveBeenCalledWith("company");
    await user.keyboard("{Enter}");
    expect(open).toHaveBeenCalledTimes(1);
  });

  it("has exactly one cell in the order of Tab", async () => {
    show();
    await pick(2, 1);
    const cells = [...document.querySelectorAll<HTMLElement>("[role=gridcell]")];
    expect(cells.filter((one) => one.tabIndex === 0)).toEqual([at(2, 1)]);
  });

  it("sums what is selected", async () => {
    const { user } = show();
    await pick(2, 0);
    await user.keyboard("{Shift>}{ArrowRight}{/Shift}");
    expect(screen.getByText("Sum $120,000 of 2")).toBeTruthy();
  });

  it("splits the target of a parent, not that of a leaf", async () => {
    const { split, user } = show();
    await pick(2, 1);
    expect(screen.getByTestId("split")).toHaveProperty("disabled", true);
    await pick(0, 1);
    await user.click(screen.getByTestId("split"));
    expect(split.mock.calls[0]?.[0]).toMatchObject({ entity_id: "company", period_start: "2026-11-01" });
  });

  it("offers a reader nothing to change", async () => {
    const { edit, user } = show(new Map(), ["company"], false);
    await pick(2, 1);
    await user.keyboard("{Enter}{Delete}");
    fireEvent.paste(at(2, 1), { clipboardData: { getData: () => "5" } });
    expect(screen.queryByTestId("cell-editor")).toBeNull();
    expect(screen.queryByTestId("formula-bar")).toBeNull();
    expect(edit).not.toHaveBeenCalled();
  });
});
