/** The list of problems: what goes wrong, by which KPIs it is measured, and what the data says of it. */
import { CheckCircleFilled, MinusCircleOutlined, WarningFilled } from "@ant-design/icons";
import { Checkbox } from "antd";
import { formatAmount } from "../../data/decimal";
import { type SetupChoices, type Survey, type Trouble, troublesOf } from "../../data/setup";
import { useI18n } from "../../i18n";
import { KpiName } from "../KpiName";
import { Tag } from "../StatusTag";

interface Props {
  survey: Survey;
  choices: SetupChoices;
  choose: (part: Partial<SetupChoices>) => void;
}

export function SetupProblems({ survey, choices, choose }: Props) {
  const chosen = troublesOf(choices, survey);
  return (
    <ul className="kp-setup__cards" data-testid="setup-problems">
      {survey.problems.map((trouble) => (
        <li key={trouble.problem_id} className="kp-finding">
          <Checkbox
            checked={chosen.includes(trouble.problem_id)}
            onChange={(event) =>
              choose({
                problems: event.target.checked
                  ? [...chosen, trouble.problem_id]
                  : chosen.filter((id) => id !== trouble.problem_id),
              })
            }
            data-testid={`problem-${trouble.problem_id}`}
          >
            <strong>{trouble.name}</strong>
          </Checkbox>
          <p>{trouble.description}</p>
          <Evidence trouble={trouble} />
          <Measures trouble={trouble} />
        </li>
      ))}
    </ul>
  );
}

function Evidence({ trouble: { evidence, is_likely } }: { trouble: Trouble }) {
  const { t } = useI18n();
  if (!evidence) {
    return <Tag tone="muted" icon={<MinusCircleOutlined />} text={t("setup.no_evidence")} />;
  }
  const show = (value: string) =>
    formatAmount(value, evidence.number_format, { unit: evidence.unit ?? undefined });
  return (
    <>
      <Tag
        tone={is_likely ? "warn" : "ok"}
        icon={is_likely ? <WarningFilled /> : <CheckCircleFilled />}
        text={t(is_likely ? "setup.likely" : "setup.unlikely")}
        data-status={is_likely ? "likely" : "unlikely"}
      />
      <p className="kp-muted">
        {t(evidence.side === "above" ? "setup.evidence_above" : "setup.evidence_below", {
          kpi: evidence.name,
          entity: evidence.entity_name,
          value: show(evidence.value),
          limit: show(evidence.limit),
        })}
      </p>
    </>
  );
}

function Measures({ trouble }: { trouble: Trouble }) {
  const { t } = useI18n();
  return (
    <p className="kp-setup__kpis">
      <span className="kp-muted">{t("setup.measured_by")}</span>
      {trouble.kpis.map((kpi) =>
        kpi.is_known ? (
          <KpiName key={kpi.kpi_id} kpi={{ kpi_id: kpi.kpi_id, kpi_name: kpi.name }} />
        ) : (
          <span key={kpi.kpi_id} className="kp-muted">
            {t("setup.unknown_kpi", { kpi: kpi.name })}
          </span>
        ),
      )}
    </p>
  );
}
