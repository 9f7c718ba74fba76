/** Entities to choose from: by kind, and by part of their name where there are many. */
import { useQuery } from "@tanstack/react-query";
import { useApi } from "./context";

export interface Entity {
  entity_id: string;
  entity_kind: string;
  entity_name: string;
  account_name?: string | null;
}

const PAGE_SIZE = 1000;
const TEN_MINUTES = 10 * 60 * 1000;

export function useEntities(kind: string | null, search = "", pageSize = PAGE_SIZE) {
  const api = useApi();
  return useQuery({
    queryKey: ["entities", kind, search, pageSize],
    // While somebody types, what was found before stays; those of another kind don't.
    placeholderData: (before: Entity[] | undefined, asked) =>
      asked?.queryKey[1] === kind ? before : undefined,
    staleTime: TEN_MINUTES,
    queryFn: async ({ signal }) => {
      const query = { kind, q: search, page_size: pageSize };
      return (await api.get<{ result: Entity[] }>("/entities/", query, signal)).result;
    },
  });
}
