/** Plan, list or scorecards: buttons of which one is pressed. */
import { IdcardOutlined, TableOutlined, UnorderedListOutlined } from "@ant-design/icons";
import { Button, Space } from "antd";
import { useI18n } from "../../i18n";
import type { TargetView } from "../../pages/useTargetFilters";

interface Props {
  value: TargetView;
  /** False on a phone, where periods don't fit side by side. */
  hasPlan: boolean;
  onChange: (view: TargetView) => void;
}

const VIEWS: { view: TargetView; icon: React.ReactNode }[] = [
  { view: "plan", icon: <TableOutlined aria-hidden="true" /> },
  { view: "list", icon: <UnorderedListOutlined aria-hidden="true" /> },
  { view: "scores", icon: <IdcardOutlined aria-hidden="true" /> },
];

export function ViewSwitch({ value, hasPlan, onChange }: Props) {
  const { t, label } = useI18n();
  return (
    <Space.Compact aria-label={t("plan.view")} role="group">
      {VIEWS.filter(({ view }) => hasPlan || view !== "plan").map(({ view, icon }) => (
        <Button
          key={view}
          icon={icon}
          aria-pressed={value === view}
          className={value === view ? "kp-pressed" : undefined}
          onClick={() => onChange(view)}
          data-testid={`view-${view}`}
        >
          {label("plan.view_name", view)}
        </Button>
      ))}
    </Space.Compact>
  );
}
