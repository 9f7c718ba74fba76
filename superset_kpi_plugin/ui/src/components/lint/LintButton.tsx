/** Opens the linter's list; says how many findings are open. */
import { SafetyCertificateOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { type LintPlace, sortFindings, useLint } from "../../data/lint";
import { useI18n } from "../../i18n";

export function LintButton({ place, onOpen }: { place: LintPlace; onOpen: () => void }) {
  const { t } = useI18n();
  const { data } = useLint(place);
  const count = sortFindings(data ?? []).open.length;
  return (
    <Button icon={<SafetyCertificateOutlined />} onClick={onOpen} data-testid="open-lint">
      {data ? t("lint.open", { count }) : t("lint.check")}
    </Button>
  );
}
