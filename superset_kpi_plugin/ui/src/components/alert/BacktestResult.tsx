/** What a rule would have done over the last half year: how often, for whom, and how a longer wait changes it. */
import type { Backtest } from "../../data/rules";
import { useI18n } from "../../i18n";

const SHOWN = 20;

export function BacktestResult({ result }: { result: Backtest }) {
  const { t } = useI18n();
  if (!result.can_replay) {
    return (
      <section className="kp-backtest" data-testid="backtest">
        <p>{result.reason}</p>
      </section>
    );
  }
  return (
    <section className="kp-backtest" aria-label={t("rules.backtest")} data-testid="backtest">
      <p>
        <strong>
          {t("rules.would_have_fired", { count: result.fired, from: result.from, to: result.to })}
        </strong>{" "}
        {t("rules.backtest_noise", {
          short: result.short,
          entities: result.entities,
          per: result.per_1000 ?? "—",
        })}
      </p>
      {result.caveats.map((text) => (
        <p key={text} className="kp-muted">
          {text}
        </p>
      ))}
      <table className="kp-table">
        <caption>{t("rules.hints")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("rules.for_days")}</th>
            <th scope="col">{t("rules.fired")}</th>
            <th scope="col">{t("rules.short")}</th>
          </tr>
        </thead>
        <tbody>
          {result.hints.for_days.map((hint) => (
            <tr key={hint.for_days}>
              <td>{hint.for_days}</td>
              <td>{hint.fired}</td>
              <td>{hint.short}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {result.firings.length > 0 ? (
        <table className="kp-table">
          <caption>{t("rules.firings")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("rules.fired_on")}</th>
              <th scope="col">{t("rules.for_whom")}</th>
              <th scope="col">{t("alerts.column.owner")}</th>
              <th scope="col">{t("rules.days")}</th>
            </tr>
          </thead>
          <tbody>
            {result.firings.slice(0, SHOWN).map((firing) => (
              <tr key={`${firing.entity_id}-${firing.fired_on}`}>
                <td>{firing.fired_on}</td>
                <td>{firing.entity_name}</td>
                <td>{firing.owner_name ?? "—"}</td>
                <td>{firing.days}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </section>
  );
}
