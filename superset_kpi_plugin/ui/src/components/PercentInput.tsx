/** A share, kept as the API has it ("0.05") and typed in percent. */
import { InputNumber } from "antd";
import { plain, toBig } from "../data/decimal";
import type { ControlProps } from "./FormDrawer";

interface Props extends ControlProps {
  value: string;
  onChange: (share: string) => void;
}

export function PercentInput({ value, onChange, ...props }: Props) {
  const share = toBig(value);
  return (
    <InputNumber<string>
      {...props}
      stringMode
      min="0"
      max="100"
      addonAfter="%"
      value={share ? plain(share.times(100)) : "0"}
      onChange={(percent) => {
        const typed = toBig(percent);
        onChange(typed ? plain(typed.div(100)) : "0");
      }}
    />
  );
}
