/** The mark of a figure that its source may still restate. */
import { ClockCircleOutlined } from "@ant-design/icons";
import type { HomeTarget } from "../../data/home";
import { formatDate } from "../../data/period";
import { useI18n } from "../../i18n";

export function Provisional({ row }: { row: Pick<HomeTarget, "is_settled" | "covered_through" | "value"> }) {
  const { t, locale } = useI18n();
  if (row.is_settled !== false || row.value === null) return null;
  return (
    <span className="kp-provisional" data-testid="provisional">
      <ClockCircleOutlined aria-hidden="true" />{" "}
      {t("home.provisional", { day: formatDate(row.covered_through, locale) })}
    </span>
  );
}
