/** Asks before a step of the agreement, with every change spelt out, and for the reason where one is needed. */
import { ArrowRightOutlined } from "@ant-design/icons";
import { Input, Modal } from "antd";
import { useEffect, useState } from "react";
import { needsReason, type Step } from "../../data/agreement";
import { formatAmount } from "../../data/decimal";
import { EMPTY_VALUES, fieldCurrency, fieldFormat, fieldUnit, pickValues, sameValue } from "../../data/edits";
import { formatPeriod } from "../../data/period";
import {
  TARGET_FIELDS,
  type TargetField,
  type TargetRow,
  type TargetValues,
  TEXT_FIELDS,
} from "../../data/types";
import { useI18n } from "../../i18n";
import { EntityKind } from "../EntityKind";

export interface Asked {
  step: Step;
  rows: readonly TargetRow[];
}

interface Props {
  asked: Asked | null;
  isBusy: boolean;
  onCancel: () => void;
  onConfirm: (asked: Asked, words: { reason: string; comment: string }) => void;
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
  return TARGET_FIELDS.filter((field) => !sameValue(field, before[field], after[field])).map((field) => ({
    field,
    from: before[field],
    to: after[field],
  }));
}

export function showValue(
  row: Pick<TargetRow, "number_format" | "currency" | "unit" | "draft" | "approved">,
  field: TargetField,
  value: string | null,
): string {
  if (TEXT_FIELDS.includes(field)) return value || "—";
  return formatAmount(value, fieldFormat(row, field), {
    currency: fieldCurrency(row, field),
    unit: fieldUnit(row, field),
  });
}

/** Long lists are counted, not drawn: a thousand approvals are one question. */
const SHOWN = 200;

export function AgreementDialog({ asked, isBusy, onCancel, onConfirm }: Props) {
  const { t, locale } = useI18n();
  const [reason, setReason] = useState("");
  const [comment, setComment] = useState("");
  useEffect(() => {
    if (asked) {
      setReason("");
      setComment("");
    }
  }, [asked]);
  const list = asked?.rows ?? [];
  const step = asked?.step ?? "approve";
  const isReasonNeeded = needsReason(step, list);
  const first = list[0];
  return (
    <Modal
      open={asked !== null}
      title={t(`agree_title.${step}`, { count: list.length })}
      okText={t(`agree_confirm.${step}`)}
      cancelText={t("action.cancel")}
      confirmLoading={isBusy}
      onCancel={onCancel}
      onOk={() => asked && onConfirm(asked, { reason: reason.trim(), comment: comment.trim() })}
      okButtonProps={{ "data-testid": `${step}-confirm`, disabled: isReasonNeeded && reason.trim() === "" }}
      width={720}
      destroyOnHidden
    >
      <div data-testid={`${step}-dialog`}>
        <p className="kp-muted">
          {t(`agree_hint.${step}`, {
            period: first ? formatPeriod(first.period_start, first.grain, locale) : "",
          })}
        </p>
        <ul className="kp-changes">
          {list.slice(0, SHOWN).map((row) => (
            <ChangedRow key={`${row.kpi_id}|${row.entity_id}|${row.period_start}`} row={row} />
          ))}
        </ul>
        {list.length > SHOWN ? (
          <p className="kp-muted">{t("agree.more", { count: list.length - SHOWN })}</p>
        ) : null}
        {isReasonNeeded ? (
          <div className="kp-words">
            <label htmlFor="kp-agree-reason">
              {t(step === "unlock" ? "agree.reason_unlock" : "agree.reason")}{" "}
              <span aria-hidden="true">*</span>
            </label>
            <Input.TextArea
              id="kp-agree-reason"
              value={reason}
              maxLength={2000}
              autoSize={{ minRows: 2, maxRows: 6 }}
              aria-required="true"
              onChange={(event) => setReason(event.target.value)}
              data-testid="agree-reason"
            />
          </div>
        ) : null}
        <div className="kp-words">
          <label htmlFor="kp-agree-comment">{t("agree.comment")}</label>
          <Input.TextArea
            id="kp-agree-comment"
            value={comment}
            maxLength={2000}
            autoSize={{ minRows: 1, maxRows: 6 }}
            placeholder={t("comments.placeholder")}
            onChange={(event) => setComment(event.target.value)}
            data-testid="agree-comment"
          />
        </div>
      </div>
    </Modal>
  );
}

function ChangedRow({ row }: { row: TargetRow }) {
  const { t, locale } = useI18n();
  return (
    <li className="kp-changes__row">
      <div className="kp-changes__name">
        <strong>{row.entity_name}</strong>
        <span>
          {row.kpi_name} · <EntityKind entity={row} /> · {formatPeriod(row.period_start, row.grain, locale)}
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
  );
}
