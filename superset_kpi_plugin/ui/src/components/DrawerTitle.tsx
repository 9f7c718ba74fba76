/** What a panel is about: an entity, and its KPI as a link to the glossary. */
import { KpiName } from "./KpiName";

export function DrawerTitle({ row }: { row: { entity_name: string; kpi_id: string; kpi_name: string } }) {
  return (
    <>
      {row.entity_name} · <KpiName kpi={row} />
    </>
  );
}
