/** Keeps a fault in one page from leaving an empty screen: says what to do, keeps Superset's navbar usable. */
import { Component, type ReactNode } from "react";
import { useI18n } from "../i18n";
import { StateMessage } from "./StateMessage";

function Fallback() {
  const { t } = useI18n();
  return (
    <StateMessage
      kind="error"
      title={t("error.page_title")}
      hint={t("error.page_hint")}
      action={{ label: t("action.reload"), onClick: () => window.location.reload() }}
    />
  );
}

export class Boundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? <Fallback /> : this.props.children;
  }
}
