/** The plan's grid with what the page hears from it. */
import { App } from "antd";
import { useCallback } from "react";
import { PlanGrid } from "../components/grid/PlanGrid";
import { StateMessage } from "../components/StateMessage";
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
    />
  );
}
