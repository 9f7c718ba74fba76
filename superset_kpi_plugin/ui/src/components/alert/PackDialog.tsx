/** A pack before it is switched on: each rule with what it watches, and how the stored one of its name differs. */
import { Alert, App, Button, Checkbox, Drawer, Select } from "antd";
import { useState } from "react";
import { kpiName, useCatalogue } from "../../data/common";
import { formatShare } from "../../data/decimal";
import { isOpenTo, isProposed, type Pack, type PackRule, useSwitchOn } from "../../data/packs";
import { useI18n } from "../../i18n";
import { Field } from "../FormDrawer";
import { errorText } from "../StateMessage";
import { SeverityTag } from "../StatusTag";

interface Props {
  pack: Pack;
  canWrite: boolean;
  channels: readonly string[];
  onClose: () => void;
}

export function PackDialog({ pack, canWrite, channels, onClose }: Props) {
  const i18n = useI18n();
  const { t, label } = i18n;
  const { message } = App.useApp();
  const switchOn = useSwitchOn();
  const [chosen, setChosen] = useState(() => pack.rules.filter(isProposed).map((rule) => rule.name));
  const [told, setTold] = useState<string[]>([]);
  const toggle = (name: string, isOn: boolean) =>
    setChosen((before) => (isOn ? [...before, name] : before.filter((one) => one !== name)));
  const save = () =>
    switchOn.mutate(
      { pack: pack.name, rules: chosen, channels: told },
      {
        onSuccess: ({ created, changed }) => {
          message.success(t("packs.done", { created: created.length, changed: changed.length }));
          onClose();
        },
      },
    );
  return (
    <Drawer
      open
      width={560}
      title={label("packs.name", pack.name)}
      onClose={onClose}
      closable={{ "aria-label": t("action.close") }}
      data-testid="pack-dialog"
      footer={
        canWrite ? (
          <Button
            type="primary"
            disabled={chosen.length === 0}
            loading={switchOn.isPending}
            onClick={save}
            data-testid="pack-save"
          >
            {t("packs.switch_on", { count: chosen.length })}
          </Button>
        ) : null
      }
    >
      <div className="kp-form">
        {switchOn.error ? <Alert type="error" showIcon message={errorText(switchOn.error, i18n)} /> : null}
        <p className="kp-muted">{label("packs.about", pack.name)}</p>
        {canWrite ? (
          <Field id="pack-channels" label={t("rules.channels")} hint={t("packs.channels_hint")}>
            {(props) => (
              <Select
                {...props}
                mode="multiple"
                value={told}
                onChange={(value: string[]) => setTold(value)}
                options={channels.map((value) => ({ value, label: value }))}
              />
            )}
          </Field>
        ) : null}
        <ul className="kp-plans__list">
          {pack.rules.map((rule) => (
            <li key={rule.name} className="kp-packrule" data-testid="pack-rule">
              <RuleOfPack
                rule={rule}
                isChosen={chosen.includes(rule.name)}
                onToggle={canWrite && isOpenTo(rule) ? (isOn) => toggle(rule.name, isOn) : null}
              />
            </li>
          ))}
        </ul>
      </div>
    </Drawer>
  );
}

interface RuleProps {
  rule: PackRule;
  isChosen: boolean;
  /** Null where there is nothing to choose. */
  onToggle: ((isOn: boolean) => void) | null;
}

function RuleOfPack({ rule, isChosen, onToggle }: RuleProps) {
  const { t, label, locale } = useI18n();
  const { data: catalogue } = useCatalogue();
  const kpi = catalogue?.find((row) => row.kpi_id === rule.kpi_id);
  const name = (locale === "zh" && rule.name_zh) || rule.name;
  const playbook = (locale === "zh" && rule.playbook_zh) || rule.playbook_en;
  const state = rule.problems.length > 0 ? "impossible" : rule.is_enabled === false ? "off" : rule.state;
  return (
    <>
      <div className="kp-packrule__head">
        {onToggle ? (
          <Checkbox checked={isChosen} onChange={(event) => onToggle(event.target.checked)}>
            <strong>{name}</strong>
          </Checkbox>
        ) : (
          <strong>{name}</strong>
        )}
        <SeverityTag severity={rule.severity} />
        <span className="kp-packrule__state" data-testid="pack-rule-state">
          {label("packs.state", state)}
        </span>
      </div>
      <p className="kp-muted">
        {[
          kpi ? kpiName(kpi, locale) : rule.kpi_id,
          label("entity_kind", rule.entity_kind),
          label("grain", rule.grain),
          label("rules.condition_name", rule.condition),
          ...Object.entries(rule.parameters).map(([key, value]) => parameterText(key, value, label)),
        ].join(" · ")}
      </p>
      {playbook ? <p className="kp-muted">{playbook}</p> : null}
      {rule.problems.map((one) => (
        <p key={one.field} className="kp-field__error">
          {one.message}
        </p>
      ))}
      {rule.differences.length > 0 ? (
        <table className="kp-table kp-table--tight kp-packrule__diff">
          <caption>{t("packs.differences")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("packs.field")}</th>
              <th scope="col">{t("packs.yours")}</th>
              <th scope="col">{t("packs.packs")}</th>
            </tr>
          </thead>
          <tbody>
            {rule.differences.map((one) => (
              <tr key={one.field}>
                <td>{label("rules.field", one.field)}</td>
                <td>{valueText(one.stored, label)}</td>
                <td>{valueText(one.pack, label)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </>
  );
}

const SHARES = ["share", "change"];

/** A parameter as it is read: shares in percent, without the form's hint in its name. */
function parameterText(name: string, value: unknown, label: ReturnType<typeof useI18n>["label"]): string {
  const title = label("rules.parameter", name).replace(/\s*[(（].*[)）]$/, "");
  return `${title}: ${SHARES.includes(name) ? formatShare(String(value)) : valueText(value, label)}`;
}

/** A field's value in words as far as there are any. */
function valueText(value: unknown, label: ReturnType<typeof useI18n>["label"]): string {
  if (value === null || value === undefined || value === "") return "—";
  if (Array.isArray(value)) return value.map((one) => valueText(one, label)).join(", ") || "—";
  if (typeof value === "object") {
    const parts = Object.entries(value).map(([key, one]) => parameterText(key, one, label));
    return parts.join(", ") || "—";
  }
  return label("rules.word", String(value));
}
