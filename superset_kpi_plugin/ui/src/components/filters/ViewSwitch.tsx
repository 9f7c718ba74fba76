/** The views of the Targets page: buttons of which one is pressed; on a phone, where they don't fit, a list to choose from. */
import {
  AimOutlined,
  CalendarOutlined,
  EditOutlined,
  IdcardOutlined,
  TableOutlined,
  UnorderedListOutlined,
} from "@ant-design/icons";
import { Button, Select, Space } from "antd";
import { useI18n } from "../../i18n";
import type { TargetView } from "../../pages/useTargetFilters";
import { useIsPhone } from "../useIsPhone";

interface Props {
  value: TargetView;
  /** False on a phone, where periods don't fit side by side. */
  hasPlan: boolean;
  onChange: (view: TargetView) => void;
}

const VIEWS: { view: TargetView; icon: React.ReactNode }[] = [
  { view: "plan", icon: <TableOutlined aria-hidden="true" /> },
  { view: "year", icon: <CalendarOutlined aria-hidden="true" /> },
  { view: "list", icon: <UnorderedListOutlined aria-hidden="true" /> },
  { view: "scores", icon: <IdcardOutlined aria-hidden="true" /> },
  { view: "objectives", icon: <AimOutlined aria-hidden="true" /> },
  { view: "manual", icon: <EditOutlined aria-hidden="true" /> },
];

export function ViewSwitch({ value, hasPlan, onChange }: Props) {
  const { t, label } = useI18n();
  const isPhone = useIsPhone();
  const views = VIEWS.filter(({ view }) => hasPlan || view !== "plan");
  if (isPhone) {
    return (
      <Select<TargetView>
        value={value}
        aria-label={t("plan.view")}
        className="kp-views"
        onChange={onChange}
        options={views.map(({ view }) => ({ value: view, label: label("plan.view_name", view) }))}
        data-testid="view"
      />
    );
  }
  return (
    <Space.Compact aria-label={t("plan.view")} role="group">
      {views.map(({ view, icon }) => (
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
