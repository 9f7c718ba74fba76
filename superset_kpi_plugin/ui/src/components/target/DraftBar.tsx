/** The bar below the grid: unsaved edits first, else the drafts that wait for approval. */
import { CheckOutlined, DeleteOutlined, RedoOutlined, SaveOutlined, UndoOutlined } from "@ant-design/icons";
import { Button, Popconfirm } from "antd";
import { cellCount, type Edits, errorCount } from "../../data/edits";
import type { TargetRow } from "../../data/types";
import { type I18n, useI18n } from "../../i18n";
import type { DraftActions } from "../../pages/useDraftActions";
import { cellErrorText } from "../grid/columns";

interface Props {
  drafts: DraftActions;
  rows: readonly TargetRow[];
  selected: readonly TargetRow[];
  canPropose: boolean;
  canApprove: boolean;
  onApprove: (rows: readonly TargetRow[]) => void;
}

export function DraftBar(props: Props) {
  const { drafts, rows, selected, canPropose, canApprove } = props;
  const { t } = useI18n();
  if (drafts.edits.size > 0) return <UnsavedBar drafts={drafts} />;
  const waiting = rows.filter((row) => row.draft);
  const chosen = selected.filter((row) => row.draft);
  if (waiting.length === 0 && selected.length === 0) return null;
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
      {canApprove ? (
        <Button
          type="primary"
          icon={<CheckOutlined />}
          disabled={selected.length > 0 ? chosen.length === 0 : waiting.length === 0}
          onClick={() => props.onApprove(selected.length > 0 ? chosen : waiting)}
          data-testid="approve"
        >
          {selected.length > 0
            ? t("approve.selected", { count: chosen.length })
            : t("approve.all", { count: waiting.length })}
        </Button>
      ) : null}
    </section>
  );
}

/** The first complaint in words; the cells show the rest. */
function firstError(edits: Edits, i18n: I18n): string | null {
  for (const { row, fields } of edits.values()) {
    for (const cell of Object.values(fields)) {
      if (cell.error) return `${row.entity_name} · ${row.kpi_name}: ${cellErrorText(cell.error, i18n)}`;
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
