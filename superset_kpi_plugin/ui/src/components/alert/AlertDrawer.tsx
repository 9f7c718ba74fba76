/** One alert: its figures, what happened to it, and acknowledging it with a comment. */
import { BellOutlined } from "@ant-design/icons";
import { App, Button, Drawer, Input, Skeleton } from "antd";
import { useEffect, useState } from "react";
import { useAcknowledge, useAlert } from "../../data/alerts";
import { toSearch } from "../../data/api";
import { useApi } from "../../data/context";
import { formatInstant, formatPeriod } from "../../data/period";
import type { AlertInstance } from "../../data/types";
import { useI18n } from "../../i18n";
import { pagePath } from "../../router";
import { DrawerTitle } from "../DrawerTitle";
import { DiagnoseLink } from "../diagnosis/DiagnoseLink";
import { EntityKind } from "../EntityKind";
import { errorText, LoadError } from "../StateMessage";
import { AlertStateTag, SeverityTag } from "../StatusTag";
import { useIsPhone } from "../useIsPhone";
import { AlertActions } from "./AlertActions";
import { AlertCause } from "./AlertCause";
import { AlertChart } from "./AlertChart";
import { AlertDeliveries } from "./AlertDeliveries";
import { AlertEvents } from "./AlertEvents";
import { alertAmount, sinceOf } from "./AlertList";
import { SilenceDialog } from "./SilenceDialog";

interface Props {
  id: string | null;
  canAcknowledge: boolean;
  onClose: () => void;
}

export function AlertDrawer({ id, canAcknowledge, onClose }: Props) {
  const { t } = useI18n();
  const isPhone = useIsPhone();
  const query = useAlert(id);
  const alert = query.data;
  return (
    <Drawer
      open={id !== null}
      onClose={onClose}
      placement={isPhone ? "bottom" : "right"}
      width={480}
      height="92%"
      title={alert ? <DrawerTitle row={alert} /> : t("alerts.one")}
      closable={{ "aria-label": t("action.close") }}
      destroyOnHidden
    >
      {query.isError ? <LoadError error={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isPending && id !== null ? <Skeleton active /> : null}
      {alert && !query.isError ? (
        <div data-testid="alert-drawer">
          <Summary alert={alert} />
          <AlertCause alert={alert} />
          <AlertChart alert={alert} />
          <Acknowledge alert={alert} canAcknowledge={canAcknowledge} />
          {canAcknowledge ? <AlertActions key={alert.id} alert={alert} /> : null}
          {canAcknowledge ? <SilenceAlike key={`silence-${alert.id}`} alert={alert} /> : null}
          <AlertEvents alert={alert} />
          <AlertDeliveries alert={alert} />
        </div>
      ) : null}
    </Drawer>
  );
}

function Summary({ alert }: { alert: AlertInstance }) {
  const { t, locale } = useI18n();
  const { config } = useApi();
  const targets = `${pagePath("targets", config.baseUrl)}${toSearch({
    grain: alert.grain,
    period: alert.period_start,
    kpi: alert.kpi_id,
    kind: alert.entity_kind,
    q: alert.entity_id,
  })}`;
  const facts: [string, string][] = [
    [t("alerts.column.limit"), alertAmount(alert, alert.limit_value)],
    [t("targets.column.target_value"), alertAmount(alert, alert.target_value)],
    [t("alerts.column.period"), formatPeriod(alert.period_start, alert.grain, locale)],
    [t("alerts.column.owner"), alert.owner_name ?? alert.owner ?? "—"],
    [t("alerts.column.since"), formatInstant(sinceOf(alert), locale)],
    [t("alerts.last_evaluated"), formatInstant(alert.last_evaluated_at, locale)],
  ];
  return (
    <section className="kp-standing" aria-label={t("alerts.one")}>
      <p className="kp-drawer__sub">
        <EntityKind entity={alert} /> · {alert.rule_name}
      </p>
      <div className="kp-standing__top">
        <span className="kp-standing__value">{alertAmount(alert, alert.value)}</span>
        <AlertStateTag state={alert.state} />
        <SeverityTag severity={alert.severity} />
      </div>
      <dl className="kp-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {alert.inhibited_by ? <p className="kp-muted">{t("alerts.inhibited")}</p> : null}
      {alert.silence_id ? <p className="kp-muted">{t("alerts.silenced")}</p> : null}
      {alert.assignee ? <p>{t("alerts.assigned_to", { user: alert.assignee })}</p> : null}
      <a href={targets} className="kp-link">
        {t("alerts.open_targets")}
      </a>{" "}
      <DiagnoseLink row={alert} />
    </section>
  );
}

/** From the alert to a silence of all that is like it. */
function SilenceAlike({ alert }: { alert: AlertInstance }) {
  const { t } = useI18n();
  const [isOpen, setOpen] = useState(false);
  const { rule_id, entity_id, entity_name } = alert;
  return (
    <div className="kp-alertacts">
      <Button icon={<BellOutlined />} onClick={() => setOpen(true)} data-testid="silence-alike">
        {t("silences.alike")}
      </Button>
      {isOpen ? (
        <SilenceDialog
          start={{ rule_id: Number(rule_id), entity_id, entity_name }}
          onClose={() => setOpen(false)}
        />
      ) : null}
    </div>
  );
}

function Acknowledge({ alert, canAcknowledge }: { alert: AlertInstance; canAcknowledge: boolean }) {
  const i18n = useI18n();
  const { t, locale } = i18n;
  const { message } = App.useApp();
  const acknowledge = useAcknowledge();
  const [comment, setComment] = useState("");
  // biome-ignore lint/correctness/useExhaustiveDependencies: a comment belongs to the alert it was written for
  useEffect(() => setComment(""), [alert.id]);
  if (alert.acknowledged_by) {
    return (
      <section className="kp-ackbox" data-testid="acknowledged">
        <strong>{t("alerts.acknowledged_by", { by: alert.acknowledged_by })}</strong>
        <span className="kp-muted">{formatInstant(alert.acknowledged_at, locale)}</span>
        {alert.comment ? <p className="kp-prewrap">{alert.comment}</p> : null}
      </section>
    );
  }
  const isOpen = alert.state === "firing" || alert.state === "pending";
  if (!canAcknowledge || !isOpen) return null;
  const send = async () => {
    try {
      await acknowledge.mutateAsync({ id: alert.id, comment: comment.trim() });
      message.success(t("alerts.acknowledge_done"));
    } catch (error) {
      message.error(errorText(error, i18n), 6);
    }
  };
  return (
    <section className="kp-ackbox" aria-label={t("alerts.acknowledge")}>
      <label htmlFor="kp-ack-comment">{t("alerts.comment")}</label>
      <Input.TextArea
        id="kp-ack-comment"
        rows={3}
        maxLength={2000}
        value={comment}
        placeholder={t("alerts.comment_placeholder")}
        onChange={(event) => setComment(event.target.value)}
        data-testid="ack-comment"
      />
      <Button
        type="primary"
        loading={acknowledge.isPending}
        onClick={() => void send()}
        data-testid="acknowledge"
      >
        {t("alerts.acknowledge")}
      </Button>
    </section>
  );
}
