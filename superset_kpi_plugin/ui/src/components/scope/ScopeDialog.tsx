/** A scope to add: for whom, on which entity, with which powers. */
import { App, Checkbox, Radio, Select } from "antd";
import { useState } from "react";
import { fieldErrors } from "../../data/api";
import type { EntityRow } from "../../data/entities";
import {
  type ScopeInput,
  SUBJECT_KINDS,
  type SubjectKind,
  useScopeActions,
  useSubjects,
} from "../../data/scopes";
import { useI18n } from "../../i18n";
import { EntityPicker } from "../EntityPicker";
import { Field, FormDrawer } from "../FormDrawer";
import { useDelayed } from "../useDelayed";

const SHOWN = ["subject", "subject_kind", "entity_id"];

export function ScopeDialog({ onClose }: { onClose: () => void }) {
  const { t, label } = useI18n();
  const { message } = App.useApp();
  const { add } = useScopeActions();
  const [kind, setKind] = useState<SubjectKind>("user");
  const [subject, setSubject] = useState<string | null>(null);
  const [entity, setEntity] = useState<EntityRow | null>(null);
  const [powers, setPowers] = useState({ may_edit: false, may_approve: false });
  const [typed, setTyped] = useState("");
  const found = useSubjects(kind, useDelayed(typed));
  const problems = fieldErrors(add.error);
  const changed = (set: () => void) => {
    set();
    add.reset();
  };
  const store = () => {
    if (!subject || !entity) return;
    const scope: ScopeInput = { subject_kind: kind, subject, entity_id: entity.entity_id, ...powers };
    add.mutate(scope, {
      onSuccess: () => {
        message.success(t("scopes.added"));
        onClose();
      },
    });
  };
  return (
    <FormDrawer
      title={t("scopes.new")}
      testId="scope-dialog"
      saveLabel={t("scopes.save")}
      isDirty={subject !== null || entity !== null}
      isReady={subject !== null && entity !== null}
      isSaving={add.isPending}
      error={add.error}
      shownFields={SHOWN}
      onSave={store}
      onClose={onClose}
    >
      <Radio.Group
        aria-label={t("scopes.for")}
        value={kind}
        onChange={(event) =>
          changed(() => {
            setKind(event.target.value);
            setSubject(null);
            setTyped("");
          })
        }
        options={SUBJECT_KINDS.map((value) => ({ value, label: label("scopes.subject_kind", value) }))}
      />
      <Field
        id="scope-subject"
        label={label("scopes.subject_kind", kind)}
        hint={t(kind === "user" ? "scopes.user_hint" : "scopes.role_hint")}
        error={problems.subject ?? problems.subject_kind}
      >
        <Select<string>
          id="scope-subject"
          showSearch
          filterOption={false}
          value={subject}
          loading={found.isFetching}
          placeholder={t("entity.search")}
          notFoundContent={found.isFetching ? t("state.loading") : t("scopes.nobody")}
          onSearch={setTyped}
          onChange={(value) => changed(() => setSubject(value))}
          options={(found.data ?? []).map((one) => ({
            value: one.subject,
            label: one.name && one.name !== one.subject ? `${one.name} (${one.subject})` : one.subject,
          }))}
        />
      </Field>
      <EntityPicker
        id="scope-entity"
        value={entity}
        error={problems.entity_id}
        onChange={(value) => changed(() => setEntity(value))}
      />
      <fieldset className="kp-powers">
        <legend>{t("scopes.powers")}</legend>
        <Checkbox checked disabled>
          {t("scopes.power.see")}
        </Checkbox>
        <Checkbox
          checked={powers.may_edit}
          onChange={(event) => changed(() => setPowers({ ...powers, may_edit: event.target.checked }))}
        >
          {t("scopes.power.edit")}
        </Checkbox>
        <Checkbox
          checked={powers.may_approve}
          onChange={(event) => changed(() => setPowers({ ...powers, may_approve: event.target.checked }))}
        >
          {t("scopes.power.approve")}
        </Checkbox>
        <p className="kp-muted">{t("scopes.powers_hint")}</p>
      </fieldset>
    </FormDrawer>
  );
}
