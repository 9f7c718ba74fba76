/** The period's scorecards, to look at, to print, to take away as Excel, and to close. */
import { DownloadOutlined, LockOutlined, PrinterOutlined } from "@ant-design/icons";
import { App, Button, Popconfirm, Select } from "antd";
import { useMemo, useState } from "react";
import { formatShare } from "../../data/decimal";
import { formatInstant, formatPeriod } from "../../data/period";
import {
  type ScorePlace,
  SUBJECTS,
  useCloseScorecards,
  useScorecardFile,
  useScorecards,
} from "../../data/scorecards";
import type { Grain } from "../../data/types";
import { useI18n } from "../../i18n";
import { GridSkeleton } from "../Skeletons";
import { errorText, LoadError, StateMessage } from "../StateMessage";
import { ScorecardTable } from "./ScorecardTable";

interface Props {
  grain: Grain;
  start: string;
  canClose: boolean;
}

export function ScorecardPanel({ grain, start, canClose }: Props) {
  const i18n = useI18n();
  const { t, label, locale } = i18n;
  const { message } = App.useApp();
  const [by, setBy] = useState<ScorePlace["by"]>("owner");
  const place = useMemo<ScorePlace>(() => ({ grain, period_start: start, by }), [grain, start, by]);
  const { data, isPending, isError, error, refetch } = useScorecards(place);
  const fileOf = useScorecardFile();
  const close = useCloseScorecards();
  if (isError) return <LoadError error={error} onRetry={() => void refetch()} />;
  if (isPending) return <GridSkeleton label={t("state.loading")} />;
  const closeNow = () =>
    close.mutate(place, {
      onSuccess: ({ closed }) => void message.success(t("score.closed_done", { count: closed })),
      onError: (refused) => void message.error(errorText(refused, i18n), 6),
    });
  return (
    <div className="kp-scores" data-testid="scorecards">
      <div className="kp-scores__bar">
        <Select
          value={by}
          aria-label={t("score.by")}
          onChange={setBy}
          options={SUBJECTS.map((value) => ({ value, label: label("score.by_name", value) }))}
          data-testid="score-by"
        />
        <Button icon={<PrinterOutlined />} onClick={() => window.print()}>
          {t("score.print")}
        </Button>
        <Button icon={<DownloadOutlined />} href={fileOf(place)} data-testid="score-excel">
          {t("transfer.format.xlsx")}
        </Button>
        {canClose && !data.closed && data.result.length > 0 ? (
          <Popconfirm
            title={t("score.close_confirm")}
            okText={t("score.close")}
            cancelText={t("action.cancel")}
            onConfirm={closeNow}
          >
            <Button icon={<LockOutlined />} loading={close.isPending} data-testid="score-close">
              {t("score.close")}
            </Button>
          </Popconfirm>
        ) : null}
      </div>
      <h2 className="kp-scores__title">{t("score.title", { period: formatPeriod(start, grain, locale) })}</h2>
      <p className="kp-muted">{t("score.formula", { cap: formatShare(data.cap) })}</p>
      {data.closed ? (
        <p data-testid="score-closed">
          {t("score.closed", {
            by: data.closed.closed_by,
            at: formatInstant(data.closed.closed_at, locale),
          })}
        </p>
      ) : null}
      {data.result.length === 0 ? (
        <StateMessage kind="empty" title={t("score.none_title")} hint={t("score.none_hint")} />
      ) : null}
      {data.result.map((card) => (
        <ScorecardTable key={card.subject} card={card} />
      ))}
    </div>
  );
}
