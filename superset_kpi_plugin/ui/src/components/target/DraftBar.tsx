/** The bar below the grid: unsaved edits first, else the drafts that wait for approval. */
import {
  CheckOutlined,
  DeleteOutlined,
  LikeOutlined,
  RedoOutlined,
  SaveOutlined,
  SendOutlined,
  UndoOutlined,
} from "@ant-design/icons";
import { Button, Popconfirm } from "antd";
import { canTake, type Step } from "../../data/agreement";
import { cellCount, type Edits, errorCount } from "../../data/edits";
import { formatPeriod } from "../../data/period";
import type { Me, TargetRow } from "../../data/types";
import { type I18n, useI18n } from "../../i18n";
import type { DraftActions } from "../../pages/useDraftActions";
import { cellErrorText } from "../grid/columns";
import type { Asked } from "./AgreementDialog";

interface Props {
  drafts: DraftActions;
  rows: readonly TargetRow[];
  selected: readonly TargetRow[];
  canPropose: boolean;
  permissions: Me["permissions"] | undefined;
  onAsk: (asked: Asked) => void;
}

export function DraftBar(props: Props) {
  const { drafts, rows, selected, canPropose, permissions, onAsk } = props;
  const { t } = useI18n();
  if (drafts.edits.size > 0) return <UnsavedBar drafts={drafts} />;
  const waiting = rows.filter((row) => row.draft);
  const chosen = selected.filter((row) => row.draft);
  if (waiting.length === 0 && selected.length === 0) return null;
  const subject = selected.length > 0 ? selected : waiting;
  const open = (step: Step) => subject.filter((row) => canTake(step, row, permissions));
  const ready = { propose: open("propose"), accept: open("accept"), approve: open("approve") };
  return (
    <section className="kp-drafts" aria-label={t("drafts.label")} data-testid="draft-bar">
      <span className="kp-drafts__text">
        {selected.length > 0
          ? t("drafts.selected", { selected: selected.length, count: chosen.length })
          : t("drafts.waiting", { count: waiting.length })}
      </span>
      {drafts.canUndo ? (
        <Button type="text" icon={<UndoOutlined />} onClick={drafts.undo}>
          {t("action.undo")}
        </Button>
      ) : null}
      {canPropose && chosen.length > 0 ? (
        <Popconfirm
          title={t("discard.confirm", { count: chosen.length })}
          okText={t("discard.drafts")}
          cancelText={t("action.cancel")}
          onConfirm={() => drafts.discardDrafts(chosen)}
        >
          <Button icon={<DeleteOutlined />} loading={drafts.isDiscarding} data-testid="discard-drafts">
            {t("discard.drafts")}
          </Button>
        </Popconfirm>
      ) : null}
      {(["propose", "accept"] as const).map((step) =>
        ready[step].length > 0 ? (
          <Button
            key={step}
            icon={step === "propose" ? <SendOutlined /> : <LikeOutlined />}
            onClick={() => onAsk({ step, rows: ready[step] })}
            data-testid={step}
          >
            {t(`agree_bulk.${step}`, { count: ready[step].length })}
          </Button>
        ) : null,
      )}
      {permissions?.approve ? (
        <Button
          type="primary"
          icon={<CheckOutlined />}
          disabled={ready.approve.length === 0}
          onClick={() => onAsk({ step: "approve", rows: ready.approve })}
          data-testid="approve"
        >
          {selected.length > 0
            ? t("approve.selected", { count: ready.approve.length })
            : t("approve.all", { count: ready.approve.length })}
        </Button>
      ) : null}
    </section>
  );
}

/** The first complaint in words; the cells show the rest. */
function firstError(edits: Edits, i18n: I18n): string | null {
  for (const { row, fields } of edits.values()) {
    for (const cell of Object.values(fields)) {
      if (!cell.error) continue;
      const period = formatPeriod(row.period_start, row.grain, i18n.locale);
      return `${row.entity_name} · ${row.kpi_name}, ${period}: ${cellErrorText(cell.error, i18n)}`;
    }
  }
  return null;
}

function UnsavedBar({ drafts }: { drafts: DraftActions }) {
  const i18n = useI18n();
  const { t } = i18n;
  const errors = errorCount(drafts.edits);
  const complaint = firstError(drafts.edits, i18n);
  return (
    <section
      className="kp-drafts kp-drafts--dirty"
      aria-label={t("drafts.unsaved_label")}
      data-testid="save-bar"
    >
      <span className="kp-drafts__text" role="status">
        <strong>{t("drafts.unsaved", { count: cellCount(drafts.edits), rows: drafts.edits.size })}</strong>
        {complaint ? <span className="kp-drafts__error">{complaint}</span> : null}
      </span>
      <Button
        type="text"
        icon={<UndoOutlined />}
        disabled={!drafts.canUndo}
        onClick={drafts.undo}
        aria-label={t("action.undo")}
        title={t("action.undo")}
      />
      <Button
        type="text"
        icon={<RedoOutlined />}
        disabled={!drafts.canRedo}
        onClick={drafts.redo}
        aria-label={t("action.redo")}
        title={t("action.redo")}
      />
      <Button onClick={drafts.discard} data-testid="discard-edits">
        {t("discard.edits")}
      </Button>
      <Button
        type="primary"
        icon={<SaveOutlined />}
        loading={drafts.isSaving}
        disabled={errors > 0}
        onClick={() => void drafts.save()}
        data-testid="save-draft"
      >
        {t("save.draft")}
      </Button>
    </section>
  );
}
