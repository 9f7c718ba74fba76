/** Whose file it is, the file, and, where its content doesn't tell, which report it is. */
import { InboxOutlined } from "@ant-design/icons";
import { AutoComplete, Upload as Picker, Select } from "antd";
import { useMemo } from "react";
import type { Destination, UploadChoices } from "../../data/uploads";
import { useI18n } from "../../i18n";

interface Props {
  choices: UploadChoices;
  destination: Destination;
  isBusy: boolean;
  onChange: (next: Destination) => void;
  onFile: (file: File) => void;
}

const SEPARATOR = "/";

export function UploadForm({ choices, destination, isBusy, onChange, onFile }: Props) {
  const { t } = useI18n();
  const accounts = useMemo(
    () => [...new Set(choices.accounts.map((one) => one.account_id))].map((value) => ({ value })),
    [choices],
  );
  const reports = useMemo(
    () =>
      choices.platforms.map((platform) => ({
        label: platform.title,
        options: platform.streams.map((one) => ({
          value: `${platform.platform}${SEPARATOR}${one.stream}`,
          label: `${one.stream} · ${one.report}`,
        })),
      })),
    [choices],
  );
  const isReady = destination.account !== "";
  return (
    <div className="kp-upload">
      <div className="kp-upload__choices">
        <div className="kp-field">
          <label htmlFor="kpi-upload-account">{t("uploads.account")}</label>
          <AutoComplete
            id="kpi-upload-account"
            value={destination.account}
            options={accounts}
            placeholder={t("uploads.account_placeholder")}
            filterOption={(text, option) => String(option?.value ?? "").includes(text.toLowerCase())}
            onChange={(account: string) => onChange({ ...destination, account: account.trim() })}
            data-testid="upload-account"
          />
        </div>
        <div className="kp-field">
          <label htmlFor="kpi-upload-report">{t("uploads.report")}</label>
          <Select<string>
            id="kpi-upload-report"
            allowClear
            showSearch
            optionFilterProp="label"
            value={
              destination.stream ? `${destination.platform}${SEPARATOR}${destination.stream}` : undefined
            }
            placeholder={t("uploads.report_placeholder")}
            options={reports}
            onChange={(value?: string) => {
              const [platform = "", stream = ""] = (value ?? "").split(SEPARATOR);
              onChange({ ...destination, platform, stream });
            }}
            data-testid="upload-report"
          />
        </div>
      </div>
      <Picker.Dragger
        multiple={false}
        showUploadList={false}
        disabled={!isReady || isBusy}
        beforeUpload={(file) => {
          onFile(file);
          return false; // it is sent by the page, not by the picker
        }}
        className="kp-upload__drop"
      >
        <p className="kp-upload__icon" aria-hidden="true">
          <InboxOutlined />
        </p>
        <p className="kp-upload__text">{isReady ? t("uploads.drop") : t("uploads.account_first")}</p>
        <p className="kp-muted">{t("uploads.drop_hint", { max: choices.max_mb })}</p>
      </Picker.Dragger>
    </div>
  );
}
