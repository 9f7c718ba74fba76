/** Every entry of a value, the newest first: who entered what, when, and from where it came. */
import { Drawer } from "antd";
import { formatAmount } from "../../data/decimal";
import { type ManualKpi, type ManualValue, useManualHistory } from "../../data/manual";
import { formatInstant, formatPeriod } from "../../data/period";
import { useI18n } from "../../i18n";
import { GridSkeleton } from "../Skeletons";
import { LoadError } from "../StateMessage";
import { useIsPhone } from "../useIsPhone";

interface Props {
  kpi: ManualKpi;
  value: ManualValue;
  onClose: () => void;
}

export function ManualHistory({ kpi, value, onClose }: Props) {
  const { t, locale } = useI18n();
  const isPhone = useIsPhone();
  const { data, isPending, isError, error, refetch } = useManualHistory(value.id);
  return (
    <Drawer
      open
      onClose={onClose}
      placement={isPhone ? "bottom" : "right"}
      width={460}
      height="80%"
      title={t("manual.value_of", {
        entity: value.entity_name ?? value.entity_id,
        period: formatPeriod(value.period_start, kpi.grain, locale),
      })}
      closable={{ "aria-label": t("action.close") }}
    >
      {isError ? <LoadError error={error} onRetry={() => void refetch()} /> : null}
      {isPending ? <GridSkeleton label={t("state.loading")} /> : null}
      <ol className="kp-timeline" data-testid="manual-history">
        {data?.map((entry) => (
          <li key={entry.revision}>
            <div className="kp-timeline__head">
              <span className="kp-muted">
                {t("history.changed", {
                  by: entry.entered_by,
                  at: formatInstant(entry.entered_at, locale),
                })}
              </span>
              <strong className="kp-timeline__value">
                {entry.value === null
                  ? t("manual.withdrawn")
                  : formatAmount(entry.value, kpi.number_format, {
                      unit: kpi.unit,
                      currency: entry.currency,
                    })}
              </strong>
            </div>
            <p className="kp-prewrap">{entry.note}</p>
          </li>
        ))}
      </ol>
    </Drawer>
  );
}
