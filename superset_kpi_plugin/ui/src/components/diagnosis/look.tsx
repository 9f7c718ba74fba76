/** How a status of the diagnosis looks: an icon of its own shape, a word, a colour. */
import {
  CheckCircleFilled,
  CloseCircleFilled,
  QuestionCircleOutlined,
  WarningFilled,
} from "@ant-design/icons";
import type { ReactNode } from "react";
import type { CheckStatus } from "../../data/diagnosis";
import { useI18n } from "../../i18n";
import { Tag } from "../StatusTag";

const LOOK: Record<CheckStatus, { tone: "ok" | "warn" | "breach" | "muted"; icon: ReactNode }> = {
  ok: { tone: "ok", icon: <CheckCircleFilled /> },
  unknown: { tone: "muted", icon: <QuestionCircleOutlined /> },
  warning: { tone: "warn", icon: <WarningFilled /> },
  problem: { tone: "breach", icon: <CloseCircleFilled /> },
};

export function DiagnosisTag({ status }: { status: CheckStatus }) {
  const { label } = useI18n();
  return (
    <Tag
      {...(LOOK[status] ?? LOOK.unknown)}
      text={label("diagnosis.status", status)}
      data-status={status}
      data-testid="check-status"
    />
  );
}

/** The same as an icon, for a list whose lines say in words what they are. */
export function DiagnosisIcon({ status }: { status: CheckStatus }) {
  const { label } = useI18n();
  const look = LOOK[status] ?? LOOK.unknown;
  return (
    <span className={`kp-diagnosis__icon kp-diagnosis__icon--${look.tone}`}>
      <span aria-hidden="true">{look.icon}</span>
      <span className="kp-hidden">{label("diagnosis.status", status)}: </span>
    </span>
  );
}
