/** What became of the last uploads, newest first. */
import {
  CheckCircleOutlined,
  ClockCircleOutlined,
  CloseCircleOutlined,
  SyncOutlined,
} from "@ant-design/icons";
import { formatInstant } from "../../data/period";
import type { Upload } from "../../data/uploads";
import { useI18n } from "../../i18n";

const ICONS: Record<string, { icon: typeof CheckCircleOutlined; tone: string }> = {
  loaded: { icon: CheckCircleOutlined, tone: "ok" },
  refused: { icon: CloseCircleOutlined, tone: "breach" },
  working: { icon: SyncOutlined, tone: "info" },
  waiting: { icon: ClockCircleOutlined, tone: "muted" },
};

export function UploadHistory({ uploads }: { uploads: readonly Upload[] }) {
  const { t, label, locale } = useI18n();
  return (
    <ul className="kp-uploads" data-testid="upload-history">
      {uploads.map((upload, at) => {
        const { icon: Icon, tone } = ICONS[upload.state] ?? { icon: ClockCircleOutlined, tone: "muted" };
        const when = upload.finished_at ?? upload.submitted_at;
        return (
          <li key={upload.upload_id ?? `${upload.file}-${at}`} data-testid={`upload-${upload.state}`}>
            <span className={`kp-uploads__state kp-uploads__state--${tone}`}>
              <Icon aria-hidden="true" /> {label("uploads.state", upload.state)}
            </span>
            <span className="kp-uploads__file">{upload.file}</span>
            <span className="kp-muted">
              {[
                upload.account_id,
                upload.stream ? `${upload.platform} / ${upload.stream}` : null,
                upload.rows_loaded === undefined ? null : t("uploads.rows", { count: upload.rows_loaded }),
                upload.by,
                when ? formatInstant(when, locale) : null,
              ]
                .filter(Boolean)
                .join(" · ")}
            </span>
            {upload.reason ? <span className="kp-uploads__reason">{upload.reason}</span> : null}
          </li>
        );
      })}
    </ul>
  );
}
