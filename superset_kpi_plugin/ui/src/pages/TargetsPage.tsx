/** The Targets page: a period's targets beside their actuals, edited in place, saved as drafts, approved, published. */
import { SwapOutlined } from "@ant-design/icons";
import { Alert, Button } from "antd";
import { useCallback, useEffect, useMemo, useState } from "react";
import { PeriodPicker } from "../components/filters/PeriodPicker";
import { StatusFilter } from "../components/filters/StatusFilter";
import { TargetFilters } from "../components/filters/TargetFilters";
import { ViewSwitch } from "../components/filters/ViewSwitch";
import { TargetGrid } from "../components/grid/TargetGrid";
import { LintButton } from "../components/lint/LintButton";
import { LintDrawer } from "../components/lint/LintDrawer";
import { PageHeader } from "../components/PageHeader";
import { GridSkeleton } from "../components/Skeletons";
import { LoadError, StateMessage } from "../components/StateMessage";
import { ScorecardPanel } from "../components/score/ScorecardPanel";
import { AgreementDialog, type Asked } from "../components/target/AgreementDialog";
import { ConflictDialog } from "../components/target/ConflictDialog";
import { DraftBar } from "../components/target/DraftBar";
import type { Place } from "../components/target/MadeOf";
import { PublicationNotice } from "../components/target/PublicationNotice";
import { TargetCards } from "../components/target/TargetCards";
import { TargetDrawer } from "../components/target/TargetDrawer";
import { TransferDialog } from "../components/transfer/TransferDialog";
import { useIsPhone } from "../components/useIsPhone";
import { useMe } from "../data/common";
import { rowKey } from "../data/edits";
import type { Finding } from "../data/lint";
import { formatDate } from "../data/period";
import { bare, useTargets } from "../data/targets";
import type { Me, TargetRow } from "../data/types";
import { useI18n } from "../i18n";
import { PlanPanel } from "./PlanPanel";
import { isPart, TargetPart } from "./TargetPart";
import { useDraftActions } from "./useDraftActions";
import { usePlanView } from "./usePlan";
import { type TargetFilterState, useFilteredRows, useTargetFilters } from "./useTargetFilters";
import { useUndoKeys } from "./useUndoKeys";

const READ_ONLY: Me["permissions"] = {
  propose: false,
  approve: false,
  admin: false,
  acknowledge: false,
  upload: false,
};
const NO_ROWS: readonly TargetRow[] = [];

export function TargetsPage() {
  const filters = useTargetFilters();
  return isPart(filters.view) ? <TargetPart filters={filters} /> : <TargetBoard filters={filters} />;
}

function TargetBoard({ filters }: { filters: TargetFilterState }) {
  const { t, locale } = useI18n();
  const isPhone = useIsPhone();
  const { data: me } = useMe();
  // What was approved on a day in the past can be looked at, not changed.
  const isToday = filters.asOf === null || (filters.view === "plan" && !isPhone);
  const permissions = isToday ? me?.permissions : READ_ONLY;
  const canPropose = permissions?.propose === true;
  const canApprove = permissions?.approve === true;
  // Periods side by side need a wide window.
  const isPlan = filters.view === "plan" && !isPhone;
  const isScores = filters.view === "scores";
  const listQuery = useTargets(
    {
      grain: filters.grain,
      period_start: filters.start,
      kpi_id: filters.kpi ?? undefined,
      entity_kind: filters.kind ?? undefined,
      candidates: filters.candidates && filters.kind !== null && isToday,
      as_of: filters.asOf ? `${filters.asOf}T23:59:59Z` : undefined,
    },
    !isPlan && !isScores,
  );
  const plan = usePlanView(filters, isPlan);
  const query = isPlan ? plan.query : listQuery;
  const listRows = listQuery.data?.result ?? NO_ROWS;
  const list = useFilteredRows(listRows, filters);
  const rows = isPlan ? plan.cells : listRows;
  const { shown, counts, total } = isPlan
    ? { shown: plan.cells, counts: plan.counts, total: plan.total }
    : list;
  const drafts = useDraftActions();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [isTransfer, setTransfer] = useState(false);
  const [isLinting, setLinting] = useState(false);
  const place = useMemo(
    () => ({ grain: filters.grain, period_start: filters.start }),
    [filters.grain, filters.start],
  );
  const [asked, setAsked] = useState<Asked | null>(null);
  const [opened, setOpened] = useState<TargetRow | null>(null);
  // What is open follows what is loaded; a cell that has no target yet is only known by itself.
  const openRow = useMemo(() => {
    const key = opened ? rowKey(opened) : null;
    return rows.find((row) => rowKey(row) === key) ?? opened;
  }, [rows, opened]);
  const open = useCallback((row: TargetRow) => setOpened(row), []);
  /** From a number to one that it is made of, where that is on this page; else to the page that has it. */
  const openPlace = useCallback(
    (place: Place) => {
      const found = rows.find(
        (row) =>
          row.kpi_id === place.kpi_id &&
          row.entity_id === place.entity_id &&
          row.period_start === openRow?.period_start,
      );
      if (found) setOpened(found);
      else if (openRow) setOpened({ ...bare(openRow), ...place });
    },
    [rows, openRow],
  );
  const entityName = useCallback(
    (id: string) => rows.find((row) => row.entity_id === id)?.entity_name ?? id,
    [rows],
  );
  const showFinding = useCallback(
    (finding: Finding) => {
      const ids = new Set(finding.targets.map(String));
      const found = rows.find((row) => row.id !== null && ids.has(String(row.id)));
      if (found) {
        setLinting(false);
        setOpened(found);
      }
    },
    [rows],
  );
  useUndoKeys(drafts.undo, drafts.redo);
  useEffect(() => {
    document.title = t("targets.title");
  }, [t]);
  // A selection means rows that can be seen.
  const selectedRows = useMemo(() => shown.filter((row) => selected.has(rowKey(row))), [shown, selected]);

  const body = () => {
    if (isScores) {
      return (
        <ScorecardPanel
          grain={filters.grain}
          start={filters.start}
          canClose={me?.permissions.admin === true}
        />
      );
    }
    if (query.isError && !query.data)
      return <LoadError error={query.error} onRetry={() => void query.refetch()} />;
    if (query.isPending) return <GridSkeleton label={t("state.loading")} />;
    if (isPlan)
      return (
        <PlanPanel view={plan} drafts={drafts} canEdit={canPropose} current={filters.start} onOpen={open} />
      );
    if (shown.length === 0)
      return (
        <NoTargets
          total={rows.length}
          canPropose={canPropose}
          onClear={filters.clear}
          onStart={() => filters.set({ kind: filters.kind ?? "company", candidates: "1" })}
        />
      );
    if (isPhone)
      return (
        <TargetCards
          rows={shown}
          edits={drafts.edits}
          permissions={permissions}
          onOpen={open}
          onAsk={setAsked}
        />
      );
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
      <PageHeader
        page="targets"
        freshness={query.data?.freshness}
        extra={
          <>
            <LintButton place={place} onOpen={() => setLinting(true)} />
            {isPhone ? null : (
              <Button
                icon={<SwapOutlined rotate={90} />}
                onClick={() => setTransfer(true)}
                data-testid="open-transfer"
              >
                {t("transfer.action")}
              </Button>
            )}
            <ViewSwitch
              value={isPhone && filters.view === "plan" ? "list" : filters.view}
              hasPlan={!isPhone}
              onChange={(view) => filters.set({ view })}
            />
          </>
        }
      />
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
      {isToday ? null : (
        <Alert
          type="info"
          showIcon
          message={t("targets.as_of", { day: formatDate(filters.asOf, locale) })}
          action={
            <Button size="small" onClick={() => filters.set({ as_of: null })}>
              {t("targets.as_of_leave")}
            </Button>
          }
          data-testid="as-of"
        />
      )}
      {isScores ? (
        <search className="kp-toolbar" aria-label={t("filter.label")}>
          <PeriodPicker grain={filters.grain} start={filters.start} onChange={filters.setPeriod} />
        </search>
      ) : (
        <>
          <TargetFilters filters={filters} canPropose={canPropose} plan={isPlan ? plan : null} />
          <StatusFilter
            counts={counts}
            total={total}
            value={filters.status}
            onChange={(status) => filters.set({ status })}
          />
        </>
      )}
      <section
        className={`kp-panel${query.isPlaceholderData ? " kp-panel--stale" : ""}`}
        aria-label={t("targets.title")}
      >
        {body()}
      </section>
      <DraftBar
        drafts={drafts}
        rows={isScores ? NO_ROWS : shown}
        selected={selectedRows}
        canPropose={canPropose}
        permissions={permissions}
        onAsk={setAsked}
      />
      <TargetDrawer
        row={openRow}
        drafts={drafts}
        permissions={permissions}
        onAsk={setAsked}
        onOpen={openPlace}
        onClose={() => setOpened(null)}
      />
      <AgreementDialog
        asked={asked}
        isBusy={drafts.isTaking}
        onCancel={() => setAsked(null)}
        onConfirm={async (confirmed, words) => {
          if (await drafts.take({ ...confirmed, ...words })) {
            setAsked(null);
            setSelected(new Set());
          }
        }}
      />
      <LintDrawer
        place={place}
        isOpen={isLinting}
        canEdit={canPropose}
        canWaive={canApprove}
        entityName={entityName}
        onShow={showFinding}
        onClose={() => setLinting(false)}
      />
      {isTransfer ? (
        <TransferDialog
          place={{
            ...place,
            kpi_id: filters.kpi ?? undefined,
            entity_kind: filters.kind ?? undefined,
            include: filters.kind ? "candidates" : undefined,
          }}
          canImport={canPropose}
          onClose={() => setTransfer(false)}
        />
      ) : null}
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
