/** From a KPI of an entity to its diagnosis. */
import { useCatalogue } from "../../data/common";
import { useI18n } from "../../i18n";
import { PageLink } from "../PageLink";

/** The diagnosis of a KPI and an entity; without a KPI, of all that the entity has. */
export function diagnosisOf(kpi: string | null, entity: string): string {
  return `?${new URLSearchParams({ ...(kpi ? { kpi } : {}), entity })}`;
}

export function DiagnoseLink({ row }: { row: { kpi_id: string; entity_id: string } }) {
  const { t } = useI18n();
  const { data: catalogue } = useCatalogue();
  // Alerts on streams and differences are about no KPI of the catalogue.
  const kpi = catalogue?.some((known) => known.kpi_id === row.kpi_id) ? row.kpi_id : null;
  return (
    <PageLink
      page="diagnosis"
      at={diagnosisOf(kpi, row.entity_id)}
      className="kp-link"
      data-testid="diagnose"
    >
      {t("diagnosis.why")}
    </PageLink>
  );
}
