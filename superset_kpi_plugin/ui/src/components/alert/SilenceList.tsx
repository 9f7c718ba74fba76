/** The silences that run, are planned and have ended: what each matches, until when, why and by whom. */
import { PlusOutlined } from "@ant-design/icons";
import { App, Button, Popconfirm } from "antd";
import { useState } from "react";
import { kpiName, useCatalogue } from "../../data/common";
import { formatInstant } from "../../data/period";
import { SILENCE_STATES, type Silence, scopeOf, useSilenceActions, useSilences } from "../../data/silences";
import { useI18n } from "../../i18n";
import { useParams } from "../../router";
import { GridSkeleton } from "../Skeletons";
import { errorText, LoadError, StateMessage } from "../StateMessage";
import { SeverityTag } from "../StatusTag";
import { SilenceDialog, type SilenceStart } from "./SilenceDialog";

/** Ended ones are shown as far as somebody may want one again. */
const ENDED_SHOWN = 20;

export function SilenceList({ canWrite }: { canWrite: boolean }) {
  const { t, label } = useI18n();
  const [start, setStart] = useState<SilenceStart | null>(null);
  const { data, isPending, isError, error, refetch } = useSilences();
  if (isError && !data) return <LoadError error={error} onRetry={() => void refetch()} />;
  if (isPending) return <GridSkeleton label={t("state.loading")} />;
  return (
    <div className="kp-rules" data-testid="silences">
      {canWrite && data.length > 0 ? (
        <div className="kp-alertacts__row">
          <Button
            type="primary"
            icon={<PlusOutlined />}
            onClick={() => setStart({})}
            data-testid="silence-new"
          >
            {t("silences.new")}
          </Button>
        </div>
      ) : null}
      {data.length === 0 ? (
        <StateMessage
          kind="empty"
          title={t("silences.empty_title")}
          hint={t("silences.empty_hint")}
          action={canWrite ? { label: t("silences.new"), onClick: () => setStart({}) } : undefined}
        />
      ) : null}
      {SILENCE_STATES.map((state) => {
        const found = data.filter((silence) => silence.state === state);
        if (found.length === 0) return null;
        return (
          <section key={state} aria-label={label("silences.state", state)}>
            <h2 className="kp-rules__title">
              {label("silences.state", state)} <span className="kp-muted">{found.length}</span>
            </h2>
            <ul className="kp-plans__list">
              {found.slice(0, state === "expired" ? ENDED_SHOWN : undefined).map((silence) => (
                <Item key={silence.id} silence={silence} canWrite={canWrite} onRepeat={setStart} />
              ))}
            </ul>
          </section>
        );
      })}
      {start ? <SilenceDialog start={start} onClose={() => setStart(null)} /> : null}
    </div>
  );
}

interface ItemProps {
  silence: Silence;
  canWrite: boolean;
  onRepeat: (start: SilenceStart) => void;
}

function Item({ silence, canWrite, onRepeat }: ItemProps) {
  const i18n = useI18n();
  const { t, locale } = i18n;
  const { message } = App.useApp();
  const { setParams } = useParams();
  const { end } = useSilenceActions();
  const { state, kpi_id, entity_id, rule_id, severity, reason } = silence;
  const scope = scopeOf(silence);
  const span = { from: formatInstant(silence.starts_at, locale), to: formatInstant(silence.ends_at, locale) };
  return (
    <li className="kp-plans__item" data-testid={`silence-${silence.id}`}>
      <div>
        <Matchers silence={silence} />
        <p className="kp-prewrap">{reason}</p>
        <p className="kp-muted">
          {t("silences.span", span)} · {t("silences.by", { by: silence.created_by })}
          {silence.ended_by ? ` · ${t("silences.ended_by", { by: silence.ended_by })}` : ""}
        </p>
      </div>
      <div className="kp-plans__actions">
        <Button
          onClick={() =>
            setParams({
              tab: null,
              state: state === "active" ? "silenced" : null,
              kpi: scope.kpi_id ?? null,
              rule: scope.rule_id ?? null,
              within: scope.within ?? null,
              severity: scope.severity ?? null,
            })
          }
          data-testid={`silence-alerts-${silence.id}`}
        >
          {t("silences.show_alerts")}
        </Button>
        {canWrite && state === "expired" ? (
          <Button
            onClick={() =>
              onRepeat({ kpi_id, entity_id, rule_id, severity, reason, entity_name: silence.entity_name })
            }
            data-testid={`silence-repeat-${silence.id}`}
          >
            {t("silences.repeat")}
          </Button>
        ) : null}
        {canWrite && state !== "expired" ? (
          <Popconfirm
            title={t(state === "active" ? "silences.end_confirm" : "silences.cancel_confirm")}
            okText={t("silences.end")}
            cancelText={t("action.cancel")}
            onConfirm={() =>
              end.mutate(silence.id, {
                onSuccess: () => void message.success(t("silences.ended")),
                onError: (refused) => void message.error(errorText(refused, i18n), 6),
              })
            }
          >
            <Button loading={end.isPending} data-testid={`silence-end-${silence.id}`}>
              {t("silences.end")}
            </Button>
          </Popconfirm>
        ) : null}
      </div>
    </li>
  );
}

/** What the silence names, in words. */
function Matchers({ silence }: { silence: Silence }) {
  const { t, locale } = useI18n();
  const { data: catalogue } = useCatalogue();
  const kpi = catalogue?.find((row) => row.kpi_id === silence.kpi_id);
  const entity = silence.entity_name ?? silence.entity_id;
  const parts = [
    silence.rule_id === null ? null : (silence.rule_name ?? t("silences.rule_gone")),
    kpi ? kpiName(kpi, locale) : silence.kpi_id,
    entity ? t("silences.below", { entity }) : null,
  ].filter(Boolean);
  return (
    <>
      {parts.length ? <strong>{parts.join(" · ")} </strong> : null}
      {silence.severity ? <SeverityTag severity={silence.severity} /> : null}
    </>
  );
}
