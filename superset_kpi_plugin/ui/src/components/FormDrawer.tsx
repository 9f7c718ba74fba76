/** A form in a drawer: its fields with what is wrong beside each, and what was refused above them; nothing typed is lost. */
import { Alert, Button, Drawer } from "antd";
import type { ReactNode } from "react";
import { ApiError } from "../data/api";
import { useI18n } from "../i18n";
import { errorText } from "./StateMessage";
import { useIsPhone } from "./useIsPhone";

interface FieldProps {
  id: string;
  label: string;
  /** What the API found wrong with it. */
  error?: string;
  hint?: string;
  children: ReactNode;
}

export function Field({ id, label, error, hint, children }: FieldProps) {
  return (
    <div className="kp-field">
      <label htmlFor={id}>{label}</label>
      {children}
      {hint ? <span className="kp-muted kp-field__hint">{hint}</span> : null}
      {error ? (
        <span className="kp-field__error" role="alert">
          {error}
        </span>
      ) : null}
    </div>
  );
}

interface Props {
  title: string;
  testId: string;
  saveLabel: string;
  /** Somebody typed: a click beside the drawer must not throw that away. */
  isDirty: boolean;
  isReady: boolean;
  isSaving: boolean;
  error: unknown;
  /** Fields that say themselves what is wrong with them. */
  shownFields: readonly string[];
  onSave: () => void;
  onClose: () => void;
  children: ReactNode;
}

export function FormDrawer(props: Props) {
  const i18n = useI18n();
  const isPhone = useIsPhone();
  const { isDirty, isReady, isSaving, error, onSave, onClose, testId } = props;
  return (
    <Drawer
      open
      width={isPhone ? "100%" : 480}
      title={props.title}
      onClose={onClose}
      maskClosable={!isDirty}
      keyboard={!isDirty}
      closable={{ "aria-label": i18n.t("action.close") }}
      data-testid={testId}
      footer={
        <Button
          type="primary"
          disabled={!isReady}
          loading={isSaving}
          onClick={onSave}
          data-testid={`${testId}-save`}
        >
          {props.saveLabel}
        </Button>
      }
    >
      <form
        className="kp-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady && !isSaving) onSave();
        }}
      >
        {error ? (
          <Alert
            type="error"
            showIcon
            message={errorText(error, i18n)}
            description={otherProblems(error, props.shownFields)}
            data-testid={`${testId}-error`}
          />
        ) : null}
        {props.children}
      </form>
    </Drawer>
  );
}

/** What is wrong with fields that no control of the form stands for. */
function otherProblems(error: unknown, shown: readonly string[]): ReactNode {
  const found = error instanceof ApiError ? Object.entries(error.fieldErrors) : [];
  const others = found.filter(([name]) => !shown.includes(name));
  if (others.length === 0) return undefined;
  return others.map(([name, text]) => (
    <div key={name}>
      {name}: {text}
    </div>
  ));
}
