/** Entry of the bundle: mounts the pages on the element that Superset's template leaves for them. */
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { Api } from "./data/api";
import { toLocale } from "./i18n";
import { watchLocation } from "./router";
import { readThemes } from "./theme/theme";
import "react-data-grid/lib/styles.css";
import "./theme/base.css";
import "./theme/parts.css";
import "./theme/layout.css";
import "./theme/grid.css";
import "./theme/plan.css";
import "./theme/score.css";
import "./theme/reports.css";
import "./theme/alerts.css";
import "./theme/diagnosis.css";
import "./theme/upload.css";
import "./theme/home.css";
import "./theme/reconciliation.css";
import "./theme/goals.css";
import "./theme/setup.css";
import "./theme/manual.css";

function mount(root: HTMLElement): void {
  const csrfField = document.querySelector<HTMLInputElement>("#csrf_token");
  const api = new Api({
    baseUrl: (root.dataset.baseUrl ?? "").replace(/\/+$/, ""),
    csrfToken: root.dataset.csrfToken || csrfField?.value || "",
  });
  const bootstrap = document.getElementById("app")?.getAttribute("data-bootstrap");
  watchLocation();
  createRoot(root).render(
    <App api={api} root={root} locale={toLocale(root.dataset.locale)} themes={readThemes(bootstrap)} />,
  );
}

const root = document.getElementById("kpi-root");
if (root) mount(root);
