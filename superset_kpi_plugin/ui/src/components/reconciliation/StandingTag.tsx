/** Where a difference stands, as icon, word and colour; a sign-off that lapsed says why. */
import {
  CheckCircleFilled,
  ExclamationCircleFilled,
  HistoryOutlined,
  MessageOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";
import type { Difference, Standing } from "../../data/reconciliation";
import { useI18n } from "../../i18n";
import { Tag } from "../StatusTag";

const LOOKS: Record<Standing, { tone: "ok" | "warn" | "breach" | "info"; icon: ReactNode }> = {
  open: { tone: "breach", icon: <ExclamationCircleFilled /> },
  lapsed: { tone: "warn", icon: <HistoryOutlined /> },
  explained: { tone: "info", icon: <MessageOutlined /> },
  signed: { tone: "ok", icon: <CheckCircleFilled /> },
};

export function StandingTag({ row }: { row: Pick<Difference, "standing" | "lapse"> }) {
  const { label } = useI18n();
  if (!row.standing) return <span className="kp-muted">—</span>;
  const text = row.lapse ? label("standing.lapse", row.lapse) : label("standing", row.standing);
  return (
    <Tag {...LOOKS[row.standing]} text={text} data-status={row.standing} data-testid="difference-standing" />
  );
}
