/** Floor, target and stretch that history reaches with 80, 50 and 20%: each with the present value's chance beside it. */
import { Button, Skeleton } from "antd";
import { editText, formatAmount, formatShare, sameAmount } from "../../data/decimal";
import { type Change, editedValues, type RowEdit } from "../../data/edits";
import { useFeasibility } from "../../data/insight";
import type { TargetField, TargetRow } from "../../data/types";
import { useI18n } from "../../i18n";

interface Props {
  row: TargetRow;
  edit: RowEdit | undefined;
  canEdit: boolean;
  onChange: (changes: Change[]) => void;
}

const GOALS = ["floor", "target", "stretch"] as const;

export function FeasibilityPanel({ row, edit, canEdit, onChange }: Props) {
  const { t } = useI18n();
  const { data, isPending, isError } = useFeasibility(row);
  const values = editedValues(row, edit);
  const show = (value: string | null) =>
    formatAmount(value, row.number_format, { currency: row.currency, unit: row.unit });
  const proposals = GOALS.flatMap((goal) => {
    const value = data?.[goal] ?? null;
    return value === null ? [] : [{ goal, field: `${goal}_value` as TargetField, value }];
  });
  const take = (list: typeof proposals) =>
    onChange(list.map(({ field, value }) => ({ row, field, text: editText(value, row.number_format) })));
  return (
    <section className="kp-feasible" aria-label={t("feasible.title")} data-testid="feasibility">
      <h2>{t("feasible.title")}</h2>
      {isPending ? <Skeleton active title={false} paragraph={{ rows: 2 }} /> : null}
      {isError ? <p className="kp-muted">{t("feasible.failed")}</p> : null}
      {data && !data.has_forecast ? <p className="kp-muted">{data.message || t("plan.no_history")}</p> : null}
      {proposals.length > 0 ? (
        <>
          <ul className="kp-feasible__list">
            {proposals.map(({ goal, field, value }) => {
              const isSame = sameAmount(values[field], value);
              return (
                <li key={goal}>
                  <span className="kp-feasible__goal">
                    {t(`targets.column.${goal}_value`)}
                    <span className="kp-muted">
                      {t("feasible.chance", { chance: formatShare(data?.probabilities[goal]) })}
                    </span>
                  </span>
                  <strong>{show(value)}</strong>
                  <span className="kp-muted kp-feasible__now">
                    {values[field] !== null && data?.current[goal]
                      ? t("feasible.now", {
                          value: show(values[field]),
                          chance: edit?.fields[field] ? "…" : formatShare(data.current[goal]),
                        })
                      : ""}
                  </span>
                  {canEdit ? (
                    <Button
                      size="small"
                      disabled={isSame}
                      onClick={() => take([{ goal, field, value }])}
                      aria-label={t("feasible.use_one", { field: t(`targets.column.${goal}_value`) })}
                      data-testid={`use-${goal}`}
                    >
                      {t(isSame ? "feasible.used" : "feasible.use")}
                    </Button>
                  ) : null}
                </li>
              );
            })}
          </ul>
          <p className="kp-feasible__foot kp-muted">
            {t("feasible.basis", { method: data?.method ?? "—", count: data?.history_periods ?? 0 })}
            {canEdit ? (
              <Button type="link" size="small" onClick={() => take(proposals)} data-testid="use-all">
                {t("feasible.use_all")}
              </Button>
            ) : null}
          </p>
        </>
      ) : null}
    </section>
  );
}
