/** Typed hooks on the rule packs: what a pack holds beside the stored rules, and switching rules of it on. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useApi } from "./context";
import type { Condition } from "./rules";
import type { Grain, Severity } from "./types";

export type PackState = "new" | "same" | "differs";

export interface PackRule {
  name: string;
  name_zh?: string | null;
  kpi_id: string;
  entity_kind: string;
  grain: Grain;
  condition: Condition;
  parameters: Record<string, unknown>;
  severity: Severity;
  playbook_en?: string | null;
  playbook_zh?: string | null;
  state: PackState;
  rule_id: number | null;
  /** Whether the stored rule is on; null where there is none. */
  is_enabled: boolean | null;
  differences: { field: string; stored: unknown; pack: unknown }[];
  /** Why it can't be made here. */
  problems: { field: string; message: string }[];
}

export interface Pack {
  name: string;
  rules: PackRule[];
}

export interface SwitchedOn {
  created: string[];
  changed: string[];
  unchanged: string[];
}

const ROOT = ["alert_rules", "packs"];

/** Whether switching it on would do something, and can be done. */
export function isOpenTo(rule: PackRule): boolean {
  return rule.problems.length === 0 && (rule.state !== "same" || rule.is_enabled === false);
}

/** What nobody has decided about yet: a rule that somebody changed or switched off is theirs. */
export function isProposed(rule: PackRule): boolean {
  return rule.state === "new" && isOpenTo(rule);
}

export function usePacks() {
  const api = useApi();
  return useQuery({
    queryKey: ROOT,
    queryFn: async ({ signal }) =>
      (await api.get<{ result: Pack[] }>("/alert_rules/packs", {}, signal)).result,
  });
}

export function useSwitchOn() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ pack, ...body }: { pack: string; rules: string[]; channels: string[] }) =>
      api.post<SwitchedOn>(`/alert_rules/packs/${encodeURIComponent(pack)}`, body),
    // Also after a refusal: the rules before the refused one are there.
    onSettled: () => client.invalidateQueries({ queryKey: ["alert_rules"] }),
  });
}
