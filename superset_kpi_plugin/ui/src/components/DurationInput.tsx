/** A length of time, kept in minutes: a number and its unit. */
import { InputNumber, Select, Space } from "antd";
import { useState } from "react";
import { useI18n } from "../i18n";
import type { ControlProps } from "./FormDrawer";

const UNITS = { minute: 1, hour: 60, day: 24 * 60 } as const;
type Unit = keyof typeof UNITS;
const NAMES: readonly Unit[] = ["day", "hour", "minute"];

interface Props extends ControlProps {
  /** Minutes. */
  value: number;
  /** Named in front of the unit for who can't see what it belongs to. */
  label: string;
  onChange: (minutes: number) => void;
}

/** The largest unit in which the length is a whole number. */
export function unitOf(minutes: number): Unit {
  return NAMES.find((name) => minutes % UNITS[name] === 0) ?? "minute";
}

export function DurationInput({ value, label: title, onChange, ...props }: Props) {
  const { t, label } = useI18n();
  const [unit, setUnit] = useState<Unit>(() => unitOf(value));
  // A length from elsewhere may not be whole in the unit that was chosen.
  const shown = value % UNITS[unit] === 0 ? unit : unitOf(value);
  return (
    <Space.Compact>
      <InputNumber
        {...props}
        min={0}
        precision={0}
        value={value / UNITS[shown]}
        onChange={(number) => onChange((number ?? 0) * UNITS[shown])}
      />
      <Select<Unit>
        value={shown}
        aria-label={`${title}: ${t("duration.unit")}`}
        onChange={(next) => {
          setUnit(next);
          onChange((value / UNITS[shown]) * UNITS[next]);
        }}
        options={NAMES.map((name) => ({ value: name, label: label("duration", name) }))}
      />
    </Space.Compact>
  );
}
