/** One of the four steps: what was found, what to do about it, and what is in order. */
import type { ReactNode } from "react";
import { formatAmount } from "../../data/decimal";
import type { CheckItem, DiagnosisCheck, DiagnosisStep } from "../../data/diagnosis";
import { formatInstant } from "../../data/period";
import { useI18n } from "../../i18n";
import { SeverityTag } from "../StatusTag";
import { DiagnosisAnchor } from "./DiagnosisAnchor";
import { DiagnosisIcon, DiagnosisTag } from "./look";

interface Props {
  step: DiagnosisStep;
  number: number;
  /** Whether this is the step to begin with. */
  isFirst: boolean;
  children?: ReactNode;
}

/** So many items are open at once; the rest unfolds. */
const OPEN = 5;

export function StepCard({ step, number, isFirst, children }: Props) {
  const { t, label } = useI18n();
  const found = step.checks.filter((check) => check.status !== "ok");
  const fine = step.checks.filter((check) => check.status === "ok");
  return (
    <section
      id={`step-${step.step}`}
      className="kp-panel kp-diagnosis__step"
      aria-labelledby={`step-${step.step}-title`}
      data-testid={`step-${step.step}`}
      data-first={isFirst ? "true" : undefined}
    >
      <header className="kp-diagnosis__head">
        <span className="kp-diagnosis__number" aria-hidden="true">
          {number}
        </span>
        <h2 id={`step-${step.step}-title`}>
          {label("diagnosis.step", step.step)}{" "}
          <span className="kp-muted">{label("diagnosis.question", step.step)}</span>
        </h2>
        {isFirst ? <strong className="kp-diagnosis__begin">{t("diagnosis.begin")}</strong> : null}
        <DiagnosisTag status={step.status} />
      </header>
      {found.length > 0 ? (
        <ul className="kp-diagnosis__checks">
          {found.map((check) => (
            <Check key={check.code} check={check} />
          ))}
        </ul>
      ) : null}
      {fine.length > 0 ? (
        <details className="kp-diagnosis__fine">
          <summary>{t("diagnosis.fine", { count: fine.length })}</summary>
          <ul className="kp-diagnosis__checks">
            {fine.map((check) => (
              <Check key={check.code} check={check} />
            ))}
          </ul>
        </details>
      ) : null}
      {children}
    </section>
  );
}

function Check({ check }: { check: DiagnosisCheck }) {
  const { t } = useI18n();
  const { items } = check;
  const hidden = check.count - items.length;
  return (
    <li className="kp-diagnosis__check" data-testid={`check-${check.code}`} data-status={check.status}>
      <DiagnosisIcon status={check.status} />
      <div>
        <p>
          <strong className="kp-diagnosis__message">{check.message}</strong>
        </p>
        {check.advice ? (
          <p>
            {check.advice} <DiagnosisAnchor link={check.link} />
          </p>
        ) : null}
        {items.length > 0 ? <Items check={check} items={items.slice(0, OPEN)} /> : null}
        {items.length > OPEN ? (
          <details>
            <summary>{t("diagnosis.more", { count: items.length - OPEN })}</summary>
            <Items check={check} items={items.slice(OPEN)} />
          </details>
        ) : null}
        {items.length > 0 && hidden > 0 && !SUMS.includes(check.code) ? (
          <p className="kp-muted">{t("diagnosis.beyond", { count: hidden })}</p>
        ) : null}
      </div>
    </li>
  );
}

/** Checks that count something else than their items: rows, messages. */
const SUMS = ["quarantine", "undelivered"];

function Items({ check, items }: { check: DiagnosisCheck; items: readonly CheckItem[] }) {
  return (
    <ul className="kp-diagnosis__items">
      {items.map((item, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: items of an answer never change places
        <li key={`${item.label} ${at}`} data-testid="check-item">
          <DiagnosisAnchor link={item.link}>{item.label}</DiagnosisAnchor>
          <Detail check={check} item={item} />
        </li>
      ))}
    </ul>
  );
}

function Detail({ check, item }: { check: DiagnosisCheck; item: CheckItem }) {
  const { label, locale } = useI18n();
  const words =
    check.code === "reconciliation"
      ? label("difference.state", item.detail)
      : check.code === "pending"
        ? label("agreement", item.detail)
        : item.detail;
  const amount = item.amount?.value
    ? formatAmount(item.amount.value, "$,.2f", { currency: item.amount.currency, signed: true })
    : null;
  const parts = [words, amount, item.at ? formatInstant(item.at, locale) : null].filter(Boolean);
  return (
    <>
      {parts.length > 0 ? <span className="kp-muted kp-prewrap">{parts.join(" · ")}</span> : null}
      {item.severity ? <SeverityTag severity={item.severity} /> : null}
    </>
  );
}
