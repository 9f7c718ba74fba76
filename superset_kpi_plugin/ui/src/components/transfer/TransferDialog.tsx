/** Targets out to a spreadsheet and back in: template, file, columns, errors and differences, then drafts. */
import { DownloadOutlined, InboxOutlined } from "@ant-design/icons";
import { Alert, App, Button, Modal, Upload as Picker, Space } from "antd";
import { useState } from "react";
import {
  type ExportPlace,
  FORMATS,
  type ImportPreview,
  type Mapping,
  useExportAddress,
  useImport,
} from "../../data/transfer";
import { useI18n } from "../../i18n";
import { errorText } from "../StateMessage";
import { ColumnMapping, mappingOf } from "./ColumnMapping";
import { ImportResult } from "./ImportResult";

interface Props {
  place: ExportPlace;
  canImport: boolean;
  onClose: () => void;
}

export function TransferDialog({ place, canImport, onClose }: Props) {
  const i18n = useI18n();
  const { t } = i18n;
  const { message } = App.useApp();
  const addressOf = useExportAddress();
  const { preview, apply } = useImport();
  const [file, setFile] = useState<File | null>(null);
  const [mapping, setMapping] = useState<Mapping | null>(null);
  const [seen, setSeen] = useState<ImportPreview | null>(null);
  const look = (next: File, map: Mapping | null) => {
    setFile(next);
    setMapping(map);
    preview.mutate({ file: next, mapping: map }, { onSuccess: setSeen });
  };
  const changed = seen ? seen.counts.new + seen.counts.changed : 0;
  const isReady = seen !== null && seen.counts.errors === 0 && changed > 0 && !preview.isPending;
  const save = () => {
    if (!file) return;
    apply.mutate(
      { file, mapping },
      {
        onSuccess: ({ saved }) => {
          message.success(t("save.done", { count: saved }));
          onClose();
        },
      },
    );
  };
  const error = apply.error ?? preview.error;
  return (
    <Modal
      open
      title={t("transfer.title")}
      okText={t("transfer.save", { count: changed })}
      cancelText={t("action.close")}
      okButtonProps={{
        disabled: !isReady,
        loading: apply.isPending,
        style: seen ? undefined : { display: "none" },
        "data-testid": "import-save",
      }}
      onOk={save}
      onCancel={onClose}
      width={820}
    >
      <div className="kp-transfer" data-testid="transfer">
        <section>
          <h2 className="kp-transfer__title">{t("transfer.out")}</h2>
          <p className="kp-muted">{t("transfer.out_hint")}</p>
          <Space>
            {FORMATS.map((format) => (
              <Button
                key={format}
                icon={<DownloadOutlined />}
                href={addressOf(place, format)}
                data-testid={`export-${format}`}
              >
                {t(`transfer.format.${format}`)}
              </Button>
            ))}
          </Space>
        </section>
        {canImport ? (
          <section>
            <h2 className="kp-transfer__title">{t("transfer.in")}</h2>
            <p className="kp-muted">{t("transfer.in_hint")}</p>
            <Picker.Dragger
              accept=".xlsx,.csv"
              maxCount={1}
              showUploadList={false}
              beforeUpload={(next) => {
                setSeen(null);
                apply.reset();
                look(next, null);
                return false;
              }}
            >
              <p>
                <InboxOutlined aria-hidden="true" /> {file ? file.name : t("transfer.choose")}
              </p>
            </Picker.Dragger>
          </section>
        ) : null}
        {error ? (
          <Alert type="error" showIcon message={errorText(error, i18n)} data-testid="import-error" />
        ) : null}
        {file && seen ? (
          <>
            <ColumnMapping
              columns={seen.columns}
              isBusy={preview.isPending}
              onChange={(column, field) => look(file, { ...mappingOf(seen.columns), [column]: field })}
            />
            <ImportResult preview={seen} />
          </>
        ) : null}
      </div>
    </Modal>
  );
}
