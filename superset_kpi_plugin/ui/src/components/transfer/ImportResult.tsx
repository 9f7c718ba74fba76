/** What a file would change: counts, errors row by row, and the differences against today. */
import { ArrowRightOutlined } from "@ant-design/icons";
import { Alert } from "antd";
import { formatPeriod } from "../../data/period";
import type { ImportPreview } from "../../data/transfer";
import { TARGET_FIELDS } from "../../data/types";
import { useI18n } from "../../i18n";
import { EncodingNote } from "./EncodingNote";

const SHOWN = 100;

export function ImportResult({ preview }: { preview: ImportPreview }) {
  const { t } = useI18n();
  const { counts } = preview;
  return (
    <section className="kp-import" aria-label={t("transfer.result")} data-testid="import-result">
      <p role="status">
        <strong>
          {t("transfer.counts", { rows: preview.rows, new: counts.new, changed: counts.changed })}
        </strong>{" "}
        <span className="kp-muted">{t("transfer.unchanged", { count: counts.unchanged })}</span>
      </p>
      <EncodingNote encoding={preview.encoding} />
      {counts.errors > 0 ? <Errors preview={preview} /> : <Differences preview={preview} />}
    </section>
  );
}

function Errors({ preview }: { preview: ImportPreview }) {
  const { t } = useI18n();
  const shown = preview.errors.slice(0, SHOWN);
  return (
    <>
      <Alert
        type="error"
        showIcon
        message={t("transfer.errors", { count: preview.counts.errors })}
        description={t("uploads.all_or_nothing")}
      />
      <div className="kp-preview__scroll">
        <table className="kp-table" data-testid="import-errors">
          <thead>
            <tr>
              <th scope="col" className="kp-cell--end">
                {t("uploads.row")}
              </th>
              <th scope="col">{t("transfer.column")}</th>
              <th scope="col">{t("uploads.reason")}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((error) => (
              <tr key={`${error.row}|${error.column}|${error.message}`}>
                <td className="kp-cell--end">{error.row}</td>
                <td>{error.column ?? "—"}</td>
                <td>{error.message}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Differences({ preview }: { preview: ImportPreview }) {
  const { t, locale } = useI18n();
  const shown = preview.diff.slice(0, SHOWN);
  if (shown.length === 0) return <p className="kp-muted">{t("transfer.same")}</p>;
  return (
    <>
      <ul className="kp-changes" data-testid="import-diff">
        {shown.map((row) => (
          <li key={row.row} className="kp-changes__row">
            <div className="kp-changes__name">
              <strong>{row.entity_name ?? row.entity_id}</strong>
              <span>
                {row.kpi_name ?? row.kpi_id} · {formatPeriod(row.period_start, row.grain, locale)}
              </span>
            </div>
            <dl className="kp-changes__list">
              {TARGET_FIELDS.map((field) => {
                const change = row.changes[field];
                return change ? (
                  <div key={field}>
                    <dt>{t(`targets.column.${field}`)}</dt>
                    <dd>
                      <span className="kp-old">{change.from ?? "—"}</span>
                      <ArrowRightOutlined aria-label={t("approve.becomes")} />
                      <strong>{change.to ?? "—"}</strong>
                    </dd>
                  </div>
                ) : null;
              })}
            </dl>
          </li>
        ))}
      </ul>
      {preview.counts.new + preview.counts.changed > shown.length ? (
        <p className="kp-muted">
          {t("agree.more", { count: preview.counts.new + preview.counts.changed - shown.length })}
        </p>
      ) : null}
    </>
  );
}
