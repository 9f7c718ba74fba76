/** One target in full: how it stands, every field to edit, and its versions. The phone's way to edit. */
import { SwapOutlined } from "@ant-design/icons";
import { Button, Drawer, Tabs } from "antd";
import { canCounter, stateOf } from "../../data/agreement";
import { formatAmount, formatShare } from "../../data/decimal";
import { type Edits, type RowEdit, rowKey } from "../../data/edits";
import { formatDate, formatPeriod } from "../../data/period";
import type { Me, TargetRow } from "../../data/types";
import { useI18n } from "../../i18n";
import type { DraftActions } from "../../pages/useDraftActions";
import { AttainmentBar } from "../AttainmentBar";
import { DrawerTitle } from "../DrawerTitle";
import { DiagnoseLink } from "../diagnosis/DiagnoseLink";
import { EntityKind } from "../EntityKind";
import { StatusTag } from "../StatusTag";
import { useIsPhone } from "../useIsPhone";
import type { Asked } from "./AgreementDialog";
import { Comments } from "./Comments";
import { FeasibilityPanel } from "./FeasibilityPanel";
import { GapText } from "./GapText";
import { MadeOf, type Place } from "./MadeOf";
import { StateTag } from "./StateTag";
import { StepButtons } from "./StepButtons";
import { TargetForm } from "./TargetForm";
import { TargetVersions } from "./TargetVersions";
import { VersionBadge } from "./VersionBadge";

interface Props {
  row: TargetRow | null;
  drafts: DraftActions;
  permissions: Me["permissions"] | undefined;
  onAsk: (asked: Asked) => void;
  /** Goes on to a number that this one is made of. */
  onOpen: (place: Place) => void;
  onClose: () => void;
}

export function TargetDrawer({ row, drafts, permissions, onAsk, onOpen, onClose }: Props) {
  const { t, locale } = useI18n();
  const isPhone = useIsPhone();
  const edit = row ? drafts.edits.get(rowKey(row)) : undefined;
  const canWrite = permissions?.propose === true;
  const canEdit = canWrite && row?.can_edit !== false && row?.is_locked !== true;
  const state = row ? stateOf(row) : null;
  const tabs = row
    ? [
        {
          key: "target",
          label: t("drawer.target"),
          children: (
            <>
              <Standing row={row} />
              <TargetForm row={row} edit={edit} canEdit={canEdit} onChange={drafts.change} />
              <FeasibilityPanel row={row} edit={edit} canEdit={canEdit} onChange={drafts.change} />
            </>
          ),
        },
        { key: "made", label: t("drawer.made"), children: <MadeOf row={row} onOpen={onOpen} /> },
        { key: "comments", label: t("comments.title"), children: <Comments row={row} canWrite={canWrite} /> },
        { key: "history", label: t("history.title"), children: <TargetVersions row={row} /> },
      ]
    : [];
  return (
    <Drawer
      open={row !== null}
      onClose={onClose}
      placement={isPhone ? "bottom" : "right"}
      width={500}
      height="92%"
      title={row ? <DrawerTitle row={row} /> : ""}
      closable={{ "aria-label": t("action.close") }}
      footer={
        canEdit && edit && row ? <Footer row={row} edit={edit} {...{ drafts, permissions, onClose }} /> : null
      }
      destroyOnHidden
    >
      {row ? (
        <div data-testid="target-drawer">
          <div className="kp-drawer__sub">
            <span>
              <EntityKind entity={row} /> · {formatPeriod(row.period_start, row.grain, locale)}
            </span>
            {state ? <StateTag state={state} /> : null}
            <VersionBadge row={row} />
            <DiagnoseLink row={row} />
            {edit ? null : <StepButtons row={row} permissions={permissions} onAsk={onAsk} />}
          </div>
          <Tabs key={rowKey(row)} items={tabs} size="small" />
        </div>
      ) : null}
    </Drawer>
  );
}

interface FooterProps extends Pick<Props, "drafts" | "permissions" | "onClose"> {
  row: TargetRow;
  edit: RowEdit;
}

function Footer({ row, edit, drafts, permissions, onClose }: FooterProps) {
  const { t } = useI18n();
  const saveThis = async () => {
    const only: Edits = new Map([[rowKey(row), edit]]);
    if (await drafts.save(only)) onClose();
  };
  const isCounter = canCounter(row, permissions);
  return (
    <div className="kp-drawer__foot">
      <Button onClick={() => drafts.discardRow(row)} data-testid="drawer-discard">
        {t("discard.edits")}
      </Button>
      {isCounter ? (
        <Button
          type="primary"
          icon={<SwapOutlined />}
          loading={drafts.isCountering}
          onClick={() => void drafts.counter(row)}
          data-testid="drawer-counter"
        >
          {t("agree.counter")}
        </Button>
      ) : null}
      <Button
        type={isCounter ? "default" : "primary"}
        loading={drafts.isSaving}
        onClick={() => void saveThis()}
        data-testid="drawer-save"
      >
        {t("save.draft")}
      </Button>
    </div>
  );
}

function Standing({ row }: { row: TargetRow }) {
  const { t, locale } = useI18n();
  const show = (value: string | null | undefined) =>
    formatAmount(value, row.number_format, { currency: row.currency, unit: row.unit });
  const status = row.status;
  if (!status) return <p className="kp-muted">{t("targets.no_status")}</p>;
  return (
    <section className="kp-standing" aria-label={t("targets.standing")}>
      <div className="kp-standing__top">
        <span className="kp-standing__value">{show(status.value)}</span>
        <StatusTag status={status.status} />
      </div>
      <AttainmentBar row={row} />
      <dl className="kp-facts">
        <div>
          <dt>{t("targets.column.expected")}</dt>
          <dd>{show(status.expected_value)}</dd>
        </div>
        <div>
          <dt>{t("targets.column.gap")}</dt>
          <dd>
            <GapText row={row} />
          </dd>
        </div>
        <div>
          <dt>{t("targets.pace_attainment")}</dt>
          <dd>{formatShare(status.pace_attainment)}</dd>
        </div>
        <div>
          <dt>{t("targets.covered_through")}</dt>
          <dd>{formatDate(status.covered_through, locale)}</dd>
        </div>
      </dl>
    </section>
  );
}
