/** How the state of a stream looks. */
import {
  CheckCircleFilled,
  ClockCircleOutlined,
  CloseCircleFilled,
  MinusCircleOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";

interface StreamLook {
  tone: "ok" | "warn" | "breach" | "muted";
  icon: ReactNode;
}

export const UNKNOWN_LOOK: StreamLook = { tone: "muted", icon: <MinusCircleOutlined /> };
export const STREAM_LOOK: Record<string, StreamLook> = {
  fresh: { tone: "ok", icon: <CheckCircleFilled /> },
  stale: { tone: "warn", icon: <ClockCircleOutlined /> },
  failed: { tone: "breach", icon: <CloseCircleFilled /> },
  never: UNKNOWN_LOOK,
};
