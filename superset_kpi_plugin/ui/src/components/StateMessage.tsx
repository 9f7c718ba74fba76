/** Empty, error and no-permission states: what happened, and the one thing to do about it. */
import { InboxOutlined, WarningOutlined } from "@ant-design/icons";
import { Button } from "antd";
import type { ReactNode } from "react";
import { ApiError } from "../data/api";
import { type I18n, useI18n } from "../i18n";

interface Props {
  kind: "empty" | "error";
  title: string;
  hint?: ReactNode;
  action?: { label: string; onClick: () => void };
}

export function StateMessage({ kind, title, hint, action }: Props) {
  return (
    <div
      className={`kp-state kp-state--${kind}`}
      role={kind === "error" ? "alert" : "status"}
      data-testid={`state-${kind}`}
    >
      <span className="kp-state__icon" aria-hidden="true">
        {kind === "error" ? <WarningOutlined /> : <InboxOutlined />}
      </span>
      <h2 className="kp-state__title">{title}</h2>
      {hint ? <p className="kp-state__hint">{hint}</p> : null}
      {action ? (
        <Button type="primary" onClick={action.onClick}>
          {action.label}
        </Button>
      ) : null}
    </div>
  );
}

/** One sentence for an error: the API's own words where it has any. */
export function errorText(error: unknown, { t }: Pick<I18n, "t">): string {
  if (!(error instanceof ApiError)) return t("error.unexpected");
  if (error.isNetwork) return t("error.network");
  if (error.status === 401) return t("error.signed_out");
  if (error.status === 403) return error.message || t("error.forbidden");
  return error.message || t("error.server", { status: error.status });
}

export function LoadError({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const i18n = useI18n();
  const signedOut = error instanceof ApiError && error.status === 401;
  return (
    <StateMessage
      kind="error"
      title={i18n.t("error.load_title")}
      hint={errorText(error, i18n)}
      action={
        signedOut
          ? { label: i18n.t("action.sign_in"), onClick: () => window.location.reload() }
          : { label: i18n.t("action.try_again"), onClick: onRetry }
      }
    />
  );
}
