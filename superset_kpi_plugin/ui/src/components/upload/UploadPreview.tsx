/** What a file would do, before anything is written: rows, days, errors by row, the first rows. */
import { CheckCircleOutlined, CloseCircleOutlined } from "@ant-design/icons";
import { Alert, Button } from "antd";
import type { Preview } from "../../data/uploads";
import { useI18n } from "../../i18n";
import { EncodingNote } from "../transfer/EncodingNote";

interface Props {
  name: string;
  preview: Preview;
  isSending: boolean;
  onLoad: () => void;
  onCancel: () => void;
}

const SHOWN_ERRORS = 50;

export function UploadPreview({ name, preview, isSending, onLoad, onCancel }: Props) {
  const { t, label } = useI18n();
  const isGood = preview.rows_refused === 0 && preview.rows_good > 0;
  const days = preview.window ? `${preview.window[0]} – ${preview.window[1]}` : "—";
  return (
    <section className="kp-preview" aria-label={t("uploads.preview")} data-testid="upload-preview">
      <h2 className={`kp-preview__title kp-preview__title--${isGood ? "ok" : "breach"}`}>
        {isGood ? <CheckCircleOutlined aria-hidden="true" /> : <CloseCircleOutlined aria-hidden="true" />}
        <span>
          {isGood
            ? t("uploads.good", { file: name, count: preview.rows_good })
            : t("uploads.bad", { file: name, refused: preview.rows_refused, rows: preview.rows_read })}
        </span>
      </h2>
      <dl className="kp-facts">
        <dt>{t("uploads.report")}</dt>
        <dd>
          {preview.platform} / {preview.stream} · {preview.report_name}
        </dd>
        <dt>{t("uploads.account")}</dt>
        <dd>{preview.account_id}</dd>
        <dt>{t("uploads.days")}</dt>
        <dd>{days}</dd>
        <dt>{t("uploads.effect")}</dt>
        <dd>{label("uploads.mode", preview.mode)}</dd>
      </dl>
      <EncodingNote encoding={preview.encoding} />
      {preview.unknown_columns.length > 0 ? (
        <Alert
          type="info"
          showIcon
          message={t("uploads.unknown_columns", { columns: preview.unknown_columns.join(", ") })}
        />
      ) : null}
      {preview.errors.length > 0 ? <Errors preview={preview} /> : <Sample preview={preview} />}
      <div className="kp-preview__foot">
        <Button onClick={onCancel} disabled={isSending}>
          {t("uploads.other_file")}
        </Button>
        <Button
          type="primary"
          disabled={!isGood}
          loading={isSending}
          onClick={onLoad}
          data-testid="upload-load"
        >
          {t("uploads.load", { count: preview.rows_good })}
        </Button>
      </div>
    </section>
  );
}

function Errors({ preview }: { preview: Preview }) {
  const { t } = useI18n();
  const shown = preview.errors.slice(0, SHOWN_ERRORS);
  return (
    <>
      <p className="kp-muted">{t("uploads.all_or_nothing")}</p>
      <div className="kp-preview__scroll">
        <table className="kp-table" data-testid="upload-errors">
          <thead>
            <tr>
              <th scope="col" className="kp-cell--end">
                {t("uploads.row")}
              </th>
              <th scope="col">{t("uploads.reason")}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((error, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the list is never reordered, and a row may have two errors
              <tr key={at}>
                <td className="kp-cell--end">{error.row}</td>
                <td>{error.reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {preview.rows_refused > shown.length ? (
        <p className="kp-muted">{t("uploads.more_errors", { count: preview.rows_refused - shown.length })}</p>
      ) : null}
    </>
  );
}

function Sample({ preview }: { preview: Preview }) {
  const { t } = useI18n();
  const used = preview.columns.map((_, at) => preview.sample.some((row) => row[at] !== null));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="kp-preview__scroll" aria-label={t("uploads.first_rows")} tabIndex={0}>
      <table className="kp-table" data-testid="upload-sample">
        <thead>
          <tr>
            {preview.columns.map((name, at) =>
              used[at] ? (
                <th scope="col" key={name}>
                  {name}
                </th>
              ) : null,
            )}
          </tr>
        </thead>
        <tbody>
          {preview.sample.map((row, number) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file have no key but their place
            <tr key={number}>
              {row.map((cell, at) => (used[at] ? <td key={preview.columns[at]}>{cell ?? ""}</td> : null))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
