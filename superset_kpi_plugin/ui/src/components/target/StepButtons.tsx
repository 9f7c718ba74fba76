/** The steps that are open for one target now, as buttons. */
import { CheckOutlined, LikeOutlined, LockOutlined, SendOutlined, UnlockOutlined } from "@ant-design/icons";
import { Button } from "antd";
import type { ReactNode } from "react";
import { canTake, STEPS, type Step } from "../../data/agreement";
import type { Me, TargetRow } from "../../data/types";
import { useI18n } from "../../i18n";
import type { Asked } from "./AgreementDialog";

interface Props {
  row: TargetRow;
  permissions: Me["permissions"] | undefined;
  onAsk: (asked: Asked) => void;
  steps?: readonly Step[];
}

const ICON: Record<Step, ReactNode> = {
  propose: <SendOutlined />,
  accept: <LikeOutlined />,
  approve: <CheckOutlined />,
  lock: <LockOutlined />,
  unlock: <UnlockOutlined />,
};

export function StepButtons({ row, permissions, onAsk, steps = STEPS }: Props) {
  const { t } = useI18n();
  const open = steps.filter((step) => canTake(step, row, permissions));
  if (open.length === 0) return null;
  return (
    <span className="kp-steps">
      {open.map((step) => (
        <Button
          key={step}
          icon={ICON[step]}
          onClick={() => onAsk({ step, rows: [row] })}
          data-testid={`step-${step}`}
        >
          {t(`agree_step.${step}`)}
        </Button>
      ))}
    </span>
  );
}
