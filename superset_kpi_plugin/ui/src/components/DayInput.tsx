/** A day, shown in the reader's language; typed as it is shown, or as 2026-11-28. */
import { DatePicker, type DatePickerProps } from "antd";
import dayjs from "dayjs";
import { DAY_FORMATS } from "../data/period";
import { useI18n } from "../i18n";

interface Props
  extends Pick<DatePickerProps, "allowClear" | "aria-label" | "className" | "id" | "placeholder" | "status"> {
  /** YYYY-MM-DD; null where none is chosen. */
  value: string | null;
  min?: string;
  max?: string;
  onChange: (day: string | null) => void;
  "data-testid"?: string;
}

export function DayInput({ value, min, max, onChange, ...rest }: Props) {
  const { locale } = useI18n();
  return (
    <DatePicker
      {...rest}
      value={value ? dayjs(value) : null}
      minDate={min ? dayjs(min) : undefined}
      maxDate={max ? dayjs(max) : undefined}
      format={DAY_FORMATS[locale]}
      onChange={(day) => onChange(day ? day.format("YYYY-MM-DD") : null)}
    />
  );
}
