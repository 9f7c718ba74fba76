/** What a number is made of: its formula, the KPIs that drive it, the entities below, the sources and their freshness. */
import { Skeleton } from "antd";
import { formatAmount, formatShare, toNumber } from "../../data/decimal";
import { useExplanation } from "../../data/insight";
import { formatAgo, formatDate } from "../../data/period";
import type { TargetRow } from "../../data/types";
import { useI18n } from "../../i18n";
import { LoadError } from "../StateMessage";

/** The number of another entity or KPI, and what both are called. */
export type Place = Pick<TargetRow, "kpi_id" | "kpi_name" | "entity_id" | "entity_name">;

interface Props {
  row: TargetRow;
  /** Goes on to the number of another entity or KPI. */
  onOpen: (place: Place) => void;
}

function placeOf({ kpi_id, kpi_name, entity_id, entity_name }: TargetRow): Place {
  return { kpi_id, kpi_name, entity_id, entity_name };
}

export function MadeOf({ row, onOpen }: Props) {
  const { t, label, locale } = useI18n();
  const { data, isPending, isError, error, refetch } = useExplanation(row);
  if (isPending) return <Skeleton active paragraph={{ rows: 6 }} />;
  if (isError) return <LoadError error={error} onRetry={() => void refetch()} />;
  const show = (value: string | null) =>
    formatAmount(value, row.number_format, {
      currency: data.value?.currency ?? row.currency,
      unit: row.unit,
    });
  const { value } = data;
  return (
    <div className="kp-made" data-testid="made-of">
      <section>
        <h2>{t("made.formula")}</h2>
        <p>{data.kpi.formula ?? "—"}</p>
        {value?.denominator ? (
          <p className="kp-made__fraction">
            {formatAmount(value.numerator, ",.2~f")} ÷ {formatAmount(value.denominator, ",.2~f")} ={" "}
            <strong>{show(value.value)}</strong>
          </p>
        ) : (
          <p>
            <strong>{value ? show(value.value) : t("status.no_data")}</strong>{" "}
            {value?.is_settled === false ? <span className="kp-muted">{t("made.unsettled")}</span> : null}
          </p>
        )}
      </section>
      {data.drivers.length > 0 ? (
        <section>
          <h2>{t("made.drivers")}</h2>
          <p className="kp-muted">{t("made.arithmetic")}</p>
          <table className="kp-table kp-table--tight">
            <thead>
              <tr>
                <th scope="col">{t("targets.column.kpi")}</th>
                <th scope="col" className="kp-cell--end">
                  {t("targets.column.value")}
                </th>
                <th scope="col" className="kp-cell--end">
                  {t("plan.last_year")}
                </th>
              </tr>
            </thead>
            <tbody>
              {data.drivers.map((driver) => {
                const options = { unit: driver.unit, currency: value?.currency };
                return (
                  <tr key={driver.kpi_id}>
                    <td>
                      <button
                        type="button"
                        className="kp-open"
                        onClick={() =>
                          onOpen({ ...placeOf(row), kpi_id: driver.kpi_id, kpi_name: driver.name })
                        }
                      >
                        {driver.name}
                      </button>
                    </td>
                    <td className="kp-cell--end">
                      {formatAmount(driver.value, driver.number_format, options)}
                    </td>
                    <td className="kp-cell--end kp-muted">
                      {formatAmount(driver.last_year, driver.number_format, options)}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </section>
      ) : null}
      {data.parts.length > 0 ? (
        <section>
          <h2>{t("made.parts")}</h2>
          <ul className="kp-parts" data-testid="made-parts">
            {data.parts.map((part) => (
              <li key={`${part.tree}|${part.entity_id}`}>
                <button
                  type="button"
                  className="kp-open"
                  onClick={() =>
                    onOpen({
                      ...placeOf(row),
                      entity_id: part.entity_id,
                      entity_name: part.entity_name ?? part.entity_id,
                    })
                  }
                >
                  {part.entity_name}
                </button>
                <span className="kp-parts__bar" aria-hidden="true">
                  <span
                    style={{ inlineSize: `${Math.max(0, Math.min(1, toNumber(part.share) ?? 0)) * 100}%` }}
                  />
                </span>
                <span className="kp-parts__value">{show(part.value)}</span>
                <span className="kp-muted kp-parts__share">{part.share ? formatShare(part.share) : ""}</span>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <section>
        <h2>{t("made.sources")}</h2>
        <ul className="kp-sources">
          {data.sources.map((source) => (
            <li key={`${source.platform}|${source.account_id}|${source.stream}`}>
              <span>
                {source.account_id} · {source.stream}
              </span>
              <span className={source.state === "fresh" ? "kp-muted" : "kp-late"}>
                {label("freshness_state", source.state)} ·{" "}
                {t("freshness.covered", {
                  day: formatDate(source.covered_through, locale),
                  ago: formatAgo(source.loaded_at, locale),
                })}
              </span>
            </li>
          ))}
        </ul>
        {data.sources.length === 0 ? <p className="kp-muted">{t("freshness.none")}</p> : null}
      </section>
    </div>
  );
}
