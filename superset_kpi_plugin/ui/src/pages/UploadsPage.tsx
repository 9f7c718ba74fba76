/** Report files by hand: drop one, look at what it holds, load it whole or not at all. */
import { Alert, App as AntApp } from "antd";
import { useEffect, useState } from "react";
import { PageHeader } from "../components/PageHeader";
import { GridSkeleton } from "../components/Skeletons";
import { errorText, LoadError, StateMessage } from "../components/StateMessage";
import { UploadForm } from "../components/upload/UploadForm";
import { UploadHistory } from "../components/upload/UploadHistory";
import { UploadPreview } from "../components/upload/UploadPreview";
import { useMe } from "../data/common";
import { type Destination, usePreview, useSubmitUpload, useUploadChoices, useUploads } from "../data/uploads";
import { useI18n } from "../i18n";

const NOWHERE: Destination = { account: "", platform: "", stream: "" };

export function UploadsPage() {
  const i18n = useI18n();
  const { t } = i18n;
  const { message } = AntApp.useApp();
  const { data: me } = useMe();
  const mayLoad = me?.permissions.upload === true;
  const choices = useUploadChoices(mayLoad);
  const uploads = useUploads(mayLoad);
  const [destination, setDestination] = useState(NOWHERE);
  const [file, setFile] = useState<File | null>(null);
  const preview = usePreview();
  const submit = useSubmitUpload();
  useEffect(() => {
    document.title = t("uploads.title");
  }, [t]);

  const look = (next: File, to: Destination) => {
    setFile(next);
    submit.reset();
    if (choices.data && next.size > choices.data.max_mb * 1024 * 1024) {
      preview.reset();
      message.error(t("uploads.too_large", { max: choices.data.max_mb }));
      setFile(null);
      return;
    }
    preview.mutate({ file: next, destination: to });
  };
  const change = (next: Destination) => {
    setDestination(next);
    // Another report or account for the same file: look again, once it says whose it is.
    if (file && next.account && next.account === destination.account) look(file, next);
    else if (file) clear();
  };
  const clear = () => {
    setFile(null);
    preview.reset();
    submit.reset();
  };
  const load = () => {
    const seen = preview.data;
    if (!file || !seen) return;
    const to = { account: seen.account_id, platform: seen.platform, stream: seen.stream };
    submit.mutate(
      { file, destination: to },
      {
        onSuccess: () => {
          message.success(t("uploads.handed_over", { file: file.name }));
          clear();
        },
      },
    );
  };

  const body = () => {
    if (me && !mayLoad)
      return (
        <StateMessage kind="empty" title={t("uploads.forbidden_title")} hint={t("uploads.forbidden_hint")} />
      );
    if (choices.isError) return <LoadError error={choices.error} onRetry={() => void choices.refetch()} />;
    if (!choices.data) return <GridSkeleton label={t("state.loading")} />;
    const problem = submit.error ?? preview.error;
    return (
      <>
        <UploadForm
          choices={choices.data}
          destination={destination}
          isBusy={preview.isPending || submit.isPending}
          onChange={change}
          onFile={(next) => look(next, destination)}
        />
        {preview.isPending && file ? (
          <p role="status" className="kp-upload__busy">
            {t("uploads.looking", { file: file.name })}
          </p>
        ) : null}
        {problem ? (
          <Alert
            type="error"
            showIcon
            data-testid="upload-problem"
            message={t("uploads.refused_title", { file: file?.name ?? "" })}
            description={errorText(problem, i18n)}
          />
        ) : null}
        {preview.data && file ? (
          <UploadPreview
            name={file.name}
            preview={preview.data}
            isSending={submit.isPending}
            onLoad={load}
            onCancel={clear}
          />
        ) : null}
      </>
    );
  };

  return (
    <main className="kp-page" data-testid="uploads-page">
      <PageHeader page="uploads" />
      <section className="kp-panel kp-panel--padded" aria-label={t("uploads.title")}>
        {body()}
      </section>
      {mayLoad ? (
        <section className="kp-panel kp-panel--padded" aria-label={t("uploads.history")}>
          <h2 className="kp-uploads__title">{t("uploads.history")}</h2>
          {uploads.isError ? (
            <LoadError error={uploads.error} onRetry={() => void uploads.refetch()} />
          ) : uploads.data?.length === 0 ? (
            <p className="kp-muted">{t("uploads.history_empty")}</p>
          ) : (
            <UploadHistory uploads={uploads.data ?? []} />
          )}
        </section>
      ) : null}
    </main>
  );
}
