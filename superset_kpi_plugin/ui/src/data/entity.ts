/** What tells entities of the same name apart: the account they belong to. */

interface Entity {
  entity_id: string;
  entity_name?: string | null;
  account_name?: string | null;
}

/** The account's name, or its id out of ids such as `category:aurora_us/audio`; null for what has no account. */
export function accountOf({ entity_id, entity_name, account_name }: Entity): string | null {
  if (account_name) return account_name === entity_name ? null : account_name;
  return /^[a-z_]+:([^/]+)\//.exec(entity_id)?.[1] ?? null;
}
