/** A report's HTML, shut off from the page: no script, no form, no link of a template's reaches Superset. */
import { useI18n } from "../../i18n";

export function ReportFrame({ html, title }: { html: string; title?: string }) {
  const { t } = useI18n();
  const page = `<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head><body style="margin:16px;background:#fff">${html}</body></html>`;
  return (
    <iframe
      className="kp-report__frame"
      sandbox=""
      srcDoc={page}
      title={title ?? t("reports.view")}
      data-testid="report-frame"
    />
  );
}
