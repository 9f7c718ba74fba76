/** Plan or list: two buttons of which one is pressed. */
import { TableOutlined, UnorderedListOutlined } from "@ant-design/icons";
import { Button, Space } from "antd";
import { useI18n } from "../../i18n";
import type { TargetView } from "../../pages/useTargetFilters";

interface Props {
  value: TargetView;
  onChange: (view: TargetView) => void;
}

const VIEWS: { view: TargetView; icon: React.ReactNode }[] = [
  { view: "plan", icon: <TableOutlined aria-hidden="true" /> },
  { view: "list", icon: <UnorderedListOutlined aria-hidden="true" /> },
];

export function ViewSwitch({ value, onChange }: Props) {
  const { t, label } = useI18n();
  return (
    <Space.Compact aria-label={t("plan.view")} role="group">
      {VIEWS.map(({ view, icon }) => (
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
