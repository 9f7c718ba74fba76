/** One scorecard: its score, and every part with the attainment that counts and its weight. */
import { formatAmount, formatShare, toBig } from "../../data/decimal";
import type { Scorecard, ScorePart } from "../../data/scorecards";
import { useI18n } from "../../i18n";
import { KpiName } from "../KpiName";
import { StatusTag } from "../StatusTag";

export function ScorecardTable({ card }: { card: Scorecard }) {
  const { t } = useI18n();
  const isWhole = toBig(card.covered)?.gte(1) ?? false;
  return (
    <section className="kp-score" aria-label={card.subject_name} data-testid="scorecard">
      <header className="kp-score__head">
        <h3>{card.subject_name || t("score.nobody")}</h3>
        <span>
          <strong className="kp-score__value">{formatShare(card.score)}</strong>
          {isWhole ? null : (
            <span className="kp-muted"> {t("score.covered", { share: formatShare(card.covered) })}</span>
          )}
        </span>
      </header>
      <section
        className="kp-score__scroll"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={t("score.parts_of", { subject: card.subject_name })}
      >
        <table className="kp-table kp-table--tight kp-table--stack">
          <thead>
            <tr>
              <th scope="col">{t("targets.column.kpi")}</th>
              <th scope="col">{t("targets.column.entity")}</th>
              {(["target_value", "value", "attainment"] as const).map((name) => (
                <th key={name} scope="col" className="kp-cell--end">
                  {t(`targets.column.${name}`)}
                </th>
              ))}
              <th scope="col" className="kp-cell--end">
                {t("score.counted")}
              </th>
              <th scope="col" className="kp-cell--end">
                {t("targets.column.weight")}
              </th>
              <th scope="col">{t("targets.column.status")}</th>
            </tr>
          </thead>
          <tbody>
            {card.parts.map((part) => (
              <PartRow key={`${part.kpi_id}|${part.entity_id}`} part={part} />
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

function PartRow({ part }: { part: ScorePart }) {
  const { t } = useI18n();
  const show = (value: string | null) =>
    formatAmount(value, part.number_format, { unit: part.unit ?? undefined });
  return (
    <tr>
      <td className="kp-stack--all">
        <KpiName kpi={part} />
      </td>
      <td className="kp-stack--all">{part.entity_name}</td>
      <td className="kp-cell--end" data-label={t("targets.column.target_value")}>
        {show(part.target_value)}
      </td>
      <td className="kp-cell--end" data-label={t("targets.column.value")}>
        {show(part.value)}
      </td>
      <td className="kp-cell--end" data-label={t("targets.column.attainment")}>
        {formatShare(part.attainment)}
      </td>
      <td className="kp-cell--end" data-label={t("score.counted")}>
        {formatShare(part.counted)}
      </td>
      <td className="kp-cell--end" data-label={t("targets.column.weight")}>
        {formatAmount(part.weight, ",.2~f")}
      </td>
      <td>
        <StatusTag status={part.status} />
      </td>
    </tr>
  );
}
