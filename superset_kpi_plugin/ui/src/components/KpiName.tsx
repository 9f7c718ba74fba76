/** A KPI's name wherever it is shown: a link to what the glossary says of it, and whether people enter it. */
import { useI18n } from "../i18n";
import { ManualMark } from "./ManualMark";
import { PageLink } from "./PageLink";

interface Props {
  kpi: { kpi_id: string; kpi_name?: string | null };
  /** In a grid, whose cells take the focus one after the other. */
  tabIndex?: number;
}

export function KpiName({ kpi, tabIndex }: Props) {
  const { t } = useI18n();
  const name = kpi.kpi_name ?? kpi.kpi_id;
  return (
    <>
      <PageLink
        page="glossary"
        at={`#${encodeURIComponent(kpi.kpi_id)}`}
        className="kp-kpiname"
        tabIndex={tabIndex}
        title={t("glossary.open", { kpi: name })}
        data-testid="kpi-name"
      >
        {name}
      </PageLink>{" "}
      <ManualMark kpiId={kpi.kpi_id} />
    </>
  );
}
