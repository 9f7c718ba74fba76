/** The Targets page: a period's targets beside their actuals, edited in place, saved as drafts, approved, published. */
import { Alert } from "antd";
import { useCallback, useEffect, useMemo, useState } from "react";
import { StatusFilter } from "../components/filters/StatusFilter";
import { TargetFilters } from "../components/filters/TargetFilters";
import { TargetGrid } from "../components/grid/TargetGrid";
import { PageHeader } from "../components/PageHeader";
import { GridSkeleton } from "../components/Skeletons";
import { LoadError, StateMessage } from "../components/StateMessage";
import { ApproveDialog } from "../components/target/ApproveDialog";
import { ConflictDialog } from "../components/target/ConflictDialog";
import { DraftBar } from "../components/target/DraftBar";
import { PublicationNotice } from "../components/target/PublicationNotice";
import { TargetCards } from "../components/target/TargetCards";
import { TargetDrawer } from "../components/target/TargetDrawer";
import { useIsPhone } from "../components/useIsPhone";
import { useMe } from "../data/common";
import { rowKey } from "../data/edits";
import { useTargets } from "../data/targets";
import type { TargetRow } from "../data/types";
import { useI18n } from "../i18n";
import { useDraftActions } from "./useDraftActions";
import { useFilteredRows, useTargetFilters } from "./useTargetFilters";
import { useUndoKeys } from "./useUndoKeys";

const NO_ROWS: readonly TargetRow[] = [];

export function TargetsPage() {
  const { t } = useI18n();
  const isPhone = useIsPhone();
  const filters = useTargetFilters();
  const { data: me } = useMe();
  const canPropose = me?.permissions.propose === true;
  const canApprove = me?.permissions.approve === true;
  const query = useTargets({
    grain: filters.grain,
    period_start: filters.start,
    kpi_id: filters.kpi ?? undefined,
    entity_kind: filters.kind ?? undefined,
    candidates: filters.candidates && filters.kind !== null,
  });
  const rows = query.data?.result ?? NO_ROWS;
  const { shown, counts, total } = useFilteredRows(rows, filters);
  const drafts = useDraftActions();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [openKey, setOpenKey] = useState<string | null>(null);
  const [approving, setApproving] = useState<readonly TargetRow[] | null>(null);
  const openRow = useMemo(() => rows.find((row) => rowKey(row) === openKey) ?? null, [rows, openKey]);
  const open = useCallback((row: TargetRow) => setOpenKey(rowKey(row)), []);
  useUndoKeys(drafts.undo, drafts.redo);
  useEffect(() => {
    document.title = t("targets.title");
  }, [t]);
  // A selection means rows that can be seen.
  const selectedRows = useMemo(() => shown.filter((row) => selected.has(rowKey(row))), [shown, selected]);

  const body = () => {
    if (query.isError && !query.data)
      return <LoadError error={query.error} onRetry={() => void query.refetch()} />;
    if (query.isPending) return <GridSkeleton label={t("state.loading")} />;
    if (shown.length === 0)
      return (
        <NoTargets
          total={rows.length}
          canPropose={canPropose}
          onClear={filters.clear}
          onStart={() => filters.set({ kind: filters.kind ?? "company", candidates: "1" })}
        />
      );
    if (isPhone) return <TargetCards rows={shown} edits={drafts.edits} onOpen={open} />;
    return (
      <TargetGrid
        rows={shown}
        edits={drafts.edits}
        canEdit={canPropose}
        selected={selected}
        onSelect={setSelected}
        onEdit={drafts.change}
        onOpen={open}
      />
    );
  };

  return (
    <main className="kp-page" data-testid="targets-page" aria-busy={query.isFetching}>
      <PageHeader page="targets" freshness={query.data?.freshness} />
      <PublicationNotice
        canApprove={canApprove}
        isPublishing={drafts.isPublishing}
        onRetry={drafts.publish}
      />
      {query.data?.warnings?.map((warning) => (
        <Alert
          key={warning.code}
          type="warning"
          showIcon
          message={warning.message}
          data-testid="targets-warning"
        />
      ))}
      <TargetFilters filters={filters} canPropose={canPropose} />
      <StatusFilter
        counts={counts}
        total={total}
        value={filters.status}
        onChange={(status) => filters.set({ status })}
      />
      <section
        className={`kp-panel${query.isPlaceholderData ? " kp-panel--stale" : ""}`}
        aria-label={t("targets.title")}
      >
        {body()}
      </section>
      <DraftBar
        drafts={drafts}
        rows={shown}
        selected={selectedRows}
        canPropose={canPropose}
        canApprove={canApprove}
        onApprove={setApproving}
      />
      <TargetDrawer row={openRow} drafts={drafts} canEdit={canPropose} onClose={() => setOpenKey(null)} />
      <ApproveDialog
        rows={approving}
        isBusy={drafts.isApproving}
        onCancel={() => setApproving(null)}
        onConfirm={async (confirmed) => {
          if (await drafts.approve(confirmed)) {
            setApproving(null);
            setSelected(new Set());
          }
        }}
      />
      <ConflictDialog
        conflicts={drafts.conflicts}
        onSettle={drafts.settle}
        onCancel={drafts.closeConflicts}
      />
    </main>
  );
}

interface NoTargetsProps {
  total: number;
  canPropose: boolean;
  onClear: () => void;
  onStart: () => void;
}

function NoTargets({ total, canPropose, onClear, onStart }: NoTargetsProps) {
  const { t } = useI18n();
  if (total > 0) {
    return (
      <StateMessage
        kind="empty"
        title={t("targets.none_match_title")}
        hint={t("targets.none_match_hint")}
        action={{ label: t("action.clear_filters"), onClick: onClear }}
      />
    );
  }
  return (
    <StateMessage
      kind="empty"
      title={t("targets.none_title")}
      hint={t(canPropose ? "targets.none_hint" : "targets.none_hint_viewer")}
      action={canPropose ? { label: t("filter.candidates"), onClick: onStart } : undefined}
    />
  );
}
