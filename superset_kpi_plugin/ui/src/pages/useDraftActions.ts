/** What the Targets page can do with edits and drafts: save, discard, approve, publish, and settle conflicts. */
import { App } from "antd";
import { useCallback, useState } from "react";
import { errorText } from "../components/StateMessage";
import { ApiError } from "../data/api";
import { useApi } from "../data/context";
import {
  type Conflict,
  type Edits,
  editCell,
  errorCount,
  findConflicts,
  markMissingTargets,
  NO_EDITS,
  record,
  redo,
  resolveConflict,
  rowKey,
  toPayload,
  undo,
  withServerErrors,
} from "../data/edits";
import { fetchTargets, useTargetActions } from "../data/targets";
import type { Grain, Publication, TargetField, TargetRow } from "../data/types";
import { useI18n } from "../i18n";

export type Change = { row: TargetRow; field: TargetField; text: string };

/** Rows of every period that has unsaved edits, as they are on the server now. */
async function readAgain(api: ReturnType<typeof useApi>, edits: Edits): Promise<TargetRow[]> {
  const periods = new Map<string, { grain: Grain; period_start: string }>();
  for (const { row } of edits.values()) {
    const { grain, period_start } = row;
    periods.set(`${grain}|${period_start}`, { grain, period_start });
  }
  const pages = await Promise.all([...periods.values()].map((period) => fetchTargets(api, period)));
  return pages.flatMap((page) => page.result);
}

export function useDraftActions() {
  const i18n = useI18n();
  const { t } = i18n;
  const { message } = App.useApp();
  const api = useApi();
  const actions = useTargetActions();
  const [history, setHistory] = useState(NO_EDITS);
  const [conflicts, setConflicts] = useState<readonly Conflict[]>([]);
  const edits = history.present;

  const change = useCallback((changes: readonly Change[]) => {
    if (changes.length === 0) return;
    setHistory((known) => {
      let next = known.present;
      for (const { row, field, text } of changes) next = editCell(next, row, field, text);
      return record(known, next);
    });
  }, []);

  const save = async (subset: Edits = edits): Promise<boolean> => {
    const checked = markMissingTargets(subset);
    if (errorCount(checked) > 0) {
      setHistory((known) => record(known, new Map([...known.present, ...checked])));
      message.error(t("save.mend_first", { count: errorCount(checked) }));
      return false;
    }
    const { keys, targets } = toPayload(subset);
    try {
      await actions.save.mutateAsync(targets);
    } catch (error) {
      await refused(error, subset, keys);
      return false;
    }
    setHistory((known) => {
      const left = new Map(known.present);
      for (const key of keys) left.delete(key);
      // What was saved can't be undone here: older steps would bring back edits of rows that have changed.
      return { past: [], present: left, future: [] };
    });
    message.success(t("save.done", { count: keys.length }));
    return true;
  };

  const refused = async (error: unknown, subset: Edits, keys: readonly string[]) => {
    if (error instanceof ApiError && error.isConflict) {
      try {
        const found = findConflicts(subset, await readAgain(api, subset));
        if (found.length > 0) {
          setConflicts(found);
          return;
        }
      } catch {
        // The first error says enough.
      }
    }
    if (error instanceof ApiError && error.rowErrors.length > 0) {
      setHistory((known) => record(known, withServerErrors(known.present, keys, error.rowErrors)));
    }
    message.error(errorText(error, i18n), 6);
  };

  const settle = (choices: ReadonlyMap<string, "mine" | "theirs">) => {
    setHistory((known) => {
      let next = known.present;
      for (const conflict of conflicts)
        next = resolveConflict(next, conflict, choices.get(conflict.key) ?? "theirs");
      return { past: [], present: next, future: [] };
    });
    setConflicts([]);
    void actions.refresh();
  };

  const approve = async (rows: readonly TargetRow[]): Promise<boolean> => {
    const ids = rows.flatMap((row) => (row.id === null ? [] : [row.id]));
    try {
      const { approved, publication } = await actions.approve.mutateAsync(ids);
      if (publication?.state === "failed")
        message.warning(t("approve.done_unpublished", { count: approved }), 6);
      else message.success(t("approve.done", { count: approved }));
      return true;
    } catch (error) {
      message.error(errorText(error, i18n), 6);
      await actions.refresh();
      return false;
    }
  };

  const publish = async (): Promise<Publication | null> => {
    try {
      const publication = await actions.publish.mutateAsync();
      if (publication?.state === "failed") message.error(publication.error || t("publish.failed"), 6);
      else message.success(t("publish.done"));
      return publication;
    } catch (error) {
      message.error(errorText(error, i18n), 6);
      return null;
    }
  };

  const discardDrafts = async (rows: readonly TargetRow[]): Promise<boolean> => {
    const ids = rows.flatMap((row) => (row.id === null || !row.draft ? [] : [row.id]));
    try {
      await actions.discard.mutateAsync(ids);
      message.success(t("discard.done", { count: ids.length }));
      return true;
    } catch (error) {
      message.error(errorText(error, i18n), 6);
      return false;
    }
  };

  return {
    edits,
    change,
    save,
    approve,
    publish,
    discardDrafts,
    conflicts,
    settle,
    closeConflicts: () => setConflicts([]),
    discard: () => setHistory((known) => record(known, new Map())),
    discardRow: (row: TargetRow) =>
      setHistory((known) => {
        const next = new Map(known.present);
        next.delete(rowKey(row));
        return record(known, next);
      }),
    undo: () => setHistory(undo),
    redo: () => setHistory(redo),
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    isSaving: actions.save.isPending,
    isApproving: actions.approve.isPending,
    isPublishing: actions.publish.isPending,
    isDiscarding: actions.discard.isPending,
  };
}

export type DraftActions = ReturnType<typeof useDraftActions>;
