/** Editor of one cell: a plain input that starts with the exact value, all of it selected. */
import { useState } from "react";
import type { RenderEditCellProps } from "react-data-grid";
import { editedValues, fieldText } from "../../data/edits";
import { type TargetField, TEXT_FIELDS } from "../../data/types";
import { useI18n } from "../../i18n";
import type { GridRow } from "./rows";

function startText({ row, edit }: GridRow, field: TargetField): string {
  const known = edit?.fields[field];
  if (known) return known.text;
  const value = editedValues(row, edit)[field];
  return fieldText(row, field, value);
}

export function CellEditor({
  row,
  field,
  onRowChange,
  onClose,
}: RenderEditCellProps<GridRow> & { field: TargetField }) {
  const { t } = useI18n();
  const [text, setText] = useState(() => row.pending?.text ?? startText(row, field));
  return (
    <input
      className="kp-editor"
      aria-label={`${t(`targets.column.${field}`)}, ${row.row.entity_name}`}
      inputMode={TEXT_FIELDS.includes(field) ? "text" : "decimal"}
      autoComplete="off"
      spellCheck={false}
      value={text}
      ref={focusOnce}
      onChange={(event) => {
        setText(event.target.value);
        onRowChange({ ...row, pending: { field, text: event.target.value } });
      }}
      onBlur={() => onClose(true, false)}
      data-testid="cell-editor"
    />
  );
}

function focusOnce(input: HTMLInputElement | null): void {
  if (!input || document.activeElement === input) return;
  input.focus();
  input.select();
}
