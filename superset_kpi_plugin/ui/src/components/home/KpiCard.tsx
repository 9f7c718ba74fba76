/** One KPI of the home page: value, target, status, pace, the last periods, and the drivers beside it. */
import { formatAmount, formatShare, toBig } from "../../data/decimal";
import type { HomeCard, HomeTarget } from "../../data/home";
import type { Driver } from "../../data/insight";
import { formatPeriod } from "../../data/period";
import { useI18n } from "../../i18n";
import { EntityKind } from "../EntityKind";
import { KpiName } from "../KpiName";
import { PageLink } from "../PageLink";
import { Sparkline } from "../Sparkline";
import { StatusTag } from "../StatusTag";
import { Provisional } from "./Provisional";

/** The targets page with this target's panel open. */
export function targetAddress(row: HomeTarget): string {
  const query = new URLSearchParams({ grain: row.grain, period: row.period_start, kpi: row.kpi_id });
  return `?${query}`;
}

export function amountOf(row: HomeTarget, value: string | null): string {
  return formatAmount(value, row.number_format, { currency: row.currency, unit: row.unit });
}

export function KpiCard({ card }: { card: HomeCard }) {
  const { t, locale } = useI18n();
  const values = card.series.map((point) => point.value);
  return (
    <article className="kp-homecard" data-testid="home-card" data-kpi={card.kpi_id}>
      <header className="kp-card__head">
        <span className="kp-card__names">
          <span className="kp-card__kpi">
            <KpiName kpi={card} />
          </span>
          <PageLink page="targets" at={targetAddress(card)} className="kp-card__entity kp-homecard__entity">
            {card.entity_name} {/* The one company says what it is by its name. */}
            {card.entity_kind === "company" ? null : (
              <span className="kp-muted">
                <EntityKind entity={card} />
              </span>
            )}
          </PageLink>
        </span>
        <StatusTag status={card.status} />
      </header>
      <div className="kp-homecard__numbers">
        <span className="kp-card__value">{amountOf(card, card.value)}</span>
        <Sparkline
          values={values}
          label={t("home.trend", { count: values.filter((value) => value !== null).length })}
          width={112}
          height={36}
        />
      </div>
      <p>
        <span className="kp-muted">
          {t("home.of_target", {
            target: amountOf(card, card.target_value),
            share: formatShare(card.attainment),
          })}
        </span>
        <br />
        <Pace card={card} />
      </p>
      <p className="kp-muted kp-homecard__period">
        {formatPeriod(card.period_start, card.grain, locale)}
        <Provisional row={card} />
      </p>
      {card.drivers.length > 0 ? <Drivers drivers={card.drivers} currency={card.currency} /> : null}
    </article>
  );
}

/** What was to be expected by now, and how far the value is from it. */
function Pace({ card }: { card: HomeCard }) {
  const { t } = useI18n();
  if (card.expected_value === null || card.gap === null) return <>{t("home.no_pace")}</>;
  const gap = formatAmount(card.gap, card.number_format, {
    currency: card.currency,
    unit: card.unit,
    signed: true,
  });
  return (
    <>
      {t("home.pace", { expected: amountOf(card, card.expected_value) })}
      <span className="kp-nowrap">{t("home.gap", { gap })}</span>
    </>
  );
}

/** The change against a year before, as a share of it; null where one of both is not known. */
export function changeOf(driver: Driver): string | null {
  const now = toBig(driver.value);
  const before = toBig(driver.last_year);
  return now && before && !before.eq(0) ? now.minus(before).div(before.abs()).toFixed(6) : null;
}

function Drivers({ drivers, currency }: { drivers: readonly Driver[]; currency: string | null }) {
  const { t } = useI18n();
  return (
    <div className="kp-homecard__drivers">
      <p>{t("home.drivers")}</p>
      <ul>
        {drivers.map((driver) => {
          const change = changeOf(driver);
          return (
            <li key={driver.kpi_id} data-testid="home-driver">
              <KpiName kpi={{ kpi_id: driver.kpi_id, kpi_name: driver.name }} />
              <span className="kp-homecard__driver">
                {formatAmount(driver.value, driver.number_format, { currency, unit: driver.unit })}{" "}
                <span className="kp-muted">
                  {change === null
                    ? t("home.no_last_year")
                    : t("home.last_year", { change: formatAmount(change, "+.0%", { signed: true }) })}
                </span>
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
