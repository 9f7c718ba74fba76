/** One report: read it, comment on it, release it, take it away as a file. */
import { DownloadOutlined, SendOutlined } from "@ant-design/icons";
import { App, Button, Input, Popconfirm } from "antd";
import { useEffect, useState } from "react";
import { formatInstant } from "../../data/period";
import { kpisOf, type Report, useReport, useReportActions, useReportFile } from "../../data/reports";
import { useI18n } from "../../i18n";
import { KpiName } from "../KpiName";
import { GridSkeleton } from "../Skeletons";
import { errorText, LoadError } from "../StateMessage";
import { ReportFrame } from "./ReportFrame";

const LONGEST = 20_000;

export function ReportView({ id, canWrite }: { id: string; canWrite: boolean }) {
  const { t } = useI18n();
  const { data, isPending, isError, error, refetch } = useReport(id);
  if (isError && !data) return <LoadError error={error} onRetry={() => void refetch()} />;
  if (isPending) return <GridSkeleton label={t("state.loading")} />;
  return (
    <article className="kp-report" data-testid="report-view">
      <ReportBar report={data} canWrite={canWrite} />
      {canWrite && data.state === "waiting" ? <Commentary key={data.id} report={data} /> : null}
      <Meanings report={data} />
      <ReportFrame html={data.html ?? ""} title={data.name} />
    </article>
  );
}

/** The way to the glossary, which stands out here because nothing in the frame can lead out of it. */
function Meanings({ report }: { report: Report }) {
  const { t, locale } = useI18n();
  const kpis = kpisOf(report);
  if (!kpis.length) return null;
  return (
    <nav className="kp-report__kpis" aria-label={t("reports.kpis")} data-testid="report-kpis">
      <span className="kp-muted">{t("reports.kpis")}</span>
      {kpis.map((kpi) => (
        <KpiName
          key={kpi.kpi_id}
          kpi={{ kpi_id: kpi.kpi_id, kpi_name: (locale === "zh" ? kpi.name_zh : null) ?? kpi.name_en }}
        />
      ))}
    </nav>
  );
}

function ReportBar({ report, canWrite }: { report: Report; canWrite: boolean }) {
  const i18n = useI18n();
  const { t, label, locale } = i18n;
  const { message } = App.useApp();
  const fileOf = useReportFile();
  const { release, discard } = useReportActions();
  const failed = (refused: unknown) => void message.error(errorText(refused, i18n), 6);
  const send = () =>
    release.mutate(report.id, {
      onSuccess: ({ left_out }) => {
        message.success(t("reports.released"));
        for (const { channel, reason } of left_out)
          message.warning(t("reports.left_out", { channel, reason }), 8);
      },
      onError: failed,
    });
  return (
    <header className="kp-report__bar">
      <p className="kp-muted">
        {label("reports.state", report.state)} ·{" "}
        {t("reports.made_at", { at: formatInstant(report.made_at, locale) })}
        {report.released_by && report.released_at
          ? ` · ${t("reports.released_by", { user: report.released_by, at: formatInstant(report.released_at, locale) })}`
          : ""}
        {report.commented_by && report.commented_at
          ? ` · ${t("reports.commented_by", { user: report.commented_by, at: formatInstant(report.commented_at, locale) })}`
          : ""}
      </p>
      <div className="kp-report__actions">
        {(["pdf", "xlsx"] as const).map((format) => (
          <Button
            key={format}
            icon={<DownloadOutlined />}
            href={fileOf(report.id, format)}
            data-testid={`report-${format}`}
          >
            {t(`reports.${format}`)}
          </Button>
        ))}
        {canWrite && report.state === "waiting" ? (
          <>
            <Popconfirm
              title={t("reports.discard_confirm")}
              okText={t("reports.discard")}
              cancelText={t("action.cancel")}
              onConfirm={() => discard.mutate(report.id, { onError: failed })}
            >
              <Button loading={discard.isPending}>{t("reports.discard")}</Button>
            </Popconfirm>
            <Popconfirm
              title={
                report.channels.length
                  ? t("reports.release_confirm", { channels: report.channels.join(", ") })
                  : t("reports.release_nobody")
              }
              okText={t("reports.release")}
              cancelText={t("action.cancel")}
              onConfirm={send}
            >
              <Button
                type="primary"
                icon={<SendOutlined />}
                loading={release.isPending}
                data-testid="report-release"
              >
                {t("reports.release")}
              </Button>
            </Popconfirm>
          </>
        ) : null}
      </div>
    </header>
  );
}

/** What was typed stays until it is saved, also when saving fails or the report is fetched again. */
function Commentary({ report }: { report: Report }) {
  const i18n = useI18n();
  const { t } = i18n;
  const { message } = App.useApp();
  const { comment } = useReportActions();
  const [text, setText] = useState(report.commentary ?? "");
  const [saved, setSaved] = useState(report.commentary ?? "");
  useEffect(() => setSaved(report.commentary ?? ""), [report.commentary]);
  const save = () =>
    comment.mutate(
      { id: report.id, commentary: text },
      {
        onSuccess: () => void message.success(t("reports.commentary_saved")),
        onError: (refused) => void message.error(errorText(refused, i18n), 6),
      },
    );
  return (
    <section className="kp-report__commentary">
      <label htmlFor="report-commentary">{t("reports.commentary")}</label>
      <Input.TextArea
        id="report-commentary"
        value={text}
        maxLength={LONGEST}
        rows={3}
        aria-describedby="report-commentary-hint"
        onChange={(event) => setText(event.target.value)}
      />
      <p id="report-commentary-hint" className="kp-muted">
        {t("reports.commentary_hint")}
      </p>
      <Button
        disabled={text.trim() === saved.trim()}
        loading={comment.isPending}
        onClick={save}
        data-testid="report-comment"
      >
        {t("reports.save_commentary")}
      </Button>
    </section>
  );
}
