/** A status as an icon of its own shape, a word, and a colour that colour-blind readers tell apart. */
import {
  AlertFilled,
  CheckCircleFilled,
  ClockCircleOutlined,
  CloseCircleFilled,
  HourglassOutlined,
  InfoCircleFilled,
  MinusCircleOutlined,
  WarningFilled,
} from "@ant-design/icons";
import type { ReactNode } from "react";
import type { AlertState, Severity, Status } from "../data/types";
import { useI18n } from "../i18n";

type Tone = "ok" | "warn" | "breach" | "muted" | "info";

interface Look {
  tone: Tone;
  icon: ReactNode;
}

const STATUS: Record<Status, Look> = {
  ok: { tone: "ok", icon: <CheckCircleFilled /> },
  warn: { tone: "warn", icon: <WarningFilled /> },
  breach: { tone: "breach", icon: <CloseCircleFilled /> },
  no_data: { tone: "muted", icon: <MinusCircleOutlined /> },
  provisional: { tone: "info", icon: <ClockCircleOutlined /> },
};

const ALERT_STATE: Record<AlertState, Look> = {
  firing: { tone: "breach", icon: <AlertFilled /> },
  pending: { tone: "warn", icon: <HourglassOutlined /> },
  resolved: { tone: "ok", icon: <CheckCircleFilled /> },
  ok: { tone: "ok", icon: <CheckCircleFilled /> },
  no_data: { tone: "muted", icon: <MinusCircleOutlined /> },
  stale: { tone: "muted", icon: <ClockCircleOutlined /> },
};

const SEVERITY: Record<Severity, Look> = {
  critical: { tone: "breach", icon: <CloseCircleFilled /> },
  warning: { tone: "warn", icon: <WarningFilled /> },
  info: { tone: "info", icon: <InfoCircleFilled /> },
};

const UNKNOWN: Look = { tone: "muted", icon: <MinusCircleOutlined /> };

export function Tag({
  tone,
  icon,
  text,
  ...rest
}: Look & { text: string; "data-status"?: string; "data-testid"?: string }) {
  return (
    <span className={`kp-tag kp-tag--${tone}`} {...rest}>
      <span className="kp-tag__icon" aria-hidden="true">
        {icon}
      </span>
      {text}
    </span>
  );
}

export function StatusTag({ status }: { status: Status | null | undefined }) {
  const { label } = useI18n();
  if (!status) return <span className="kp-muted">—</span>;
  return (
    <Tag
      {...(STATUS[status] ?? UNKNOWN)}
      text={label("status", status)}
      data-status={status}
      data-testid="status"
    />
  );
}

export function AlertStateTag({ state }: { state: AlertState }) {
  const { label } = useI18n();
  return (
    <Tag
      {...(ALERT_STATE[state] ?? UNKNOWN)}
      text={label("alert_state", state)}
      data-status={state}
      data-testid="alert-state"
    />
  );
}

export function SeverityTag({ severity }: { severity: Severity }) {
  const { label } = useI18n();
  return (
    <Tag
      {...(SEVERITY[severity] ?? UNKNOWN)}
      text={label("severity", severity)}
      data-status={severity}
      data-testid="severity"
    />
  );
}

export function statusIcon(status: Status): ReactNode {
  return (STATUS[status] ?? UNKNOWN).icon;
}

export function statusTone(status: Status | null | undefined): Tone {
  return status ? (STATUS[status] ?? UNKNOWN).tone : "muted";
}
