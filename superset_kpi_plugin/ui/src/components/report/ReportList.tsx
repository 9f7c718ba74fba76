/** The archive, the latest first. */
import { formatSpan } from "../../data/period";
import type { Report } from "../../data/reports";
import { useI18n } from "../../i18n";
import { StatusTag } from "../StatusTag";

interface Props {
  reports: readonly Report[];
  openId: string | null;
  onOpen: (report: Report) => void;
}

export function ReportList({ reports, openId, onOpen }: Props) {
  const { t, label, locale } = useI18n();
  return (
    <nav className="kp-reports__list" aria-label={t("reports.list")}>
      <ul>
        {reports.map((report) => (
          <li key={report.id}>
            <button
              type="button"
              className="kp-reports__item"
              aria-current={String(report.id) === openId ? "true" : undefined}
              onClick={() => onOpen(report)}
              data-testid={`report-${report.id}`}
            >
              <span className="kp-reports__name">{report.name}</span>
              <span className="kp-muted">
                {report.entity_name} · {label("reports.cadence", report.cadence)} ·{" "}
                {formatSpan(report.period_start, report.period_end, locale)}
              </span>
              <span className="kp-reports__marks">
                <span className={`kp-tag kp-reports__state--${report.state}`}>
                  {label("reports.state", report.state)}
                </span>
                {(["breach", "warn"] as const).map((status) =>
                  report.statuses[status] ? (
                    <span key={status}>
                      <StatusTag status={status} /> {report.statuses[status]}
                    </span>
                  ) : null,
                )}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}
