/** One target in full: how it stands, every field to edit, and its versions. The phone's way to edit. */
import { Button, Drawer } from "antd";
import { formatAmount, formatShare } from "../../data/decimal";
import { type Edits, rowKey } from "../../data/edits";
import { formatDate, formatPeriod } from "../../data/period";
import type { TargetRow } from "../../data/types";
import { useI18n } from "../../i18n";
import type { DraftActions } from "../../pages/useDraftActions";
import { AttainmentBar } from "../AttainmentBar";
import { EntityKind } from "../EntityKind";
import { StatusTag } from "../StatusTag";
import { useIsPhone } from "../useIsPhone";
import { GapText } from "./GapText";
import { TargetForm } from "./TargetForm";
import { TargetVersions } from "./TargetVersions";
import { VersionBadge } from "./VersionBadge";

interface Props {
  row: TargetRow | null;
  drafts: DraftActions;
  canEdit: boolean;
  onClose: () => void;
}

export function TargetDrawer({ row, drafts, canEdit, onClose }: Props) {
  const { t, locale } = useI18n();
  const isPhone = useIsPhone();
  const edit = row ? drafts.edits.get(rowKey(row)) : undefined;
  const saveThis = async () => {
    if (!row || !edit) return;
    const only: Edits = new Map([[rowKey(row), edit]]);
    if (await drafts.save(only)) onClose();
  };
  const footer =
    canEdit && edit && row ? (
      <div className="kp-drawer__foot">
        <Button onClick={() => drafts.discardRow(row)} data-testid="drawer-discard">
          {t("discard.edits")}
        </Button>
        <Button
          type="primary"
          loading={drafts.isSaving}
          onClick={() => void saveThis()}
          data-testid="drawer-save"
        >
          {t("save.draft")}
        </Button>
      </div>
    ) : null;
  return (
    <Drawer
      open={row !== null}
      onClose={onClose}
      placement={isPhone ? "bottom" : "right"}
      width={460}
      height="92%"
      title={row ? `${row.entity_name} · ${row.kpi_name}` : ""}
      closable={{ "aria-label": t("action.close") }}
      footer={footer}
      destroyOnHidden
    >
      {row ? (
        <div data-testid="target-drawer">
          <p className="kp-drawer__sub">
            <EntityKind entity={row} /> · {formatPeriod(row.period_start, row.grain, locale)}
            <VersionBadge row={row} />
          </p>
          <Standing row={row} />
          <TargetForm row={row} edit={edit} canEdit={canEdit} onChange={drafts.change} />
          <TargetVersions row={row} />
        </div>
      ) : null}
    </Drawer>
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
