/** A form in a drawer: its fields with what is wrong beside each, and what was refused above them; nothing typed is lost. */
import { Alert, Button, Drawer } from "antd";
import { type ReactNode, useEffect, useRef } from "react";
import { ApiError } from "../data/api";
import { useI18n } from "../i18n";
import { conflictOf, Stale, type StaleProps } from "./Stale";
import { errorText } from "./StateMessage";
import { useIsPhone } from "./useIsPhone";

/** What a control needs to be named and described by its field. */
export interface ControlProps {
  id: string;
  status?: "error";
  "aria-describedby"?: string;
  "aria-invalid"?: true;
}

interface FieldProps {
  id: string;
  label: string;
  /** What the API found wrong with it. */
  error?: string;
  hint?: ReactNode;
  isRequired?: boolean;
  /** The control; as a function it is told what describes it, so that this is read out with it. */
  children: ReactNode | ((props: ControlProps) => ReactNode);
}

export function Field({ id, label, error, hint, isRequired, children }: FieldProps) {
  const described = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  const props: ControlProps = {
    id,
    ...(error ? { status: "error", "aria-invalid": true } : {}),
    ...(described ? { "aria-describedby": described } : {}),
  };
  return (
    <div className="kp-field">
      <label htmlFor={id} className={isRequired ? "kp-must" : undefined}>
        {label}
      </label>
      {typeof children === "function" ? children(props) : children}
      {hint ? (
        <span className="kp-muted kp-field__hint" id={`${id}-hint`}>
          {hint}
        </span>
      ) : null}
      {error ? (
        <span className="kp-field__error" role="alert" id={`${id}-error`}>
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
  /** What to do where somebody else saved it meanwhile. */
  stale?: StaleProps;
  /** Another thing to do with the form than to save it. */
  action?: ReactNode;
  /** What stands below the form, such as what came of the action. */
  below?: ReactNode;
  children: ReactNode;
}

export function FormDrawer(props: Props) {
  const i18n = useI18n();
  const isPhone = useIsPhone();
  const { isDirty, isReady, isSaving, error, onSave, onClose, testId } = props;
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    // To the first field that was refused, so that it needn't be looked for.
    const refused = error ? form.current?.querySelector<HTMLElement>("[aria-invalid=true]") : null;
    // A select carries the mark on its frame.
    (refused?.querySelector<HTMLElement>("input") ?? refused)?.focus();
  }, [error]);
  return (
    <Drawer
      open
      width={isPhone ? "100%" : 520}
      title={props.title}
      onClose={onClose}
      maskClosable={!isDirty}
      keyboard={!isDirty}
      closable={{ "aria-label": i18n.t("action.close") }}
      data-testid={testId}
      footer={
        <div className="kp-alertacts__row">
          {props.action}
          <Button
            type="primary"
            disabled={!isReady}
            loading={isSaving}
            onClick={onSave}
            data-testid={`${testId}-save`}
          >
            {props.saveLabel}
          </Button>
        </div>
      }
    >
      <form
        ref={form}
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
            description={
              props.stale && conflictOf(error) ? (
                <Stale error={error} {...props.stale} />
              ) : (
                otherProblems(error, props.shownFields)
              )
            }
            data-testid={`${testId}-error`}
          />
        ) : null}
        {props.children}
      </form>
      {props.below}
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
