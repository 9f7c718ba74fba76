/** Asks before approving, with every change spelt out: what is in force now, and what will be. */

import { ArrowRightOutlined } from "@ant-design/icons";
import { Modal } from "antd";
import { formatAmount, sameAmount } from "../../data/decimal";
import { EMPTY_VALUES, fieldFormat, fieldUnit, pickValues } from "../../data/edits";
import { formatPeriod } from "../../data/period";
import { TARGET_FIELDS, type TargetField, type TargetRow, type TargetValues } from "../../data/types";
import { useI18n } from "../../i18n";
import { EntityKind } from "../EntityKind";

interface Props {
  rows: readonly TargetRow[] | null;
  isBusy: boolean;
  onCancel: () => void;
  onConfirm: (rows: readonly TargetRow[]) => void;
}

export interface FieldChange {
  field: TargetField;
  from: string | null;
  to: string | null;
}

/** What approving a row's draft changes against what is approved now. */
export function draftChanges(row: TargetRow): FieldChange[] {
  if (!row.draft) return [];
  const before: TargetValues = row.approved ? pickValues(row.approved) : EMPTY_VALUES;
  const after = pickValues(row.draft);
  return TARGET_FIELDS.filter((field) =>
    field === "owner"
      ? (before.owner ?? "") !== (after.owner ?? "")
      : !sameAmount(before[field], after[field]),
  ).map((field) => ({ field, from: before[field], to: after[field] }));
}

export function showValue(row: TargetRow, field: TargetField, value: string | null): string {
  if (field === "owner") return value || "—";
  return formatAmount(value, fieldFormat(row, field), {
    currency: row.currency,
    unit: fieldUnit(row, field),
  });
}

export function ApproveDialog({ rows, isBusy, onCancel, onConfirm }: Props) {
  const { t, locale } = useI18n();
  const list = rows ?? [];
  const first = list[0];
  return (
    <Modal
      open={rows !== null}
      title={t("approve.title", { count: list.length })}
      okText={t("approve.confirm", { count: list.length })}
      cancelText={t("action.cancel")}
      confirmLoading={isBusy}
      onCancel={onCancel}
      onOk={() => onConfirm(list)}
      okButtonProps={{ "data-testid": "approve-confirm" }}
      width={720}
      destroyOnHidden
    >
      <div data-testid="approve-dialog">
        <p className="kp-muted">
          {t("approve.hint", { period: first ? formatPeriod(first.period_start, first.grain, locale) : "" })}
        </p>
        <ul className="kp-changes">
          {list.map((row) => (
            <li key={`${row.kpi_id}|${row.entity_id}`} className="kp-changes__row">
              <div className="kp-changes__name">
                <strong>{row.entity_name}</strong>
                <span>
                  {row.kpi_name} · <EntityKind entity={row} />
                </span>
              </div>
              <dl className="kp-changes__list">
                {draftChanges(row).map(({ field, from, to }) => (
                  <div key={field} data-testid="approve-change">
                    <dt>{t(`targets.column.${field}`)}</dt>
                    <dd>
                      <span className="kp-old">{showValue(row, field, from)}</span>
                      <ArrowRightOutlined aria-label={t("approve.becomes")} />
                      <strong>{showValue(row, field, to)}</strong>
                    </dd>
                  </div>
                ))}
              </dl>
            </li>
          ))}
        </ul>
      </div>
    </Modal>
  );
}
