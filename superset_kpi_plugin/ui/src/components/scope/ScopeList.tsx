/** The scopes by whom they are for, each with its powers in words, and a way to take it back. */
import { TeamOutlined, UserOutlined } from "@ant-design/icons";
import { App, Button, Popconfirm } from "antd";
import { formatInstant } from "../../data/period";
import { type Scope, useScopeActions } from "../../data/scopes";
import { useI18n } from "../../i18n";
import { EntityKind } from "../EntityKind";
import { errorText } from "../StateMessage";

interface Props {
  scopes: readonly Scope[];
  defaultScope: "all" | "none";
}

export function ScopeList({ scopes, defaultScope }: Props) {
  const { label } = useI18n();
  const groups = new Map<string, Scope[]>();
  for (const scope of scopes) {
    const key = `${scope.subject_kind}|${scope.subject}`;
    groups.set(key, [...(groups.get(key) ?? []), scope]);
  }
  return (
    <ul className="kp-scopes__list">
      {[...groups].map(([key, rows]) => {
        const [first] = rows;
        if (!first) return null;
        return (
          <li key={key} className="kp-objective" data-testid="scope-group">
            <h2 className="kp-objective__name">
              {first.subject_kind === "role" ? (
                <TeamOutlined aria-hidden="true" />
              ) : (
                <UserOutlined aria-hidden="true" />
              )}{" "}
              {first.subject}{" "}
              <span className="kp-muted kp-scopes__kind">
                {label("scopes.subject_kind", first.subject_kind)}
              </span>
            </h2>
            <ul className="kp-scopes__rows">
              {rows.map((scope) => (
                <ScopeRow
                  key={scope.id}
                  scope={scope}
                  // For a role others may still have rows of their own.
                  isLast={rows.length === 1 && scope.subject_kind === "user"}
                  defaultScope={defaultScope}
                />
              ))}
            </ul>
          </li>
        );
      })}
    </ul>
  );
}

function ScopeRow({
  scope,
  isLast,
  defaultScope,
}: {
  scope: Scope;
  isLast: boolean;
  defaultScope: "all" | "none";
}) {
  const i18n = useI18n();
  const { t, locale } = i18n;
  const { message } = App.useApp();
  const { remove } = useScopeActions();
  const entity_name = scope.entity_name ?? scope.entity_id;
  const powers = [
    t("scopes.power.see"),
    ...(scope.may_edit ? [t("scopes.power.edit")] : []),
    ...(scope.may_approve ? [t("scopes.power.approve")] : []),
  ];
  const removeNow = () =>
    remove.mutate(scope.id, {
      onSuccess: () => void message.success(t("scopes.removed")),
      onError: (refused) => void message.error(errorText(refused, i18n), 6),
    });
  return (
    <li className="kp-scopes__row" data-testid={`scope-${scope.id}`}>
      <span className="kp-scopes__entity">
        {entity_name}
        <span className="kp-muted kp-objective__kind">
          {scope.entity_kind ? (
            <EntityKind entity={{ ...scope, entity_name, entity_kind: scope.entity_kind }} />
          ) : (
            scope.entity_id
          )}
        </span>
      </span>
      <span className="kp-scopes__powers">
        {powers.map((power) => (
          <span key={power} className="kp-tag kp-tag--muted">
            {power}
          </span>
        ))}
      </span>
      <span className="kp-muted kp-scopes__by">
        {t("scopes.added_by", { by: scope.created_by, at: formatInstant(scope.created_at, locale) })}
      </span>
      <Popconfirm
        title={t("scopes.remove_confirm", { subject: scope.subject, entity: entity_name })}
        description={isLast ? t(`scopes.last.${defaultScope}`) : t("scopes.others_stay")}
        okText={t("scopes.remove")}
        cancelText={t("action.cancel")}
        onConfirm={removeNow}
      >
        <Button
          danger
          size="small"
          loading={remove.isPending}
          aria-label={t("scopes.remove_named", { subject: scope.subject, entity: entity_name })}
        >
          {t("scopes.remove")}
        </Button>
      </Popconfirm>
    </li>
  );
}
