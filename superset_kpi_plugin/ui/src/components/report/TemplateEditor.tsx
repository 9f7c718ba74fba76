/** A company's own report templates: written, tried on the latest week, saved. */
import { Alert, App, Button, Input, Popconfirm, Select } from "antd";
import { useState } from "react";
import { type ReportTemplate, useReportActions, useReportTemplates } from "../../data/reports";
import { useI18n } from "../../i18n";
import { GridSkeleton } from "../Skeletons";
import { errorText, LoadError } from "../StateMessage";
import { ReportFrame } from "./ReportFrame";

export function TemplateEditor() {
  const i18n = useI18n();
  const { t } = i18n;
  const { data, isPending, isError, error, refetch } = useReportTemplates(true);
  if (isError) return <LoadError error={error} onRetry={() => void refetch()} />;
  if (isPending) return <GridSkeleton label={t("state.loading")} />;
  return <Editor templates={data.result} builtIn={data.built_in} />;
}

function Editor({ templates, builtIn }: { templates: ReportTemplate[]; builtIn: string }) {
  const i18n = useI18n();
  const { t, locale } = i18n;
  const { message } = App.useApp();
  const { saveTemplate, deleteTemplate, preview } = useReportActions();
  const [id, setId] = useState<number | null>(null);
  const [name, setName] = useState("");
  const [body, setBody] = useState(builtIn);
  const choose = (next: number) => {
    const found = templates.find((row) => row.id === next);
    setId(found?.id ?? null);
    setName(found?.name ?? "");
    setBody(found?.body ?? builtIn);
    preview.reset();
    saveTemplate.reset();
  };
  const save = () =>
    saveTemplate.mutate(
      { id, name: name.trim(), body },
      {
        onSuccess: ({ result }) => {
          setId(result.id);
          message.success(t("reports.template_saved"));
        },
      },
    );
  const remove = () =>
    deleteTemplate.mutate(id ?? 0, {
      onSuccess: () => choose(0),
      onError: (refused) => void message.error(errorText(refused, i18n), 6),
    });
  const problem = saveTemplate.error ?? preview.error;
  return (
    <div className="kp-templates" data-testid="template-editor">
      <div className="kp-field">
        <label htmlFor="template-choose">{t("reports.template_choose")}</label>
        <Select
          id="template-choose"
          value={id ?? 0}
          onChange={choose}
          options={[
            { value: 0, label: t("reports.template_new") },
            ...templates.map((row) => ({ value: row.id, label: row.name })),
          ]}
        />
      </div>
      <div className="kp-field">
        <label htmlFor="template-name">{t("reports.template_name")}</label>
        <Input
          id="template-name"
          value={name}
          maxLength={200}
          onChange={(event) => setName(event.target.value)}
        />
      </div>
      <div className="kp-field">
        <label htmlFor="template-body">{t("reports.template_body")}</label>
        <Input.TextArea
          id="template-body"
          className="kp-templates__body"
          value={body}
          rows={16}
          spellCheck={false}
          aria-describedby="template-hint"
          onChange={(event) => setBody(event.target.value)}
        />
        <p id="template-hint" className="kp-muted">
          {t("reports.template_hint")}
        </p>
      </div>
      {problem ? <Alert type="error" showIcon message={errorText(problem, i18n)} /> : null}
      <div className="kp-report__actions">
        <Button
          loading={preview.isPending}
          onClick={() => preview.mutate({ body, locale })}
          data-testid="template-preview"
        >
          {t("reports.template_preview")}
        </Button>
        {id === null ? null : (
          <Popconfirm
            title={t("reports.template_delete_confirm")}
            okText={t("reports.template_delete")}
            cancelText={t("action.cancel")}
            onConfirm={remove}
          >
            <Button danger>{t("reports.template_delete")}</Button>
          </Popconfirm>
        )}
        <Button
          type="primary"
          disabled={!name.trim()}
          loading={saveTemplate.isPending}
          onClick={save}
          data-testid="template-save"
        >
          {t("reports.template_save")}
        </Button>
      </div>
      {preview.data ? <ReportFrame html={preview.data.html} title={t("reports.template_preview")} /> : null}
    </div>
  );
}
