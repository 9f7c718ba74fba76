/** A control with its title, a hint, and what the API finds wrong with it: seen beside it, and read out with it. */
import type { ReactNode } from "react";

/** What the control itself needs to be named and described. */
export interface FieldProps {
  id: string;
  status?: "error";
  "aria-describedby"?: string;
  "aria-invalid"?: true;
  "aria-required"?: true;
}

interface Props {
  id: string;
  title: string;
  hint?: ReactNode;
  problem?: string;
  isRequired?: boolean;
  children: (props: FieldProps) => ReactNode;
}

export function Field({ id, title, hint, problem, isRequired, children }: Props) {
  const described = [hint ? `${id}-hint` : "", problem ? `${id}-problem` : ""].filter(Boolean).join(" ");
  return (
    <div className="kp-field">
      <label htmlFor={id}>
        {title}
        {isRequired ? <span aria-hidden="true"> *</span> : null}
      </label>
      {children({
        id,
        ...(problem ? { status: "error", "aria-invalid": true } : {}),
        ...(described ? { "aria-describedby": described } : {}),
        ...(isRequired ? { "aria-required": true } : {}),
      })}
      {hint ? (
        <span className="kp-muted kp-field__hint" id={`${id}-hint`}>
          {hint}
        </span>
      ) : null}
      {problem ? (
        <span className="kp-field__error" role="alert" id={`${id}-problem`}>
          {problem}
        </span>
      ) : null}
    </div>
  );
}
