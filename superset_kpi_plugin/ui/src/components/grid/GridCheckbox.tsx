/** The grid's row selection as a native checkbox, so that keyboards and screen readers know it. */
import { useEffect, useRef } from "react";
import type { RenderCheckboxProps } from "react-data-grid";
import { useI18n } from "../../i18n";

export function GridCheckbox({ onChange, indeterminate, checked, disabled, tabIndex }: RenderCheckboxProps) {
  const { t } = useI18n();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (input.current) input.current.indeterminate = indeterminate === true;
  }, [indeterminate]);
  return (
    <label className="kp-check">
      <input
        ref={input}
        type="checkbox"
        checked={checked}
        disabled={disabled}
        tabIndex={tabIndex}
        aria-label={t("targets.select_row")}
        onChange={(event) =>
          onChange(
            event.target.checked,
            event.nativeEvent instanceof MouseEvent && event.nativeEvent.shiftKey,
          )
        }
      />
    </label>
  );
}
