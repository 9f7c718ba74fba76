/** Somebody else saved the same target first: shows both and lets the person choose, per target. */
import { Modal, Radio } from "antd";
import { useEffect, useState } from "react";
import { baseValues, type Conflict, editedValues, sameValue } from "../../data/edits";
import { formatAgo } from "../../data/period";
import { TARGET_FIELDS, type TargetField } from "../../data/types";
import { useI18n } from "../../i18n";
import { showValue } from "./AgreementDialog";

interface Props {
  conflicts: readonly Conflict[];
  onSettle: (choices: ReadonlyMap<string, "mine" | "theirs">) => void;
  onCancel: () => void;
}

/** Fields on which the two versions differ. */
function differing({ mine, theirs }: Conflict): TargetField[] {
  const left = editedValues(mine.row, mine);
  const right = baseValues(theirs);
  return TARGET_FIELDS.filter((field) => !sameValue(field, left[field], right[field]));
}

export function ConflictDialog({ conflicts, onSettle, onCancel }: Props) {
  const { t } = useI18n();
  const [choices, setChoices] = useState<ReadonlyMap<string, "mine" | "theirs">>(new Map());
  // A new set of conflicts starts without choices; theirs is what stands until somebody decides.
  useEffect(() => setChoices(new Map(conflicts.map(({ key }) => [key, "theirs"]))), [conflicts]);
  return (
    <Modal
      open={conflicts.length > 0}
      title={t("conflict.title", { count: conflicts.length })}
      okText={t("conflict.settle")}
      cancelText={t("action.cancel")}
      onOk={() => onSettle(choices)}
      onCancel={onCancel}
      width={680}
      destroyOnHidden
    >
      <div data-testid="conflict-dialog">
        <p className="kp-muted">{t("conflict.hint")}</p>
        {conflicts.map((conflict) => (
          <ConflictRow
            key={conflict.key}
            conflict={conflict}
            choice={choices.get(conflict.key) ?? "theirs"}
            onChoose={(choice) => setChoices((known) => new Map(known).set(conflict.key, choice))}
          />
        ))}
      </div>
    </Modal>
  );
}

interface RowProps {
  conflict: Conflict;
  choice: "mine" | "theirs";
  onChoose: (choice: "mine" | "theirs") => void;
}

function ConflictRow({ conflict, choice, onChoose }: RowProps) {
  const { t, locale } = useI18n();
  const { mine, theirs } = conflict;
  const fields = differing(conflict);
  const saved = theirs.draft;
  const own = editedValues(mine.row, mine);
  const other = baseValues(theirs);
  const name = `${theirs.entity_name} · ${theirs.kpi_name}`;
  const summary = (values: typeof own) =>
    fields.map((field) => (
      <span key={field} className="kp-conflict__value">
        {t(`targets.column.${field}`)} <strong>{showValue(theirs, field, values[field])}</strong>
      </span>
    ));
  return (
    <fieldset className="kp-conflict">
      <legend>{name}</legend>
      <Radio.Group
        value={choice}
        onChange={(event) => onChoose(event.target.value)}
        aria-label={name}
        className="kp-conflict__choices"
      >
        <Radio value="theirs" data-testid="conflict-theirs">
          <span className="kp-conflict__who">
            {t("conflict.theirs", {
              by: saved?.changed_by ?? theirs.approved?.approved_by ?? "—",
              ago: formatAgo(saved?.changed_at ?? theirs.approved?.approved_at, locale),
            })}
          </span>
          {summary(other)}
        </Radio>
        <Radio value="mine" data-testid="conflict-mine">
          <span className="kp-conflict__who">{t("conflict.mine")}</span>
          {summary(own)}
        </Radio>
      </Radio.Group>
    </fieldset>
  );
}
