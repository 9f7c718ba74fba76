/** KPIs that nobody computes: define them, enter their values per entity and period, see who entered what. */
import { PlusOutlined, SettingOutlined } from "@ant-design/icons";
import { Button, Select } from "antd";
import { useState } from "react";
import { kpiName, useMe } from "../../data/common";
import { type ManualKpi, useManualKpis } from "../../data/manual";
import { periodStart } from "../../data/period";
import { useI18n } from "../../i18n";
import type { TargetFilterState } from "../../pages/useTargetFilters";
import { PeriodPicker } from "../filters/PeriodPicker";
import { GridSkeleton } from "../Skeletons";
import { LoadError, StateMessage } from "../StateMessage";
import { ManualKpiDialog } from "./ManualKpiDialog";
import { ManualTable } from "./ManualTable";

export function ManualPanel({ filters }: { filters: TargetFilterState }) {
  const { t, locale } = useI18n();
  const { data: me } = useMe();
  const { data, isPending, isError, error, refetch } = useManualKpis();
  const [edited, setEdited] = useState<ManualKpi | "new" | null>(null);
  const canDefine = me?.permissions.define === true;
  const kpi = data?.find((one) => one.kpi_id === filters.kpi) ?? data?.[0];
  const start = kpi ? periodStart(filters.start, kpi.grain) : "";
  const body = () => {
    if (isError && !data) return <LoadError error={error} onRetry={() => void refetch()} />;
    if (isPending) return <GridSkeleton label={t("state.loading")} />;
    if (!kpi)
      return (
        <StateMessage
          kind="empty"
          title={t("manual.none_title")}
          hint={t(canDefine ? "manual.none_hint" : "manual.none_hint_reader")}
        />
      );
    return (
      <ManualTable
        key={kpi.kpi_id}
        kpi={kpi}
        start={start}
        canWrite={me?.permissions.propose === true && kpi.is_active}
      />
    );
  };
  return (
    <div className="kp-objectives" data-testid="manual">
      <p className="kp-muted">{t("manual.explained")}</p>
      <div className="kp-manual__bar">
        {kpi ? (
          <>
            <Select
              showSearch
              optionFilterProp="label"
              className="kp-manual__kpi"
              aria-label={t("filter.kpi")}
              value={kpi.kpi_id}
              onChange={(kpi_id) => filters.set({ kpi: kpi_id })}
              options={data?.map((one) => ({
                value: one.kpi_id,
                label: one.is_active
                  ? kpiName(one, locale)
                  : t("manual.switched_off", { kpi: kpiName(one, locale) }),
              }))}
              data-testid="manual-kpi"
            />
            <PeriodPicker
              grain={kpi.grain}
              start={start}
              hasGrain={false}
              onChange={(grain, next) => filters.setPeriod(grain, next)}
            />
          </>
        ) : null}
        {canDefine && kpi ? (
          <Button icon={<SettingOutlined />} onClick={() => setEdited(kpi)} data-testid="manual-change">
            {t("manual.change")}
          </Button>
        ) : null}
        {canDefine ? (
          <Button
            type="primary"
            icon={<PlusOutlined />}
            onClick={() => setEdited("new")}
            data-testid="manual-new"
          >
            {t("manual.new")}
          </Button>
        ) : null}
      </div>
      {body()}
      {edited ? (
        <ManualKpiDialog
          kpi={edited === "new" ? null : edited}
          onClose={(kpi_id) => {
            setEdited(null);
            if (kpi_id) filters.set({ kpi: kpi_id });
          }}
        />
      ) : null}
    </div>
  );
}
