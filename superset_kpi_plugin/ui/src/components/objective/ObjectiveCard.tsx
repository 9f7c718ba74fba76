/** One objective: progress, owner, and its targets with value, attainment and status. */
import { App, Button, Popconfirm } from "antd";
import { kpiName, useCatalogue } from "../../data/common";
import { formatAmount, formatShare, toNumber } from "../../data/decimal";
import { keyOf, type Objective, type ObjectiveKey, useObjectiveActions } from "../../data/objectives";
import { useI18n } from "../../i18n";
import { EntityKind } from "../EntityKind";
import { ManualMark } from "../ManualMark";
import { errorText } from "../StateMessage";
import { StatusTag } from "../StatusTag";

interface Props {
  objective: Objective;
  canWrite: boolean;
  onEdit: () => void;
}

export function ObjectiveCard({ objective, canWrite, onEdit }: Props) {
  const i18n = useI18n();
  const { t } = i18n;
  const { message } = App.useApp();
  const { remove } = useObjectiveActions();
  const removeNow = () =>
    remove.mutate(objective.id, {
      onSuccess: () => void message.success(t("objectives.removed")),
      onError: (refused) => void message.error(errorText(refused, i18n), 6),
    });
  return (
    <li className="kp-objective" data-testid={`objective-${objective.id}`}>
      <div className="kp-objective__head">
        <div>
          <h2 className="kp-objective__name">{objective.name}</h2>
          <p className="kp-muted">
            {objective.owner
              ? t("objectives.owned_by", { owner: objective.owner })
              : t("objectives.no_owner")}
          </p>
        </div>
        {canWrite ? (
          <div className="kp-objective__actions">
            <Button onClick={onEdit} aria-label={t("objectives.change_named", { name: objective.name })}>
              {t("objectives.change")}
            </Button>
            <Popconfirm
              title={t("objectives.remove_confirm")}
              okText={t("objectives.remove")}
              cancelText={t("action.cancel")}
              onConfirm={removeNow}
            >
              <Button
                danger
                loading={remove.isPending}
                aria-label={t("objectives.remove_named", { name: objective.name })}
              >
                {t("objectives.remove")}
              </Button>
            </Popconfirm>
          </div>
        ) : null}
      </div>
      {objective.description ? <p className="kp-objective__text">{objective.description}</p> : null}
      <Progress objective={objective} />
      <KeyTable keys={objective.keys} name={objective.name} />
      {objective.hidden_keys > 0 ? (
        <p className="kp-muted">{t("objectives.hidden", { count: objective.hidden_keys })}</p>
      ) : null}
    </li>
  );
}

function Progress({ objective }: { objective: Objective }) {
  const { t } = useI18n();
  const { progress, covered } = objective;
  if (progress === null) return <p className="kp-muted">{t("objectives.no_progress")}</p>;
  const share = Math.min(Math.max(toNumber(progress) ?? 0, 0), 1) * 100;
  return (
    <div className="kp-progress">
      <div
        className="kp-progress__track"
        role="progressbar"
        aria-label={t("objectives.progress")}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share)}
        aria-valuetext={formatShare(progress)}
      >
        <div className="kp-progress__fill" style={{ inlineSize: `${share}%` }} />
      </div>
      <strong>{formatShare(progress)}</strong>
      {covered !== null && covered !== "1" ? (
        <span className="kp-muted">{t("objectives.covered", { share: formatShare(covered) })}</span>
      ) : null}
    </div>
  );
}

function KeyTable({ keys, name }: { keys: readonly ObjectiveKey[]; name: string }) {
  const { t, locale } = useI18n();
  const { data: catalogue } = useCatalogue();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className="kp-scroll" tabIndex={0} aria-label={t("objectives.keys_of", { name })}>
      <table className="kp-table kp-table--tight kp-table--still">
        <thead>
          <tr>
            <th scope="col">{t("objectives.key")}</th>
            <th scope="col" className="kp-cell--end">
              {t("objectives.value")}
            </th>
            <th scope="col" className="kp-cell--end">
              {t("targets.column.target_value")}
            </th>
            <th scope="col" className="kp-cell--end">
              {t("targets.column.attainment")}
            </th>
            <th scope="col">{t("targets.column.status")}</th>
            <th scope="col" className="kp-cell--end">
              {t("targets.column.weight")}
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => {
            const kpi = catalogue?.find((row) => row.kpi_id === key.kpi_id);
            const show = (value: string | null) =>
              formatAmount(value, kpi?.number_format, { currency: key.currency, unit: kpi?.unit });
            const entity_name = key.entity_name ?? key.entity_id;
            return (
              <tr key={keyOf(key)}>
                <td>
                  {kpi ? kpiName(kpi, locale) : key.kpi_id} · {entity_name} <ManualMark kpiId={key.kpi_id} />
                  {key.entity_kind ? (
                    <span className="kp-muted kp-objective__kind">
                      <EntityKind entity={{ ...key, entity_name, entity_kind: key.entity_kind }} />
                    </span>
                  ) : null}
                </td>
                <td className="kp-cell--end">{show(key.value)}</td>
                <td className="kp-cell--end">{show(key.target_value)}</td>
                <td className="kp-cell--end">{formatShare(key.attainment)}</td>
                <td>
                  <StatusTag status={key.status} />
                </td>
                <td className="kp-cell--end">{formatAmount(key.weight, null)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
