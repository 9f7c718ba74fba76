/** Budget or people beside a target that is to grow: one of them is enough. */
import { Button, Input } from "antd";
import { useId, useState } from "react";
import { parseAmount } from "../../data/decimal";
import { fieldFormat } from "../../data/edits";
import { useI18n } from "../../i18n";
import { Field } from "../FormDrawer";

const FIELDS = ["budget", "headcount"] as const;
type Means = Partial<Record<(typeof FIELDS)[number], string>>;

interface Props {
  isBusy: boolean;
  onSubmit: (means: Means) => void;
}

export function MeansForm({ isBusy, onSubmit }: Props) {
  const { t } = useI18n();
  const id = useId();
  const [typed, setTyped] = useState({ budget: "", headcount: "" });
  const read = FIELDS.map((field) => ({
    field,
    parsed: parseAmount(typed[field], fieldFormat({ number_format: null }, field)),
  }));
  const means: Means = {};
  for (const { field, parsed } of read) if (parsed.ok && parsed.value !== null) means[field] = parsed.value;
  const isReady = read.every(({ parsed }) => parsed.ok) && Object.keys(means).length > 0;
  return (
    <form
      className="kp-waiver"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) onSubmit(means);
      }}
      data-testid="means-form"
    >
      <p className="kp-muted">{t("lint.means_hint")}</p>
      {read.map(({ field, parsed }) => (
        <Field
          key={field}
          id={`${id}-${field}`}
          label={t(`targets.column.${field}`)}
          error={parsed.ok ? undefined : t(parsed.error)}
        >
          <Input
            id={`${id}-${field}`}
            value={typed[field]}
            inputMode="decimal"
            autoComplete="off"
            onChange={(event) => setTyped({ ...typed, [field]: event.target.value })}
          />
        </Field>
      ))}
      <Button type="primary" htmlType="submit" disabled={!isReady} loading={isBusy} data-testid="means-save">
        {t("lint.means_save")}
      </Button>
    </form>
  );
}
