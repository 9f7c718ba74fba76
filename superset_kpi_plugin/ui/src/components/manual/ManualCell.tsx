/** One value: what stands or is typed, where it comes from, and the way to what was entered before. */
import { HistoryOutlined } from "@ant-design/icons";
import { Button, Input } from "antd";
import { editText, formatAmount } from "../../data/decimal";
import type { EntityRow } from "../../data/entities";
import { type ManualKpi, type ManualValue, readTyped } from "../../data/manual";
import { formatPeriod } from "../../data/period";
import { useI18n } from "../../i18n";

interface Props {
  kpi: ManualKpi;
  entity: EntityRow;
  period: string;
  known: ManualValue | undefined;
  typed: string | undefined;
  canWrite: boolean;
  onType: (text: string) => void;
  onOpen: (value: ManualValue) => void;
}

export function ManualCell({ kpi, entity, period, known, typed, canWrite, onType, onOpen }: Props) {
  const { t, locale } = useI18n();
  const name = t("manual.value_of", {
    entity: entity.entity_name,
    period: formatPeriod(period, kpi.grain, locale),
  });
  const read = typed === undefined ? null : readTyped(typed, known, kpi.number_format);
  const error = read && !read.ok ? t(read.error) : "";
  // A period that has not begun has no value yet; periods begin as the API counts, in UTC.
  const isFuture = period > new Date().toISOString().slice(0, 10);
  return (
    <span className="kp-manual__cell">
      {canWrite && !isFuture ? (
        <Input
          className={typed === undefined ? undefined : "kp-manual__typed"}
          value={typed ?? editText(known?.value, kpi.number_format)}
          aria-label={name}
          aria-invalid={error !== ""}
          title={error || known?.note}
          status={error ? "error" : undefined}
          inputMode="decimal"
          autoComplete="off"
          onChange={(event) => onType(event.target.value)}
        />
      ) : (
        <span title={known?.note}>
          {formatAmount(known?.value, kpi.number_format, {
            unit: kpi.unit,
            currency: known?.currency ?? entity.currency,
          })}
        </span>
      )}
      {error ? (
        <span className="kp-field__error" role="alert">
          {error}
        </span>
      ) : null}
      {known ? (
        <Button
          type="text"
          size="small"
          icon={<HistoryOutlined />}
          aria-label={t("manual.history_of", { value: name })}
          title={t("manual.history")}
          onClick={() => onOpen(known)}
        />
      ) : null}
    </span>
  );
}
