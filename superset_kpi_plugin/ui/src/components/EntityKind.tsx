/** The kind of an entity, and the account it belongs to where names repeat across accounts. */
import { accountOf } from "../data/entity";
import { useI18n } from "../i18n";

interface Props {
  entity: { entity_id: string; entity_name: string; entity_kind: string; account_name?: string | null };
}

export function EntityKind({ entity }: Props) {
  const { label } = useI18n();
  const account = accountOf(entity);
  const kind = label("entity_kind", entity.entity_kind);
  return <>{account ? `${kind} · ${account}` : kind}</>;
}
