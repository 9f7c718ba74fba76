/** Where a target stands on its way to an agreement: an icon of its own shape, a word, a colour. */
import {
  CheckCircleOutlined,
  EditOutlined,
  LikeOutlined,
  LockOutlined,
  SendOutlined,
  SwapOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";
import type { AgreementState } from "../../data/types";
import { useI18n } from "../../i18n";
import { Tag } from "../StatusTag";

const LOOK: Record<AgreementState, { tone: "ok" | "warn" | "muted" | "info"; icon: ReactNode }> = {
  draft: { tone: "muted", icon: <EditOutlined /> },
  proposed: { tone: "info", icon: <SendOutlined /> },
  countered: { tone: "warn", icon: <SwapOutlined /> },
  accepted: { tone: "info", icon: <LikeOutlined /> },
  approved: { tone: "ok", icon: <CheckCircleOutlined /> },
  locked: { tone: "muted", icon: <LockOutlined /> },
};

export function StateTag({ state }: { state: AgreementState }) {
  const { label } = useI18n();
  const look = LOOK[state] ?? LOOK.draft;
  return <Tag {...look} text={label("agreement", state)} data-status={state} data-testid="agreement-state" />;
}

/** The same as an icon alone, for cells; approved targets are the rule, and carry none. */
export function StateIcon({ state }: { state: AgreementState | null }) {
  const { label } = useI18n();
  if (!state || state === "approved" || !LOOK[state]) return null;
  return (
    <span className="kp-state-icon" title={label("agreement", state)} data-state={state}>
      <span aria-hidden="true">{LOOK[state].icon}</span>
      <span className="kp-hidden">{label("agreement", state)} </span>
    </span>
  );
}
