/** Explain a difference, or sign it off: a reason, a note, and of a sign-off the last day on which it holds. */
import { Alert, App, Button, Input, Select } from "antd";
import { type ReactNode, useState } from "react";
import { fieldErrors } from "../../data/api";
import { type Difference, useReconciliationActions } from "../../data/reconciliation";
import { useI18n } from "../../i18n";
import { DayInput } from "../DayInput";
import { addDays } from "../FreshnessStamp";
import { errorText } from "../StateMessage";

interface Props {
  difference: Difference;
  reasons: readonly string[];
  canExplain: boolean;
  canSign: boolean;
}

const USUAL_DAYS = 30;
const MOST_DAYS = 366;

const FIELDS = ["reason_code", "note", "ends_on"];

export function SayForm({ difference, reasons, canExplain, canSign }: Props) {
  const i18n = useI18n();
  const { t, label } = i18n;
  const { message } = App.useApp();
  const { explain, sign } = useReconciliationActions();
  const today = new Date().toISOString().slice(0, 10);
  const [reason, setReason] = useState<string | null>(difference.record?.reason_code ?? null);
  const [note, setNote] = useState("");
  const [endsOn, setEndsOn] = useState(addDays(today, USUAL_DAYS));
  if (!difference.standing || !(canExplain || canSign)) return null;
  const error = sign.error ?? explain.error;
  const problems = fieldErrors(error);
  const isReady = reason !== null && note.trim() !== "";
  const said = { id: difference.reconciliation_id, reason_code: reason ?? "", note: note.trim() };
  const done = (text: string) => ({
    onSuccess: () => {
      message.success(text);
      setNote("");
    },
  });
  const doExplain = () => {
    sign.reset();
    explain.mutate(said, done(t("difference.explained")));
  };
  const doSign = () => {
    explain.reset();
    const amounts = {
      difference: difference.difference,
      absolute_difference: difference.absolute_difference,
    };
    sign.mutate({ ...said, ...amounts, ends_on: endsOn }, done(t("difference.signed")));
  };
  const field = (name: string, title: string, control: ReactNode) => (
    <div className="kp-field">
      <label htmlFor={`say-${name}`}>{title}</label>
      {control}
      {problems[name] ? (
        <span className="kp-field__error" role="alert">
          {problems[name]}
        </span>
      ) : null}
    </div>
  );
  return (
    <section className="kp-ackbox" aria-label={t("difference.say")} data-testid="say-form">
      {error && !FIELDS.some((name) => problems[name]) ? (
        <Alert type="error" showIcon message={errorText(error, i18n)} />
      ) : null}
      {field(
        "reason_code",
        t("difference.reason"),
        <Select<string>
          id="say-reason_code"
          value={reason}
          placeholder={t("difference.reason_choose")}
          onChange={setReason}
          options={reasons.map((value) => ({ value, label: label("difference.reason", value) }))}
          data-testid="say-reason"
        />,
      )}
      {field(
        "note",
        t("difference.note"),
        <Input.TextArea
          id="say-note"
          value={note}
          maxLength={2000}
          autoSize={{ minRows: 2, maxRows: 6 }}
          onChange={(event) => setNote(event.target.value)}
          data-testid="say-note"
        />,
      )}
      {canSign
        ? field(
            "ends_on",
            t("difference.ends_on"),
            <DayInput
              id="say-ends_on"
              allowClear={false}
              value={endsOn}
              min={today}
              max={addDays(today, MOST_DAYS)}
              onChange={(day) => day && setEndsOn(day)}
              data-testid="say-ends-on"
            />,
          )
        : null}
      <div className="kp-alertacts__row">
        {canSign ? (
          <Button
            type="primary"
            disabled={!isReady}
            loading={sign.isPending}
            onClick={doSign}
            data-testid="difference-sign"
          >
            {t("difference.sign")}
          </Button>
        ) : null}
        {canExplain ? (
          <Button
            disabled={!isReady}
            loading={explain.isPending}
            onClick={doExplain}
            data-testid="difference-explain"
          >
            {t("difference.explain")}
          </Button>
        ) : null}
      </div>
      {canSign ? <p className="kp-muted">{t("difference.sign_hint")}</p> : null}
    </section>
  );
}
