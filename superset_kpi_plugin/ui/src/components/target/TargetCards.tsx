/** The phone's list: one card a target, with what matters at a glance; a tap opens it. */
import { RightOutlined } from "@ant-design/icons";
import { useRef } from "react";
import { stateOf } from "../../data/agreement";
import { formatAmount, formatShare } from "../../data/decimal";
import { type Edits, editedValues, rowKey } from "../../data/edits";
import { useFeasibility } from "../../data/insight";
import type { Me, TargetRow } from "../../data/types";
import { useI18n } from "../../i18n";
import { AttainmentBar } from "../AttainmentBar";
import { EntityKind } from "../EntityKind";
import { ManualMark } from "../ManualMark";
import { StatusTag } from "../StatusTag";
import { useSeen } from "../useSeen";
import type { Asked } from "./AgreementDialog";
import { GapText } from "./GapText";
import { StateTag } from "./StateTag";
import { StepButtons } from "./StepButtons";
import { VersionBadge } from "./VersionBadge";

interface Props {
  rows: readonly TargetRow[];
  edits: Edits;
  permissions: Me["permissions"] | undefined;
  onOpen: (row: TargetRow) => void;
  onAsk: (asked: Asked) => void;
}

export function TargetCards({ rows, edits, permissions, onOpen, onAsk }: Props) {
  return (
    <ul className="kp-cards" data-testid="targets-cards">
      {rows.map((row) => (
        <li key={rowKey(row)} className="kp-card-box">
          <TargetCard row={row} edits={edits} onOpen={onOpen} />
          <StepButtons row={row} permissions={permissions} onAsk={onAsk} steps={["propose", "accept"]} />
        </li>
      ))}
    </ul>
  );
}

function TargetCard({ row, edits, onOpen }: { row: TargetRow } & Pick<Props, "edits" | "onOpen">) {
  const { t } = useI18n();
  const edit = edits.get(rowKey(row));
  const target = editedValues(row, edit).target_value;
  const state = stateOf(row);
  const show = (value: string | null | undefined) =>
    formatAmount(value, row.number_format, { currency: row.currency, unit: row.unit });
  return (
    <button
      type="button"
      className={`kp-card${edit ? " kp-card--dirty" : ""}`}
      onClick={() => onOpen(row)}
      data-testid="target-card"
    >
      <span className="kp-card__head">
        <span className="kp-card__names">
          <span className="kp-card__kpi">
            {row.kpi_name} <ManualMark kpiId={row.kpi_id} />
          </span>
          <span className="kp-card__entity">
            {row.entity_name}{" "}
            <span className="kp-muted">
              <EntityKind entity={row} />
            </span>
          </span>
        </span>
        {row.status?.status ? <StatusTag status={row.status.status} /> : null}
        <RightOutlined className="kp-card__more" aria-hidden="true" />
      </span>
      <span className="kp-card__numbers">
        <span>
          <span className="kp-card__value">{show(row.status?.value)}</span>
          {target === null ? null : (
            <span className="kp-muted">{t("targets.of_target", { target: show(target) })}</span>
          )}
        </span>
        {row.status?.gap == null ? null : (
          <span className="kp-card__gap">
            <GapText row={row} />
            <span className="kp-muted">{t("targets.column.gap")}</span>
          </span>
        )}
      </span>
      {row.status?.attainment ? <AttainmentBar row={row} /> : null}
      <span className="kp-card__foot">
        <span className="kp-muted">
          {row.status?.expected_value
            ? t("targets.expected_to_date", {
                expected: show(row.status.expected_value),
                pace: formatShare(row.status.pace_share),
              })
            : ""}
        </span>
        <Chance row={row} />
        {state && state !== "approved" && state !== "draft" ? <StateTag state={state} /> : null}
        <VersionBadge row={row} />
      </span>
    </button>
  );
}

/** The chance to reach the target; the list doesn't bring it, so each card asks once it is in sight. */
function Chance({ row }: { row: TargetRow }) {
  const { t } = useI18n();
  const element = useRef<HTMLSpanElement>(null);
  const isSeen = useSeen(element);
  const known = row.facts?.probability ?? null;
  const { data } = useFeasibility(isSeen && known === null && row.id !== null ? row : null);
  const chance = known ?? data?.current.target ?? null;
  return (
    <span className="kp-muted" ref={element}>
      {chance === null ? "" : t("feasible.chance", { chance: formatShare(chance) })}
    </span>
  );
}
