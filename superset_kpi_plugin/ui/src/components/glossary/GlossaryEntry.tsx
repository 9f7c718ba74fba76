/** One KPI of the glossary. */
import type { ReactNode } from "react";
import { formatAmount } from "../../data/decimal";
import { type GlossaryKpi, holds, type Standard, textOf } from "../../data/glossary";
import { formatDate, marketplaceToday } from "../../data/period";
import { useI18n } from "../../i18n";
import { KpiName } from "../KpiName";

interface Props {
  kpi: GlossaryKpi;
  names: ReadonlyMap<string, GlossaryKpi>;
  isOpen: boolean;
}

export function GlossaryEntry({ kpi, names, isOpen }: Props) {
  const { t, locale, label } = useI18n();
  const other = locale === "zh" ? kpi.name_en : kpi.name_zh;
  const comma = t("glossary.comma");
  const kinds = kpi.entity_kinds.map((kind) => label("entity_kind", kind)).join(comma);
  return (
    <section
      id={kpi.kpi_id}
      className="kp-panel kp-glossary__entry"
      data-open={isOpen}
      aria-label={textOf(kpi, "name", locale) ?? kpi.kpi_id}
      data-testid={`glossary-${kpi.kpi_id}`}
    >
      <h3>
        {textOf(kpi, "name", locale)}{" "}
        <span className="kp-muted">
          {other} · <code>{kpi.kpi_id}</code>
        </span>
      </h3>
      <p>{textOf(kpi, "description", locale)}</p>
      <dl>
        <Fact name={t("glossary.formula")}>{textOf(kpi, "formula", locale)}</Fact>
        <Fact name={t("glossary.unit")}>
          {[label("unit", kpi.unit), label("glossary.direction", kpi.direction)].join(comma)}
        </Fact>
        <Fact name={t("glossary.kinds")}>{kinds}</Fact>
        <Fact name={t("glossary.playbook")}>{textOf(kpi, "playbook", locale)}</Fact>
        <Fact name={t("glossary.standards")}>
          {kpi.standards.length > 0 ? <Standards kpi={kpi} /> : null}
        </Fact>
        <Fact name={t("glossary.drivers")}>
          {kpi.drivers.length > 0 ? <Related ids={kpi.drivers} names={names} /> : null}
        </Fact>
        <Fact name={t("glossary.counter")}>
          {kpi.counter_kpis.length > 0 ? <Related ids={kpi.counter_kpis} names={names} /> : null}
        </Fact>
        <Fact name={t("glossary.source")}>
          {kpi.source.length > 0 ? <Sources names={kpi.source} /> : null}
        </Fact>
        <Fact name={t("glossary.settled")}>
          {kpi.days_until_settled === null ? null : t("glossary.days", { count: kpi.days_until_settled })}
        </Fact>
        <Fact name={t("glossary.owner")}>{kpi.owner_role ? label("owner_role", kpi.owner_role) : null}</Fact>
      </dl>
    </section>
  );
}

/** A line, where there is something to say. */
function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === null || children === undefined || children === "") return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Related({ ids, names }: { ids: readonly string[]; names: Props["names"] }) {
  const { locale } = useI18n();
  return (
    <ul className="kp-glossary__links">
      {ids.map((id) => {
        const known = names.get(id);
        return (
          <li key={id}>
            {known ? <KpiName kpi={{ kpi_id: id, kpi_name: textOf(known, "name", locale) }} /> : id}
          </li>
        );
      })}
    </ul>
  );
}

function Sources({ names }: { names: readonly string[] }) {
  const { t, label } = useI18n();
  if (names.length === 1 && names[0] === "manual") return <>{label("glossary.source", "manual")}</>;
  return (
    <>
      {names.join(" > ")}
      {names.length > 1 ? <span className="kp-muted"> · {t("glossary.precedence")}</span> : null}
    </>
  );
}

function Standards({ kpi }: { kpi: GlossaryKpi }) {
  const { t, locale } = useI18n();
  const today = marketplaceToday();
  return (
    <ul className="kp-glossary__standards">
      {kpi.standards.map((standard) => (
        <li
          key={`${standard.platform} ${standard.name_en} ${standard.valid_from} ${standard.age_from_days}`}
          className={holds(standard, today) ? undefined : "kp-muted"}
          data-testid="glossary-standard"
        >
          <strong>{limitText(kpi, standard)}</strong> · {standard.platform_name ?? standard.platform} ·{" "}
          {(locale === "zh" ? standard.name_zh : null) || standard.name_en} ·{" "}
          {t(standard.valid_to ? "glossary.valid_between" : "glossary.valid_since", {
            from: formatDate(standard.valid_from, locale),
            to: formatDate(standard.valid_to, locale),
          })}
          {standard.is_verified === false ? (
            <span className="kp-muted"> · {t("glossary.unverified")}</span>
          ) : null}
        </li>
      ))}
    </ul>
  );
}

const SIGNS: Record<string, string> = { below: "<", at_most: "≤", at_least: "≥" };

/** `≤ 4.0%`, or a fee with its currency and what it is charged by. */
export function limitText(kpi: Pick<GlossaryKpi, "number_format" | "unit">, standard: Standard): string {
  if (standard.comparison === "fee") {
    const amount = formatAmount(standard.limit_value, "$,.2f", { currency: standard.currency });
    return standard.fee_unit ? `${amount} / ${standard.fee_unit}` : amount;
  }
  const amount = formatAmount(standard.limit_value, kpi.number_format, { unit: kpi.unit });
  return `${SIGNS[standard.comparison] ?? ""} ${amount}`.trim();
}
