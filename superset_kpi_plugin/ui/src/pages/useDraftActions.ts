/** What the Targets page can do with edits and drafts: save, discard, approve, publish, and settle conflicts. */
import { App } from "antd";
import { useCallback, useState } from "react";
import { errorText } from "../components/StateMessage";
import { type StepInput, useAgreement } from "../data/agreement";
import { ApiError } from "../data/api";
import { useEditStore } from "../data/editStore";
import {
  type Change,
  type Conflict,
  type EditHistory,
  type Edits,
  editCells,
  errorCount,
  markMissingTargets,
  readConflicts,
  record,
  redo,
  resolveConflict,
  rowKey,
  toPayload,
  undo,
  withServerErrors,
} from "../data/edits";
import { useTargetActions } from "../data/targets";
import type { Publication, TargetRow } from "../data/types";
import { useI18n } from "../i18n";

/** What was saved can't be undone here: older steps would bring back edits of rows that have changed. */
function forget(history: EditHistory, keys: readonly string[]): EditHistory {
  const left = new Map(history.present);
  for (const key of keys) left.delete(key);
  return { past: [], present: left, future: [] };
}

export function useDraftActions() {
  const i18n = useI18n();
  const { t } = i18n;
  const { message } = App.useApp();
  const actions = useTargetActions();
  const agreement = useAgreement();
  const [history, setHistory] = useEditStore();
  const [conflicts, setConflicts] = useState<readonly Conflict[]>([]);
  const edits = history.present;

  const change = useCallback(
    (changes: readonly Change[]) => {
      if (changes.length === 0) return;
      setHistory((known) => record(known, editCells(known.present, changes)));
    },
    [setHistory],
  );

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
      refused(error, subset, keys);
      return false;
    }
    setHistory((known) => forget(known, keys));
    message.success(t("save.done", { count: keys.length }));
    return true;
  };

  const refused = (error: unknown, subset: Edits, keys: readonly string[]) => {
    if (error instanceof ApiError && error.isConflict) {
      const found = readConflicts(subset, keys, error.details.conflicts);
      if (found.length > 0) {
        setConflicts(found);
        return;
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

  /** One step of the agreement for all the rows, or for none. */
  const take = async (input: StepInput): Promise<boolean> => {
    const count = input.rows.length;
    try {
      const { publication } = await agreement.take.mutateAsync(input);
      if (input.step === "approve" && publication?.state === "failed")
        message.warning(t("approve.done_unpublished", { count }), 6);
      else message.success(t(`agree_done.${input.step}`, { count }));
      return true;
    } catch (error) {
      message.error(errorText(error, i18n), 6);
      return false;
    }
  };

  /** Answers a proposal with the row's unsaved values. */
  const counter = async (row: TargetRow): Promise<boolean> => {
    const edit = edits.get(rowKey(row));
    if (!edit) return false;
    const only: Edits = new Map([[rowKey(row), edit]]);
    const { keys, targets } = toPayload(only);
    try {
      await agreement.counter.mutateAsync({ targets });
    } catch (error) {
      refused(error, only, keys);
      return false;
    }
    setHistory((known) => forget(known, keys));
    message.success(t("agree.countered"));
    return true;
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
    try {
      await actions.discard.mutateAsync(rows);
      message.success(t("discard.done", { count: rows.length }));
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
    take,
    counter,
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
    isTaking: agreement.take.isPending,
    isCountering: agreement.counter.isPending,
    isPublishing: actions.publish.isPending,
    isDiscarding: actions.discard.isPending,
  };
}

export type DraftActions = ReturnType<typeof useDraftActions>;
