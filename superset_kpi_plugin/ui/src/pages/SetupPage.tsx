/** The set-up guide: what is there, which problems there are, a pack of KPIs, and its targets as drafts. */
import { ArrowLeftOutlined, ArrowRightOutlined } from "@ant-design/icons";
import { Alert, Button } from "antd";
import { useEffect, useRef } from "react";
import { PageHeader } from "../components/PageHeader";
import { GridSkeleton } from "../components/Skeletons";
import { LoadError } from "../components/StateMessage";
import { SetupFound } from "../components/setup/SetupFound";
import { SetupPacks } from "../components/setup/SetupPacks";
import { SetupProblems } from "../components/setup/SetupProblems";
import { SetupTargets } from "../components/setup/SetupTargets";
import { useMe } from "../data/common";
import { type SetupStep, STEPS, useSetupChoices, useSurvey } from "../data/setup";
import { useI18n } from "../i18n";
import { useParams } from "../router";

export function SetupPage() {
  const { t } = useI18n();
  const { data: me, isError, error, refetch } = useMe();
  useEffect(() => {
    document.title = t("setup.title");
  }, [t]);
  return (
    <main className="kp-page" data-testid="setup-page">
      <PageHeader page="setup" />
      {isError && !me ? <LoadError error={error} onRetry={() => void refetch()} /> : null}
      {me ? <Guide user={typeof me.user === "string" ? me.user : (me.user?.username ?? "")} /> : null}
    </main>
  );
}

function Guide({ user }: { user: string }) {
  const { t, label } = useI18n();
  const { params, setParams } = useParams();
  const { choices, choose, startOver } = useSetupChoices(user);
  const { data: survey, isPending, isError, error, refetch } = useSurvey();
  const step = STEPS.find((name) => name === params.get("step")) ?? choices.step;
  const at = STEPS.indexOf(step);
  const heading = useRef<HTMLHeadingElement>(null);
  const go = (next: SetupStep) => {
    choose({ step: next });
    setParams({ step: next }, true);
    // Whoever goes on by keyboard or hears the page starts at the step's beginning.
    heading.current?.focus();
  };
  const again = () => {
    startOver();
    go("found");
  };
  const body = () => {
    if (isError && !survey) return <LoadError error={error} onRetry={() => void refetch()} />;
    if (isPending) return <GridSkeleton label={t("state.loading")} />;
    if (step === "found") return <SetupFound survey={survey} />;
    if (step === "problems") return <SetupProblems {...{ survey, choices, choose }} />;
    if (step === "pack") return <SetupPacks {...{ survey, choices, choose }} />;
    return <SetupTargets {...{ survey, choices, choose }} startOver={again} />;
  };
  const [before, after] = [STEPS[at - 1], STEPS[at + 1]];
  return (
    <>
      <nav className="kp-toolbar" aria-label={t("setup.steps")}>
        <fieldset className="kp-chips">
          {STEPS.map((name, index) => (
            <button
              key={name}
              type="button"
              className="kp-chip"
              aria-pressed={name === step}
              aria-current={name === step ? "step" : undefined}
              onClick={() => go(name)}
              data-testid={`setup-step-${name}`}
            >
              <span className="kp-chip__label">
                {index + 1}. {label("setup.step", name)}
              </span>
            </button>
          ))}
        </fieldset>
      </nav>
      {survey?.warnings.map((warning) => (
        <Alert key={warning.code} type="warning" showIcon message={warning.message} />
      ))}
      <section className="kp-panel kp-panel--padded" aria-labelledby="kp-setup-step">
        <h2 id="kp-setup-step" className="kp-setup__title" tabIndex={-1} ref={heading}>
          {t("setup.step_of", { step: at + 1, steps: STEPS.length, name: label("setup.step", step) })}
        </h2>
        <p className="kp-muted kp-setup__hint">{label("setup.hint", step)}</p>
        {body()}
        <div className="kp-setup__foot">
          {before ? (
            <Button icon={<ArrowLeftOutlined />} onClick={() => go(before)} data-testid="setup-back">
              {label("setup.step", before)}
            </Button>
          ) : null}
          {after ? (
            <Button
              type="primary"
              disabled={!survey}
              icon={<ArrowRightOutlined />}
              iconPosition="end"
              onClick={() => go(after)}
              data-testid="setup-next"
            >
              {label("setup.step", after)}
            </Button>
          ) : null}
        </div>
      </section>
    </>
  );
}
