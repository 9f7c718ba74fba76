/** What the parts of the rule form share: how a part asks for a field, and a part that folds. */
import { type ReactNode, useState } from "react";
import type { RuleInput } from "../../data/rules";
import { useI18n } from "../../i18n";
import { type ControlProps, Field } from "../FormDrawer";

export interface PartProps {
  wanted: RuleInput;
  /** What the API found wrong, by field. */
  problems: Readonly<Record<string, string>>;
  onChange: (part: Partial<RuleInput>) => void;
}

interface RuleFieldProps {
  name: string;
  label: string;
  problems: PartProps["problems"];
  hint?: ReactNode;
  isRequired?: boolean;
  children: (props: ControlProps) => ReactNode;
}

/** A field under the API's name for it. */
export function RuleField({ name, problems, ...rest }: RuleFieldProps) {
  return <Field id={`rule-${name}`} error={problems[name]} {...rest} />;
}

interface SectionProps {
  name: string;
  /** The fields within: one that is refused opens the part. */
  fields: readonly string[];
  problems: PartProps["problems"];
  /** Whether the rule has anything there that isn't as usual. */
  isUsed: boolean;
  children: ReactNode;
}

export function RuleSection({ name, fields, problems, isUsed, children }: SectionProps) {
  const { label } = useI18n();
  const [isOpen, setOpen] = useState(isUsed);
  const hasProblem = fields.some((field) => field in problems);
  return (
    <details
      className="kp-fold"
      open={isOpen || hasProblem}
      onToggle={(event) => setOpen(event.currentTarget.open)}
      data-testid={`rule-section-${name}`}
    >
      <summary>{label("rules.section", name)}</summary>
      <div className="kp-form">{children}</div>
    </details>
  );
}
