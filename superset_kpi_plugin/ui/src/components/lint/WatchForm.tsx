/** Which KPIs are only to be watched from now on: shown before it is saved, and each can be left a core KPI. */
import { Button, Checkbox } from "antd";
import { useState } from "react";
import { kpiName, useCatalogue } from "../../data/common";
import type { TargetInput } from "../../data/types";
import { useI18n } from "../../i18n";

interface Props {
  /** The rows that weigh a KPI's targets 0. */
  rows: readonly TargetInput[];
  isBusy: boolean;
  entityName: (entityId: string) => string;
  onSubmit: (rows: TargetInput[]) => void;
}

export function WatchForm({ rows, isBusy, entityName, onSubmit }: Props) {
  const { t, locale } = useI18n();
  const { data: catalogue } = useCatalogue();
  const [kept, setKept] = useState<ReadonlySet<string>>(new Set());
  const kpis = [...new Set(rows.map((row) => row.kpi_id))];
  const chosen = rows.filter((row) => !kept.has(row.kpi_id));
  const toggle = (kpiId: string) => {
    const next = new Set(kept);
    if (!next.delete(kpiId)) next.add(kpiId);
    setKept(next);
  };
  return (
    <form
      className="kp-waiver"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit(chosen);
      }}
      data-testid="watch-form"
    >
      <p className="kp-muted">{t("lint.watch_hint")}</p>
      <ul className="kp-watched">
        {kpis.map((kpiId) => {
          const kpi = catalogue?.find((one) => one.kpi_id === kpiId);
          const places = rows.filter((row) => row.kpi_id === kpiId).map((row) => entityName(row.entity_id));
          return (
            <li key={kpiId}>
              <Checkbox checked={!kept.has(kpiId)} onChange={() => toggle(kpiId)}>
                <strong>{kpi ? kpiName(kpi, locale) : kpiId}</strong>{" "}
                <span className="kp-muted">{places.join(", ")}</span>
              </Checkbox>
            </li>
          );
        })}
      </ul>
      <Button
        type="primary"
        htmlType="submit"
        disabled={chosen.length === 0}
        loading={isBusy}
        data-testid="watch-save"
      >
        {t("lint.watch_save", { count: chosen.length })}
      </Button>
    </form>
  );
}
