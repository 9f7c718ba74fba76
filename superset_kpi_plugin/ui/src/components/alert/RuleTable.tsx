/** The rules behind the alerts: what each watches, how useful people found it; on, off, change, copy, delete. */
import { PlusOutlined } from "@ant-design/icons";
import { App, Button, Popconfirm, Select, Switch } from "antd";
import { useState } from "react";
import { kpiName, useCatalogue } from "../../data/common";
import { formatShare } from "../../data/decimal";
import { type Rule, useRuleActions, useRules } from "../../data/rules";
import { useI18n } from "../../i18n";
import { useParams } from "../../router";
import { GridSkeleton } from "../Skeletons";
import { errorText, LoadError, StateMessage } from "../StateMessage";
import { SeverityTag } from "../StatusTag";
import { RuleDialog } from "./RuleDialog";

const ORDERS = ["name", "noise"] as const;

interface Props {
  canWrite: boolean;
  channels: readonly string[];
}

export function RuleTable({ canWrite, channels }: Props) {
  const i18n = useI18n();
  const { t, label, locale } = i18n;
  const { message } = App.useApp();
  const { setParams } = useParams();
  const [order, setOrder] = useState<(typeof ORDERS)[number]>("name");
  const [edited, setEdited] = useState<{ rule: Rule | null; isCopy: boolean } | null>(null);
  const { data, isPending, isError, error, refetch } = useRules(order);
  const { data: catalogue } = useCatalogue();
  const { save, remove } = useRuleActions();
  if (isError && !data) return <LoadError error={error} onRetry={() => void refetch()} />;
  if (isPending) return <GridSkeleton label={t("state.loading")} />;
  const names = new Map((catalogue ?? []).map((row) => [row.kpi_id, kpiName(row, locale)]));
  const failed = (refused: unknown) => void message.error(errorText(refused, i18n), 6);
  return (
    <div className="kp-rules" data-testid="rules">
      <div className="kp-alertacts__row">
        {canWrite ? (
          <Button
            type="primary"
            icon={<PlusOutlined />}
            onClick={() => setEdited({ rule: null, isCopy: false })}
            data-testid="rule-new"
          >
            {t("rules.new")}
          </Button>
        ) : null}
        <Select
          value={order}
          aria-label={t("rules.order")}
          onChange={setOrder}
          options={ORDERS.map((value) => ({ value, label: label("rules.order_by", value) }))}
          data-testid="rules-order"
        />
      </div>
      {data.length === 0 ? (
        <StateMessage
          kind="empty"
          title={t("rules.empty_title")}
          hint={t("rules.empty_hint")}
          action={
            canWrite
              ? { label: label("alerts.tab", "packs"), onClick: () => setParams({ tab: "packs" }) }
              : undefined
          }
        />
      ) : (
        <ul className="kp-plans__list">
          {data.map((rule) => (
            <li key={rule.id} className="kp-plans__item" data-testid={`rule-${rule.id}`}>
              <div>
                <strong>{(locale === "zh" && rule.name_zh) || rule.name}</strong>{" "}
                <SeverityTag severity={rule.severity} />
                <p className="kp-muted">
                  {names.get(rule.kpi_id) ?? rule.kpi_id} · {label("entity_kind", rule.entity_kind)} ·{" "}
                  {label("grain", rule.grain)} · {label("rules.condition_name", rule.condition)}
                  {rule.channels.length ? ` · ${rule.channels.join(", ")}` : ""}
                </p>
                <p className="kp-muted" data-testid={`rule-votes-${rule.id}`}>
                  {rule.votes?.precision
                    ? t("rules.precision", {
                        share: formatShare(rule.votes.precision),
                        votes: rule.votes.n,
                      })
                    : t("rules.no_votes")}
                </p>
              </div>
              {canWrite ? (
                <div className="kp-plans__actions">
                  <Switch
                    checked={rule.is_enabled}
                    aria-label={t("rules.enabled_of", { name: rule.name })}
                    loading={save.isPending && save.variables?.id === rule.id}
                    onChange={(is_enabled) =>
                      save.mutate({ id: rule.id, rule: { is_enabled } }, { onError: failed })
                    }
                    data-testid={`rule-enabled-${rule.id}`}
                  />
                  <Button
                    onClick={() => setEdited({ rule, isCopy: false })}
                    data-testid={`rule-edit-${rule.id}`}
                  >
                    {t("rules.edit")}
                  </Button>
                  <Button
                    onClick={() => setEdited({ rule, isCopy: true })}
                    data-testid={`rule-copy-${rule.id}`}
                  >
                    {t("rules.copy")}
                  </Button>
                  <Popconfirm
                    title={t("rules.delete_confirm")}
                    okText={t("rules.delete")}
                    cancelText={t("action.cancel")}
                    onConfirm={() => remove.mutate(rule.id, { onError: failed })}
                  >
                    <Button danger>{t("rules.delete")}</Button>
                  </Popconfirm>
                </div>
              ) : null}
            </li>
          ))}
        </ul>
      )}
      {edited ? (
        <RuleDialog
          key={`${edited.rule?.id ?? "new"}-${edited.isCopy}`}
          rule={edited.rule}
          isCopy={edited.isCopy}
          channels={channels}
          onClose={() => setEdited(null)}
        />
      ) : null}
    </div>
  );
}
