/** Entities to choose from: by kind, and by part of their name where there are many. */
import { useQuery } from "@tanstack/react-query";
import { useApi } from "./context";

export interface EntityRow {
  entity_id: string;
  entity_kind: string;
  entity_name: string;
  account_name: string | null;
  currency: string | null;
}

/** As many as one looks through while typing. */
const SOME = 50;
/** All of kinds that have few, such as platforms and accounts. */
export const ALL = 1000;
const TEN_MINUTES = 10 * 60 * 1000;

/** The first entities of a kind (null is any) whose name or id holds the text. */
export function useEntities(kind: string | null, q = "", most = SOME) {
  const api = useApi();
  return useQuery({
    queryKey: ["entities", kind, q, most],
    // While somebody types, what was found before stays; those of another kind don't.
    placeholderData: (before: EntityRow[] | undefined, asked) =>
      asked?.queryKey[1] === kind ? before : undefined,
    staleTime: TEN_MINUTES,
    queryFn: async ({ signal }) =>
      (await api.get<{ result: EntityRow[] }>("/entities/", { kind, q, page_size: most }, signal)).result,
  });
}
