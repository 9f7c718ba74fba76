/** Propose, counter, accept, approve, lock: which step a target may take now, and the hooks that take it; comments. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useApi } from "./context";
import { idsWithEtags } from "./targets";
import type { AgreementState, Me, Publication, TargetInput, TargetRow } from "./types";

export const STEPS = ["propose", "accept", "approve", "lock", "unlock"] as const;
export type Step = (typeof STEPS)[number];

export interface Comment {
  id: number | string;
  author: string;
  at: string;
  text: string;
  mentions: string[];
  version: number | null;
}

/** Where a row stands; null where it has no target at all. */
export function stateOf(row: TargetRow): AgreementState | null {
  if (row.is_locked) return "locked";
  if (row.state) return row.state;
  if (row.draft) return row.draft.stage ?? "draft";
  return row.approved ? "approved" : null;
}

const FROM: Record<Step, readonly AgreementState[]> = {
  propose: ["draft", "countered"],
  accept: ["proposed", "countered"],
  approve: ["draft", "proposed", "accepted"],
  lock: ["approved"],
  unlock: ["locked"],
};

/** Whether a step is open from here and to this reader; the API has the last word, as on who may accept. */
export function canTake(step: Step, row: TargetRow, permissions: Me["permissions"] | undefined): boolean {
  const state = stateOf(row);
  if (!permissions || row.id === null || state === null || !FROM[step].includes(state)) return false;
  return step === "propose" || step === "accept"
    ? permissions.propose && row.can_edit !== false
    : permissions.approve && row.can_approve !== false;
}

/** Whether an approver may answer with other values. */
export function canCounter(row: TargetRow, permissions: Me["permissions"] | undefined): boolean {
  const state = stateOf(row);
  return (
    permissions?.approve === true &&
    row.can_approve !== false &&
    (state === "proposed" || state === "accepted")
  );
}

/** What is approved changes only for a reason, and what is locked is unlocked only for one. */
export function needsReason(step: Step, rows: readonly TargetRow[]): boolean {
  if (step === "unlock") return true;
  if (step !== "propose" && step !== "approve") return false;
  return rows.some((row) => row.approved !== null && row.draft !== null && !row.draft.reason);
}

export interface StepInput {
  step: Step;
  rows: readonly TargetRow[];
  reason?: string;
  comment?: string;
}

export function useAgreement() {
  const api = useApi();
  const client = useQueryClient();
  const refresh = () =>
    Promise.all(
      ["targets", "publication", "history", "comments", "lint"].map((key) =>
        client.invalidateQueries({ queryKey: [key] }),
      ),
    );
  const take = useMutation({
    mutationFn: ({ step, rows, reason, comment }: StepInput) =>
      api.post<{ publication?: Publication | null }>(`/targets/${step}`, {
        ...idsWithEtags(rows),
        ...(reason ? { reason } : {}),
        ...(comment ? { comment } : {}),
      }),
    onSettled: refresh,
  });
  const counter = useMutation({
    mutationFn: ({ targets, comment }: { targets: TargetInput[]; comment?: string }) =>
      api.post<unknown>("/targets/counter", { targets, ...(comment ? { comment } : {}) }),
    onSettled: refresh,
  });
  return { take, counter };
}

export function useComments(id: number | string | null) {
  const api = useApi();
  return useQuery({
    queryKey: ["comments", id],
    enabled: id !== null,
    queryFn: async ({ signal }) =>
      (await api.get<{ result: Comment[] }>(`/targets/${id}/comments`, {}, signal)).result,
  });
}

export function useAddComment(id: number | string | null) {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (text: string) => api.post<unknown>(`/targets/${id}/comments`, { text }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["comments", id] }),
  });
}
