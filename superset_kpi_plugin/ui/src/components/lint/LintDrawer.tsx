/** What is doubtful about the period's targets: a list to work off, with mends and waivers. */
import { Drawer } from "antd";
import { useRef } from "react";
import { kpiName, useCatalogue } from "../../data/common";
import { accountOf } from "../../data/entity";
import { type Finding, type LintPlace, sortFindings, useLint } from "../../data/lint";
import { formatPeriod } from "../../data/period";
import { useI18n } from "../../i18n";
import { GridSkeleton } from "../Skeletons";
import { LoadError, StateMessage } from "../StateMessage";
import { useIsPhone } from "../useIsPhone";
import { FindingItem } from "./FindingItem";

interface Props {
  place: LintPlace;
  isOpen: boolean;
  canEdit: boolean;
  canWaive: boolean;
  entityName: (entityId: string) => string;
  /** Shows the first target that a finding is about. */
  onShow: (finding: Finding) => void;
  onClose: () => void;
}

export function LintDrawer({ place, isOpen, canEdit, canWaive, entityName, onShow, onClose }: Props) {
  const { t, locale } = useI18n();
  const isPhone = useIsPhone();
  const list = useRef<HTMLDivElement>(null);
  const { data: catalogue } = useCatalogue();
  const query = useLint(place, isOpen);
  const { open, waived } = sortFindings(query.data ?? []);
  const subject = ({ kpi_id, entity_id, entity_name, account_name }: Finding) => {
    const kpi = catalogue?.find((one) => one.kpi_id === kpi_id);
    const names = entity_id
      ? [entity_name ?? entityName(entity_id), accountOf({ entity_id, entity_name, account_name })]
      : [];
    names.push(kpi ? kpiName(kpi, locale) : kpi_id);
    return names.filter(Boolean).join(" · ");
  };
  const item = (finding: Finding) => (
    <FindingItem
      key={finding.key}
      finding={finding}
      subject={subject(finding)}
      entityName={entityName}
      canEdit={canEdit}
      canWaive={canWaive}
      onMended={() => list.current?.focus()}
      onShow={finding.targets.length > 0 ? () => onShow(finding) : undefined}
    />
  );
  return (
    <Drawer
      open={isOpen}
      onClose={onClose}
      placement={isPhone ? "bottom" : "right"}
      width={520}
      height="92%"
      title={t("lint.title", { period: formatPeriod(place.period_start, place.grain, locale) })}
      closable={{ "aria-label": t("action.close") }}
      destroyOnHidden
    >
      <div data-testid="lint" className="kp-quiet" tabIndex={-1} ref={list}>
        {query.isError ? <LoadError error={query.error} onRetry={() => void query.refetch()} /> : null}
        {query.isPending ? <GridSkeleton label={t("state.loading")} /> : null}
        {query.data && open.length === 0 ? (
          <StateMessage kind="empty" title={t("lint.none_title")} hint={t("lint.none_hint")} />
        ) : null}
        <ul className="kp-findings">{open.map(item)}</ul>
        {waived.length > 0 ? (
          <details className="kp-waived">
            <summary>{t("lint.waived", { count: waived.length })}</summary>
            <ul className="kp-findings">{waived.map(item)}</ul>
          </details>
        ) : null}
      </div>
    </Drawer>
  );
}
