import { describe, expect, it } from "vitest";
import {
  cellCount,
  type Edits,
  editCell,
  editCells,
  editedValues,
  errorCount,
  fieldCurrency,
  markMissingTargets,
  NO_EDITS,
  readConflicts,
  record,
  redo,
  resolveConflict,
  rowKey,
  toPayload,
  undo,
  withServerErrors,
} from "../src/data/edits";
import { targetRow } from "./helpers";

const NONE: Edits = new Map();
const row = targetRow();
const key = rowKey(row);

describe("editing cells", () => {
  it("keeps what differs and forgets what doesn't", () => {
    const edited = editCell(NONE, row, "target_value", "120,000");
    expect(editedValues(row, edited.get(key)).target_value).toBe("120000");
    expect(cellCount(edited)).toBe(1);
    expect(editCell(edited, row, "target_value", "100000.00").size).toBe(0);
  });

  it("never changes the map it was given", () => {
    editCell(NONE, row, "target_value", "1");
    expect(NONE.size).toBe(0);
  });

  it("keeps the text of a mistake, and doesn't use it as a value", () => {
    const edited = editCell(NONE, row, "floor_value", "lots");
    expect(edited.get(key)?.fields.floor_value).toMatchObject({ text: "lots", error: "error.not_a_number" });
    expect(editedValues(row, edited.get(key)).floor_value).toBe("90000");
    expect(errorCount(edited)).toBe(1);
  });

  it("clears optional values but not the target", () => {
    expect(editedValues(row, editCell(NONE, row, "floor_value", "").get(key)).floor_value).toBeNull();
    expect(errorCount(editCell(NONE, row, "target_value", ""))).toBe(1);
  });

  it("edits what the draft says, where there is one", () => {
    const draft = {
      ...targetRow().approved,
      target_value: "130000",
      version: 2,
      changed_by: "x",
      changed_at: null,
    };
    const drafted = targetRow({ draft: draft as never });
    expect(editCell(NONE, drafted, "target_value", "130000").size).toBe(0);
    expect(editCell(NONE, drafted, "target_value", "100000").size).toBe(1);
  });

  it("asks for a target where only a limit was filled in", () => {
    const candidate = targetRow({ id: null, etag: null, approved: null, status: null });
    const edited = editCell(NONE, candidate, "warn_limit", "10");
    expect(errorCount(edited)).toBe(1);
    expect(markMissingTargets(edited).get(key)?.fields.target_value?.error).toBe("error.target_required");
  });

  it("reads budget and headcount in their own ways, and shows a budget in its own currency", () => {
    const ratio = targetRow({ kpi_id: "acos", unit: "ratio", number_format: ".1%", currency: "USD" });
    const edits = editCells(new Map(), [
      { row: ratio, field: "budget", text: "$12,500" },
      { row: ratio, field: "headcount", text: "2.5" },
      { row: ratio, field: "budget_currency", text: " cad " },
    ]);
    const edit = edits.get(rowKey(ratio));
    expect(editedValues(ratio, edit)).toMatchObject({
      budget: "12500",
      headcount: "2.5",
      budget_currency: "CAD",
    });
    expect(fieldCurrency(ratio, "budget", edit)).toBe("CAD");
    expect(fieldCurrency(ratio, "target_value", edit)).toBe("USD");
    expect(toPayload(edits).targets[0]).toMatchObject({ budget: "12500", budget_currency: "CAD" });
  });

  it("reads tolerance as a share and the owner as text", () => {
    const edited = editCell(editCell(NONE, row, "tolerance", "5%"), row, "owner", "  李俊 ");
    expect(editedValues(row, edited.get(key))).toMatchObject({ tolerance: "0.05", owner: "李俊" });
  });
});

describe("the request", () => {
  it("holds the changed values as strings, and the etag that was read", () => {
    const edited = editCell(NONE, row, "target_value", "120000.10");
    expect(toPayload(edited)).toEqual({
      keys: [key],
      targets: [
        {
          kpi_id: "gmv",
          entity_id: "account:aurora_us",
          grain: "month",
          period_start: "2026-11-01",
          etag: "1-1",
          target_value: "120000.1",
        },
      ],
    });
  });

  it("says null for a target that must not exist yet", () => {
    const candidate = targetRow({ id: null, etag: null, approved: null });
    expect(toPayload(editCell(NONE, candidate, "target_value", "5")).targets[0]?.etag).toBeNull();
  });

  it("puts the server's errors at their cells", () => {
    const edited = editCell(NONE, row, "floor_value", "999999");
    const { keys } = toPayload(edited);
    const refused = withServerErrors(edited, keys, [
      { index: 0, field: "floor_value", message: "The floor must not be above the target." },
      { index: 7, field: "owner", message: "no such row" },
    ]);
    expect(refused.get(key)?.fields.floor_value).toMatchObject({
      text: "999999",
      error: { message: "The floor must not be above the target." },
    });
    expect(errorCount(editCell(refused, row, "floor_value", "80000"))).toBe(0);
  });
});

describe("conflicts", () => {
  const edited = editCell(NONE, row, "target_value", "120000");
  const saved = { ...row.approved, target_value: "110000", version: 2, changed_by: "jun", changed_at: null };
  const details = [{ index: 0, theirs: { id: 1, etag: "1-2", draft: saved, approved: row.approved } }];
  const [conflict] = readConflicts(edited, [key], details);

  it("shows both", () => {
    expect(conflict?.theirs).toMatchObject({
      etag: "1-2",
      entity_name: "Aurora US",
      draft: { target_value: "110000" },
    });
    expect(conflict && editedValues(row, conflict.mine).target_value).toBe("120000");
  });

  it("drops mine when theirs is chosen", () => {
    expect(conflict && resolveConflict(edited, conflict, "theirs").size).toBe(0);
  });

  it("lays mine over theirs, with their etag, when mine is chosen", () => {
    const settled = conflict ? resolveConflict(edited, conflict, "mine") : NONE;
    expect(toPayload(settled).targets[0]).toMatchObject({ etag: "1-2", target_value: "120000" });
  });

  it("survives answers it doesn't know", () => {
    expect(readConflicts(edited, [key], undefined)).toEqual([]);
    expect(readConflicts(edited, [key], [{ index: 3, theirs: null }])).toEqual([]);
  });
});

describe("undo", () => {
  it("goes back and forth, and forgets the future after a new edit", () => {
    const one = editCell(NONE, row, "target_value", "1");
    const two = editCell(one, row, "target_value", "2");
    const history = record(record(NO_EDITS, one), two);
    expect(undo(history).present).toBe(one);
    expect(redo(undo(history)).present).toBe(two);
    expect(undo(undo(undo(history))).present).toBe(NO_EDITS.present);
    const branched = record(undo(history), editCell(one, row, "target_value", "3"));
    expect(redo(branched)).toBe(branched);
  });
});
