/** Typed hooks on the scopes API, and on the people and roles that a scope can name. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useApi } from "./context";

export const SUBJECT_KINDS = ["user", "role"] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

export interface ScopeInput {
  subject_kind: SubjectKind;
  subject: string;
  entity_id: string;
  may_edit: boolean;
  may_approve: boolean;
}

export interface Scope extends ScopeInput {
  id: number;
  /** Null while the warehouse is away, as its kind is. */
  entity_name: string | null;
  entity_kind: string | null;
  account_name: string | null;
  created_by: string;
  created_at: string;
}

export interface Scopes {
  result: Scope[];
  /** What people reach whom no scope names. */
  default_scope: "all" | "none";
}

export interface Subject {
  subject: string;
  name: string;
}

const ROOT = ["scopes"];

export function useScopes() {
  const api = useApi();
  return useQuery({
    queryKey: [...ROOT, "list"],
    queryFn: ({ signal }) => api.get<Scopes>("/scopes/", {}, signal),
  });
}

export function useSubjects(kind: SubjectKind, q: string) {
  const api = useApi();
  return useQuery({
    queryKey: [...ROOT, "subjects", kind, q],
    queryFn: async ({ signal }) =>
      (await api.get<{ result: Subject[] }>("/scopes/subjects", { kind, q }, signal)).result,
    placeholderData: keepPreviousData,
  });
}

export function useScopeActions() {
  const api = useApi();
  const client = useQueryClient();
  // A scope of one's own role changes what every page shows.
  const onSuccess = () => client.invalidateQueries();
  return {
    add: useMutation({ mutationFn: (scope: ScopeInput) => api.post<unknown>("/scopes/", scope), onSuccess }),
    remove: useMutation({ mutationFn: (id: number) => api.delete<unknown>(`/scopes/${id}`), onSuccess }),
  };
}
