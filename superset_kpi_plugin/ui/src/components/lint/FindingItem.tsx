/** One finding of the linter: what is doubtful, one click to mend it where it can be mended, and a waiver. */
import {
  CloseCircleFilled,
  InfoCircleFilled,
  KeyOutlined,
  ToolOutlined,
  WarningFilled,
} from "@ant-design/icons";
import { App, Button, type ButtonProps, Input, Popconfirm } from "antd";
import dayjs from "dayjs";
import { type ReactNode, useId, useState } from "react";
import { useCatalogue } from "../../data/common";
import { formatAmount } from "../../data/decimal";
import { type Finding, type LintSeverity, useLintActions } from "../../data/lint";
import { formatDate, marketplaceToday } from "../../data/period";
import type { TargetInput } from "../../data/types";
import { useI18n } from "../../i18n";
import { DayInput } from "../DayInput";
import { errorText } from "../StateMessage";
import { Tag } from "../StatusTag";
import { MeansForm } from "./MeansForm";
import { WatchForm } from "./WatchForm";

const LOOK: Record<LintSeverity, { tone: "breach" | "warn" | "info"; icon: ReactNode }> = {
  refusal: { tone: "breach", icon: <CloseCircleFilled /> },
  warning: { tone: "warn", icon: <WarningFilled /> },
  info: { tone: "info", icon: <InfoCircleFilled /> },
};

interface Props {
  finding: Finding;
  /** What it is about, as in "Aurora US · GMV". */
  subject: string;
  entityName: (entityId: string) => string;
  canEdit: boolean;
  canWaive: boolean;
  onShow?: () => void;
  /** It is mended, and will go: whoever works by keyboard goes on with the list. */
  onMended: () => void;
}

export function FindingItem({ finding, subject, entityName, canEdit, canWaive, onShow, onMended }: Props) {
  const i18n = useI18n();
  const { t, label, locale } = i18n;
  const { message } = App.useApp();
  const actions = useLintActions();
  const [isWaiving, setWaiving] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const { mend, ask, grant, waiver } = finding;
  // Which KPIs matter least is a person's choice: the rows are shown before they are saved.
  const isChoice = finding.rule === "too_many_kpis";
  const failed = (error: unknown) => void message.error(errorText(error, i18n), 6);
  const mended = (count: number) => {
    message.success(t("lint.mended", { count }));
    onMended();
  };
  const save = (rows: TargetInput[]) =>
    actions.mend.mutate(rows, { onSuccess: () => mended(rows.length), onError: failed });
  const look = LOOK[finding.severity] ?? LOOK.info;
  return (
    <li className="kp-finding" data-testid="finding" data-rule={finding.rule}>
      <div className="kp-finding__head">
        <Tag {...look} text={label("lint.severity", finding.severity)} data-status={finding.severity} />
        {finding.owner ? <span className="kp-muted">{finding.owner_name ?? finding.owner}</span> : null}
      </div>
      {subject ? <strong>{subject}</strong> : null}
      <p className="kp-prewrap">{finding.message}</p>
      {waiver ? (
        <p className="kp-muted" data-testid="waiver">
          {t("lint.waiver", {
            reason: waiver.reason,
            until: formatDate(waiver.ends_on, locale),
            by: waiver.created_by ?? "—",
          })}
        </p>
      ) : null}
      <div className="kp-finding__do">
        {mend && canEdit && !waiver ? (
          <Button
            type="primary"
            size="small"
            icon={<ToolOutlined />}
            loading={actions.mend.isPending}
            aria-expanded={isChoice ? isAsking : undefined}
            onClick={() => (isChoice ? setAsking(!isAsking) : save(mend.rows))}
            data-testid="mend"
          >
            <MendLabel finding={finding} />
          </Button>
        ) : null}
        {ask && canEdit && !waiver ? (
          <Button
            type="primary"
            size="small"
            icon={<ToolOutlined />}
            aria-expanded={isAsking}
            onClick={() => setAsking(!isAsking)}
            data-testid="ask-means"
          >
            {t("lint.add_means")}
          </Button>
        ) : null}
        {grant && !waiver ? (
          <Popconfirm
            title={t("lint.grant_ask", {
              owner: grant.subject,
              entity: finding.entity_name ?? entityName(grant.entity_id),
            })}
            okText={t("lint.grant")}
            okButtonProps={{ "data-testid": "grant-confirm" } as ButtonProps}
            cancelText={t("action.cancel")}
            onConfirm={() =>
              actions.grant.mutate(grant, {
                onSuccess: () => {
                  message.success(t("lint.granted", { owner: grant.subject }));
                  onMended();
                },
                onError: failed,
              })
            }
          >
            <Button
              size="small"
              icon={<KeyOutlined />}
              loading={actions.grant.isPending}
              data-testid="grant-scope"
            >
              {t("lint.grant_to", { owner: grant.subject })}
            </Button>
          </Popconfirm>
        ) : null}
        {onShow ? (
          <Button size="small" onClick={onShow} data-testid="show-finding">
            {t("lint.show")}
          </Button>
        ) : null}
        {canWaive && !waiver ? (
          <Button
            size="small"
            aria-expanded={isWaiving}
            onClick={() => setWaiving(!isWaiving)}
            data-testid="waive"
          >
            {t("lint.waive")}
          </Button>
        ) : null}
        {canWaive && waiver ? (
          <Button
            size="small"
            loading={actions.withdraw.isPending}
            onClick={() => actions.withdraw.mutate(waiver.id, { onError: failed })}
            data-testid="withdraw-waiver"
          >
            {t("lint.withdraw")}
          </Button>
        ) : null}
      </div>
      {ask && isAsking && !waiver ? (
        <MeansForm isBusy={actions.mend.isPending} onSubmit={(means) => save([{ ...ask.row, ...means }])} />
      ) : null}
      {mend && isChoice && isAsking && !waiver ? (
        <WatchForm
          rows={mend.rows}
          isBusy={actions.mend.isPending}
          entityName={(entityId) => mend.names?.[entityId] ?? entityName(entityId)}
          onSubmit={save}
        />
      ) : null}
      {isWaiving ? (
        <WaiverForm
          isBusy={actions.waive.isPending}
          onSubmit={(reason, until) =>
            actions.waive.mutate(
              { key: finding.key, reason, ends_on: until },
              { onSuccess: () => setWaiving(false), onError: failed },
            )
          }
        />
      ) : null}
    </li>
  );
}

/** What the one click does: by rule, with the value where there is one. */
function MendLabel({ finding: { rule, mend } }: { finding: Finding }) {
  const { t, label } = useI18n();
  const { data: catalogue } = useCatalogue();
  const row = mend?.rows[0];
  const key = MENDED.includes(rule) ? rule : "other";
  if (rule === "too_many_kpis") return <>{t("lint.watch")}</>;
  if (row?.owner) return <>{t("lint.mend_owner", { owner: row.owner })}</>;
  const kpi = catalogue?.find((one) => one.kpi_id === row?.kpi_id);
  const value = row?.target_value
    ? formatAmount(row.target_value, kpi?.number_format, { unit: kpi?.unit })
    : null;
  return <>{value ? `${label("lint.mend", key)}: ${value}` : label("lint.mend", key)}</>;
}

const MENDED = ["unlikely_or_certain", "children_do_not_add_up", "missing_counter_kpi", "off_season_limits"];

function WaiverForm({
  isBusy,
  onSubmit,
}: {
  isBusy: boolean;
  onSubmit: (reason: string, until: string) => void;
}) {
  const { t } = useI18n();
  const id = useId();
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState(() => dayjs(marketplaceToday()).add(3, "month").format("YYYY-MM-DD"));
  return (
    <div className="kp-waiver">
      <label htmlFor={`${id}-reason`}>
        {t("lint.reason")} <span aria-hidden="true">*</span>
      </label>
      <Input.TextArea
        id={`${id}-reason`}
        value={reason}
        maxLength={2000}
        autoSize={{ minRows: 2, maxRows: 5 }}
        aria-required="true"
        onChange={(event) => setReason(event.target.value)}
        data-testid="waiver-reason"
      />
      <label htmlFor={`${id}-until`}>{t("lint.until")}</label>
      <DayInput
        id={`${id}-until`}
        value={until}
        allowClear={false}
        min={marketplaceToday()}
        onChange={(day) => day && setUntil(day)}
      />
      <Button
        type="primary"
        disabled={reason.trim() === ""}
        loading={isBusy}
        onClick={() => onSubmit(reason.trim(), until)}
        data-testid="waiver-save"
      >
        {t("lint.waive_until")}
      </Button>
    </div>
  );
}
