/** Gives a parent's target out over its children or over its time: method, what is held, preview, residual. */
import { Alert, Checkbox, Input, Modal, Radio, Select, Skeleton } from "antd";
import { useMemo, useState } from "react";
import { formatAmount, formatShare, parseAmount, toBig } from "../../data/decimal";
import { baseValues, type Change } from "../../data/edits";
import { formatPeriod } from "../../data/period";
import type { TreeName } from "../../data/plan";
import { METHODS, type SplitInput, type SplitRow, splitChanges, useSplitPreview } from "../../data/split";
import type { TargetRow } from "../../data/types";
import { useI18n } from "../../i18n";
import { errorText } from "../StateMessage";

interface Props {
  /** The parent's cell, with what it says now (unsaved edits included). */
  row: TargetRow;
  target: string | null;
  /** The row of a part, where it is on the page. */
  rowOf: (split: SplitRow) => TargetRow | undefined;
  /** Over what it can be split; both without it. */
  parts?: readonly SplitInput["by"][];
  tree: TreeName;
  onApply: (changes: Change[]) => void;
  onClose: () => void;
}

const BOTH: readonly SplitInput["by"][] = ["entities", "periods"];

export function SplitDialog({ row, target, rowOf, parts = BOTH, tree, onApply, onClose }: Props) {
  const i18n = useI18n();
  const { t, label, locale } = i18n;
  const [method, setMethod] = useState<SplitInput["method"]>("even");
  const [by, setBy] = useState<SplitInput["by"]>(parts[0] ?? "entities");
  const [residual, setResidual] = useState<SplitInput["residual"]>("place");
  const [text, setText] = useState(target ?? "");
  const [held, setHeld] = useState<ReadonlySet<string>>(new Set());
  const parsed = parseAmount(text, row.number_format);
  const amount = parsed.ok ? parsed.value : null;
  const input = useMemo<SplitInput | null>(
    () =>
      amount === null
        ? null
        : {
            kpi_id: row.kpi_id,
            entity_id: row.entity_id,
            tree,
            grain: row.grain,
            period_start: row.period_start,
            method,
            by,
            amount,
            locked: [...held],
            residual,
          },
    [row, tree, method, by, amount, held, residual],
  );
  const { data, isFetching, isError, error } = useSplitPreview(input);
  const show = (value: string | null) =>
    formatAmount(value, row.number_format, { currency: row.currency, unit: row.unit });
  const changes = data && !isFetching ? splitChanges(row, data, rowOf) : [];
  const canChoose = parts.length > 1 && (row.grain === "year" || row.grain === "quarter");
  return (
    <Modal
      open
      title={t("split.title", {
        entity: row.entity_name,
        period: formatPeriod(row.period_start, row.grain, locale),
      })}
      okText={t("split.apply", { count: changes.length })}
      cancelText={t("action.cancel")}
      okButtonProps={{ disabled: changes.length === 0 || isError, "data-testid": "split-apply" }}
      onOk={() => onApply(changes)}
      onCancel={onClose}
      width={760}
    >
      <div className="kp-split" data-testid="split-dialog">
        <div className="kp-split__how">
          <Input
            value={text}
            aria-label={t("split.amount")}
            prefix={<span className="kp-muted">{t("split.amount")}</span>}
            status={parsed.ok ? undefined : "error"}
            inputMode="decimal"
            onChange={(event) => setText(event.target.value)}
            data-testid="split-amount"
          />
          <Select
            value={method}
            aria-label={t("split.method")}
            onChange={setMethod}
            options={METHODS.map((value) => ({ value, label: label("split.method_name", value) }))}
            data-testid="split-method"
          />
        </div>
        {canChoose ? (
          <Radio.Group
            value={by}
            aria-label={t("split.by")}
            onChange={(event) => {
              setBy(event.target.value);
              setHeld(new Set());
            }}
            options={parts.map((value) => ({
              value,
              label: label("split.by_name", value),
            }))}
          />
        ) : null}
        <p className="kp-muted">{label("split.method_hint", method)}</p>
        {isError ? <Alert type="error" showIcon message={errorText(error, i18n)} /> : null}
        {data?.warnings.map((warning) => (
          <Alert key={warning.code} type="warning" showIcon message={warning.message} />
        ))}
        {!data && isFetching ? <Skeleton active title={false} paragraph={{ rows: 4 }} /> : null}
        {data && !isError ? (
          <>
            <div className="kp-preview__scroll">
              <table className="kp-table" data-testid="split-preview">
                <thead>
                  <tr>
                    <th scope="col">{t("split.hold")}</th>
                    <th scope="col">{t(by === "periods" ? "filter.period" : "targets.column.entity")}</th>
                    <th scope="col" className="kp-cell--end">
                      {t("split.now")}
                    </th>
                    <th scope="col" className="kp-cell--end">
                      {t("split.then")}
                    </th>
                    <th scope="col" className="kp-cell--end">
                      {t("split.share")}
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {data.rows.map((split) => {
                    const key = by === "periods" ? split.period_start : split.entity_id;
                    const name =
                      by === "periods" ? formatPeriod(key, split.grain, locale) : split.entity_name;
                    const known = rowOf(split);
                    const isFixed = known?.is_locked === true;
                    return (
                      <tr key={key}>
                        <td>
                          <Checkbox
                            checked={split.is_locked || held.has(key)}
                            disabled={isFixed}
                            aria-label={t("split.hold_one", { entity: name })}
                            onChange={(event) => setHeld(toggled(held, key, event.target.checked))}
                          />
                        </td>
                        <td>{name}</td>
                        <td className="kp-cell--end kp-muted">
                          {show(split.current ?? (known ? baseValues(known).target_value : null))}
                        </td>
                        <td className="kp-cell--end">
                          <strong>{show(split.proposed)}</strong>
                        </td>
                        <td className="kp-cell--end">{formatShare(split.share)}</td>
                      </tr>
                    );
                  })}
                </tbody>
              </table>
            </div>
            <Residual value={data.residual} amount={show(data.amount)} show={show} />
            <Checkbox
              checked={residual === "keep"}
              onChange={(event) => setResidual(event.target.checked ? "keep" : "place")}
              data-testid="split-keep"
            >
              {t("split.keep")}
            </Checkbox>
          </>
        ) : null}
      </div>
    </Modal>
  );
}

function toggled(known: ReadonlySet<string>, key: string, on: boolean): ReadonlySet<string> {
  const next = new Set(known);
  if (on) next.add(key);
  else next.delete(key);
  return next;
}

function Residual({
  value,
  amount,
  show,
}: {
  value: string;
  amount: string;
  show: (value: string | null) => string;
}) {
  const { t } = useI18n();
  const left = toBig(value);
  const isClosed = !left || left.eq(0);
  return (
    <p
      className={`kp-split__residual kp-residual--${isClosed ? "ok" : "warn"}`}
      role="status"
      data-testid="split-residual"
    >
      {isClosed ? t("split.closes", { amount }) : t("split.left", { amount, residual: show(value) })}
    </p>
  );
}
