/** Says that a KPI's values are entered by people; nothing for one that is computed. */
import { EditOutlined } from "@ant-design/icons";
import { useIsManual } from "../data/manual";
import { useI18n } from "../i18n";
import { Tag } from "./StatusTag";

export function ManualMark({ kpiId }: { kpiId: string }) {
  const { t } = useI18n();
  if (!useIsManual(kpiId)) return null;
  return <Tag tone="muted" icon={<EditOutlined />} text={t("manual.mark")} data-testid="manual-mark" />;
}
