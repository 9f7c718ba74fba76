/** One difference: what each side says, its items, what was said of it, and explaining or signing it. */
import { App, Button, Drawer, Pagination, Popconfirm, Skeleton } from "antd";
import { useState } from "react";
import { formatDate, formatInstant, formatPeriod } from "../../data/period";
import {
  type DifferenceDetail,
  type DifferenceRecord,
  ITEMS_SIZE,
  useDifference,
  useReconciliationActions,
} from "../../data/reconciliation";
import { useI18n } from "../../i18n";
import { errorText, LoadError } from "../StateMessage";
import { useIsPhone } from "../useIsPhone";
import { money } from "./amounts";
import { LineName } from "./DifferenceList";
import { SayForm } from "./SayForm";
import { StandingTag } from "./StandingTag";

interface Props {
  id: string | null;
  reasons: readonly string[];
  canExplain: boolean;
  canSign: boolean;
  onClose: () => void;
}

export function DifferenceDrawer({ id, onClose, ...rest }: Props) {
  const { t } = useI18n();
  const isPhone = useIsPhone();
  const [page, setPage] = useState(0);
  const query = useDifference(id, page);
  const detail = query.data?.difference.reconciliation_id === id ? query.data : undefined;
  return (
    <Drawer
      open={id !== null}
      onClose={onClose}
      placement={isPhone ? "bottom" : "right"}
      width={620}
      height="92%"
      title={
        detail ? (
          <>
            {detail.difference.account_name} · <LineName row={detail.difference} />
          </>
        ) : (
          t("difference.one")
        )
      }
      closable={{ "aria-label": t("action.close") }}
      afterOpenChange={() => setPage(0)}
      destroyOnHidden
    >
      {query.isError ? <LoadError error={query.error} onRetry={() => void query.refetch()} /> : null}
      {!detail && id !== null && !query.isError ? <Skeleton active /> : null}
      {detail && !query.isError ? (
        <div className="kp-difference" data-testid="difference-drawer">
          <Facts detail={detail} />
          <SayForm key={id} difference={detail.difference} {...rest} />
          <Records records={detail.records} canSign={rest.canSign} />
          <Items detail={detail} page={page} onPage={setPage} />
          <Earlier detail={detail} />
        </div>
      ) : null}
    </Drawer>
  );
}

function Facts({ detail }: { detail: DifferenceDetail }) {
  const { t, label, locale } = useI18n();
  const row = detail.difference;
  const facts: [string, string][] = [
    [t("difference.column.platform"), money(row.platform_amount, row.currency)],
    [t("difference.column.settlement"), money(row.settled_amount, row.currency)],
    [t("difference.column.erp"), money(row.erp_amount, row.currency)],
    [t("difference.column.difference"), money(row.difference, row.currency, true)],
    [t("difference.absolute"), money(row.absolute_difference, row.currency)],
    [t("difference.column.state"), label("difference.state", row.state)],
    [t("difference.first_seen"), formatInstant(row.first_seen_at, locale)],
  ];
  return (
    <>
      <div className="kp-drawer__sub">
        <span>{formatPeriod(row.period_start, row.grain, locale)}</span>
        <StandingTag row={row} />
      </div>
      <dl className="kp-facts">
        {facts.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function Records({ records, canSign }: { records: readonly DifferenceRecord[]; canSign: boolean }) {
  const i18n = useI18n();
  const { t, label, locale } = i18n;
  const { message } = App.useApp();
  const { withdraw } = useReconciliationActions();
  if (records.length === 0) return null;
  const takeBack = (id: number) =>
    withdraw.mutate(id, { onError: (error) => message.error(errorText(error, i18n)) });
  return (
    <section aria-label={t("difference.records")}>
      <h2>{t("difference.records")}</h2>
      <ul className="kp-timeline">
        {records.map((record) => (
          <li key={record.id} data-testid="difference-record">
            <span className="kp-timeline__head">
              <strong className={record.withdrawn_at ? "kp-old" : undefined}>
                {label("standing", record.kind)} · {label("difference.reason", record.reason_code)}
              </strong>{" "}
              <span className="kp-muted">
                {record.created_by}, {formatInstant(record.created_at, locale)}
              </span>
            </span>
            <p className="kp-prewrap">{record.note}</p>
            <span className="kp-muted">
              {money(record.difference, record.currency, true)}
              {record.ends_on
                ? ` · ${t("difference.until", { day: formatDate(record.ends_on, locale) })}`
                : ""}
              {record.withdrawn_by ? ` · ${t("difference.withdrawn_by", { by: record.withdrawn_by })}` : ""}
            </span>
            {canSign && !record.withdrawn_at ? (
              <Popconfirm
                title={t("difference.withdraw_ask")}
                okText={t("difference.withdraw")}
                cancelText={t("action.cancel")}
                onConfirm={() => takeBack(record.id)}
              >
                <Button size="small" type="link" data-testid="difference-withdraw">
                  {t("difference.withdraw")}
                </Button>
              </Popconfirm>
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

interface ItemsProps {
  detail: DifferenceDetail;
  page: number;
  onPage: (page: number) => void;
}

function Items({ detail, page, onPage }: ItemsProps) {
  const { t, label } = useI18n();
  return (
    <section aria-label={t("difference.items")}>
      <h2>
        {t("difference.items")} <span className="kp-muted">{detail.items_count}</span>
      </h2>
      {detail.items.length === 0 ? <p className="kp-muted">{t("difference.no_items")}</p> : null}
      {detail.items.length > 0 ? (
        <div className="kp-scroll">
          <table className="kp-table kp-table--tight" data-testid="difference-items">
            <thead>
              <tr>
                <th scope="col">{t("difference.column.reference")}</th>
                <th scope="col" className="kp-cell--end">
                  {t("difference.column.platform")}
                </th>
                <th scope="col" className="kp-cell--end">
                  {t("difference.column.erp")}
                </th>
                <th scope="col" className="kp-cell--end">
                  {t("difference.column.difference")}
                </th>
                <th scope="col">{t("difference.column.state")}</th>
              </tr>
            </thead>
            <tbody>
              {detail.items.map((item) => (
                <tr key={`${item.reference} ${item.sku} ${item.state}`}>
                  <td>
                    {item.reference}
                    {item.sku ? <span className="kp-muted"> · {item.sku}</span> : null}
                  </td>
                  <td className="kp-cell--end">{money(item.platform_amount, item.currency)}</td>
                  <td className="kp-cell--end">
                    {money(item.erp_amount ?? item.settled_amount, item.currency)}
                  </td>
                  <td className="kp-cell--end">{money(item.difference, item.currency, true)}</td>
                  <td>{label("difference.state", item.state)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      {detail.items_count > ITEMS_SIZE ? (
        <Pagination
          size="small"
          current={page + 1}
          pageSize={ITEMS_SIZE}
          total={detail.items_count}
          showSizeChanger={false}
          onChange={(next) => onPage(next - 1)}
        />
      ) : null}
    </section>
  );
}

/** What builds found before: a difference that was mended, or that had other amounts. */
function Earlier({ detail }: { detail: DifferenceDetail }) {
  const { t, label, locale } = useI18n();
  if (detail.history.length === 0) return null;
  return (
    <section aria-label={t("difference.history")}>
      <h2>{t("difference.history")}</h2>
      <ul className="kp-timeline">
        {detail.history.map((row) => (
          <li key={row.first_seen_at}>
            {money(row.difference, row.currency, true)} · {label("difference.state", row.state)}{" "}
            <span className="kp-muted">
              {formatInstant(row.first_seen_at, locale)} – {formatInstant(row.last_seen_at, locale)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
