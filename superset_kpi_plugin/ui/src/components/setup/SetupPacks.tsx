/** Which pack of KPIs, with which variant, for which kinds of entity and month, and who answers for them. */
import { Checkbox, DatePicker, Input, Radio } from "antd";
import dayjs from "dayjs";
import { formatPeriod, periodStart } from "../../data/period";
import { kindsOf, monthOf, type Pack, type SetupChoices, type Survey } from "../../data/setup";
import { useI18n } from "../../i18n";
import { Field } from "../FormDrawer";
import { KpiName } from "../KpiName";

interface Props {
  survey: Survey;
  choices: SetupChoices;
  choose: (part: Partial<SetupChoices>) => void;
}

export function SetupPacks({ survey, choices, choose }: Props) {
  const { t, label, locale } = useI18n();
  const kinds = kindsOf(choices, survey);
  return (
    <div className="kp-setup" data-testid="setup-packs">
      <Radio.Group
        className="kp-setup__cards"
        aria-label={t("setup.pack")}
        value={choices.pack}
        onChange={(event) => choose({ pack: event.target.value, kinds: null })}
      >
        {survey.packs
          .filter((pack) => !pack.is_variant)
          .map((pack) => (
            <PackCard key={pack.pack_id} pack={pack} />
          ))}
      </Radio.Group>
      <h3>{t("setup.variant")}</h3>
      <Radio.Group
        className="kp-setup__cards"
        aria-label={t("setup.variant")}
        value={choices.variant ?? ""}
        onChange={(event) => choose({ variant: event.target.value || null, kinds: null })}
      >
        <div className="kp-finding">
          <Radio value="" data-testid="variant-none">
            <strong>{t("setup.no_variant")}</strong>
          </Radio>
        </div>
        {survey.packs
          .filter((pack) => pack.is_variant)
          .map((pack) => (
            <PackCard key={pack.pack_id} pack={pack} />
          ))}
      </Radio.Group>
      <div className="kp-setup__fields">
        <Field id="setup-month" label={t("setup.month")} hint={t("setup.month_hint")}>
          <DatePicker
            id="setup-month"
            picker="month"
            allowClear={false}
            inputReadOnly
            value={dayjs(monthOf(choices, survey))}
            format={(day) => formatPeriod(day.format("YYYY-MM-01"), "month", locale)}
            onChange={(day) =>
              day && choose({ period_start: periodStart(day.format("YYYY-MM-DD"), "month") })
            }
          />
        </Field>
        <Field id="setup-owner" label={t("setup.owner")} hint={t("setup.owner_hint")}>
          <Input
            id="setup-owner"
            value={choices.owner}
            maxLength={255}
            autoComplete="off"
            onChange={(event) => choose({ owner: event.target.value })}
          />
        </Field>
      </div>
      <fieldset className="kp-powers">
        <legend>{t("setup.kinds")}</legend>
        <Checkbox.Group
          value={choices.kinds ? kinds.filter((kind) => choices.kinds?.includes(kind)) : kinds}
          onChange={(chosen) => choose({ kinds: kinds.filter((kind) => chosen.includes(kind)) })}
          options={kinds.map((kind) => ({ value: kind, label: label("entity_kind", kind) }))}
        />
      </fieldset>
    </div>
  );
}

function PackCard({ pack }: { pack: Pack }) {
  const { t } = useI18n();
  const core = pack.kpis.filter((kpi) => kpi.weight !== "0");
  return (
    <div className="kp-finding">
      <Radio value={pack.pack_id} data-testid={`pack-${pack.pack_id}`}>
        <strong>{pack.name}</strong>
      </Radio>
      <p>{pack.description}</p>
      <p className="kp-muted">{t("setup.pack_size", { count: pack.kpis.length, core: core.length })}</p>
      <details>
        <summary>{t("setup.pack_kpis")}</summary>
        <ul className="kp-setup__names">
          {pack.kpis.map((kpi) => (
            <li key={kpi.kpi_id}>
              {kpi.is_known ? (
                <KpiName kpi={{ kpi_id: kpi.kpi_id, kpi_name: kpi.name }} />
              ) : (
                t("setup.unknown_kpi", { kpi: kpi.name })
              )}{" "}
              <span className="kp-muted">
                {kpi.weight === "0" ? t("setup.watched") : t("setup.weighs", { weight: kpi.weight })}
              </span>
            </li>
          ))}
        </ul>
      </details>
    </div>
  );
}
