/** The plan's grid with what the page hears from it. */
import { App } from "antd";
import { useCallback, useState } from "react";
import { PlanGrid } from "../components/grid/PlanGrid";
import { StateMessage } from "../components/StateMessage";
import { SplitDialog } from "../components/target/SplitDialog";
import { editedValues, rowKey } from "../data/edits";
import { cellKey } from "../data/plan";
import type { TargetRow } from "../data/types";
import { useI18n } from "../i18n";
import type { DraftActions } from "./useDraftActions";
import type { PlanView } from "./usePlan";

interface Props {
  view: PlanView;
  drafts: DraftActions;
  canEdit: boolean;
  current: string;
  onOpen: (row: TargetRow) => void;
}

export function PlanPanel({ view, drafts, canEdit, current, onOpen }: Props) {
  const { t } = useI18n();
  const { message } = App.useApp();
  const onSkipped = useCallback(
    (count: number) => void message.info(t("plan.skipped", { count }), 5),
    [message, t],
  );
  const [splitting, setSplitting] = useState<TargetRow | null>(null);
  const { plan, shape, rows } = view;
  if (!plan) return null;
  if (rows.length === 0) {
    const isFiltered = plan.nodes.length > 0;
    return (
      <StateMessage
        kind="empty"
        title={t(isFiltered ? "targets.none_match_title" : "plan.no_entities_title")}
        hint={t(isFiltered ? "targets.none_match_hint" : "plan.no_entities_hint")}
      />
    );
  }
  return (
    <>
      <PlanGrid
        plan={plan}
        tree={shape}
        treeRows={rows}
        edits={drafts.edits}
        canEdit={canEdit}
        current={current}
        onToggle={view.toggle}
        onEdit={drafts.change}
        onSkipped={onSkipped}
        onOpen={onOpen}
        onSplit={setSplitting}
      />
      {splitting ? (
        <SplitDialog
          row={splitting}
          target={editedValues(splitting, drafts.edits.get(rowKey(splitting))).target_value}
          rowOf={(split) =>
            split.grain === plan.grain
              ? plan.cells.get(cellKey(split.entity_id, split.period_start))
              : undefined
          }
          tree={view.tree}
          onApply={(changes) => {
            drafts.change(changes);
            view.open(splitting.entity_id);
            setSplitting(null);
          }}
          onClose={() => setSplitting(null)}
        />
      ) : null}
    </>
  );
}
