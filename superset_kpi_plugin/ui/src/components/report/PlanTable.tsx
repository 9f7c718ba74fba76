/** The plans, with what can be done to each. */
import { PlusOutlined } from "@ant-design/icons";
import { App, Button, Popconfirm } from "antd";
import { useState } from "react";
import { type Report, type ReportPlan, type ReportPlans, useReportActions } from "../../data/reports";
import { useI18n } from "../../i18n";
import { errorText, StateMessage } from "../StateMessage";
import { PlanDialog } from "./PlanDialog";

interface Props {
  plans: ReportPlans;
  canWrite: boolean;
  onMade: (report: Report) => void;
}

export function PlanTable({ plans, canWrite, onMade }: Props) {
  const i18n = useI18n();
  const { t, label } = i18n;
  const { message } = App.useApp();
  const { make, deletePlan } = useReportActions();
  const [edited, setEdited] = useState<ReportPlan | "new" | null>(null);
  const failed = (refused: unknown) => void message.error(errorText(refused, i18n), 6);
  const remove = (plan: ReportPlan) =>
    deletePlan.mutate(plan.id, {
      onSuccess: () => void message.success(t("reports.plan_deleted")),
      onError: failed,
    });
  return (
    <div className="kp-plans">
      {canWrite ? (
        <Button
          type="primary"
          icon={<PlusOutlined />}
          onClick={() => setEdited("new")}
          data-testid="plan-new"
        >
          {t("reports.plan_new")}
        </Button>
      ) : null}
      {plans.result.length === 0 ? (
        <StateMessage kind="empty" title={t("reports.plans_empty")} hint={t("reports.empty_hint")} />
      ) : (
        <ul className="kp-plans__list">
          {plans.result.map((plan) => (
            <li key={plan.id} className="kp-plans__item" data-testid={`plan-${plan.id}`}>
              <div>
                <strong>{plan.name}</strong>
                {plan.is_enabled ? null : <span className="kp-tag">{t("reports.plan_off")}</span>}
                <p className="kp-muted">
                  {plan.entity_name ?? plan.entity_id} · {label("reports.cadence", plan.cadence)} ·{" "}
                  {label("reports.locale", plan.locale)}
                  {plan.channels.length ? ` · ${plan.channels.join(", ")}` : ""}
                </p>
              </div>
              {canWrite ? (
                <div className="kp-plans__actions">
                  <Button
                    loading={make.isPending && make.variables === plan.id}
                    onClick={() =>
                      make.mutate(plan.id, { onSuccess: ({ result }) => onMade(result), onError: failed })
                    }
                    data-testid={`plan-make-${plan.id}`}
                  >
                    {t("reports.plan_make")}
                  </Button>
                  <Button onClick={() => setEdited(plan)}>{t("reports.plan_edit")}</Button>
                  <Popconfirm
                    title={t("reports.plan_delete_confirm")}
                    okText={t("reports.plan_delete")}
                    cancelText={t("action.cancel")}
                    onConfirm={() => remove(plan)}
                  >
                    <Button danger>{t("reports.plan_delete")}</Button>
                  </Popconfirm>
                </div>
              ) : null}
            </li>
          ))}
        </ul>
      )}
      {edited ? (
        <PlanDialog
          key={edited === "new" ? "new" : edited.id}
          plan={edited === "new" ? null : edited}
          choices={plans}
          onClose={() => setEdited(null)}
        />
      ) : null}
    </div>
  );
}
