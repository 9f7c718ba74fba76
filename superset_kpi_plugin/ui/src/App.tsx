/** Providers around the pages: data, language, theme, and which page the address names. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { App as AntApp, ConfigProvider } from "antd";
import enUS from "antd/es/locale/en_US";
import zhCN from "antd/es/locale/zh_CN";
import { useEffect, useMemo } from "react";
import { Boundary } from "./components/Boundary";
import { useFocusKeeper } from "./components/focusKeeper";
import { type Api, ApiError } from "./data/api";
import { ApiProvider } from "./data/context";
import { EditProvider } from "./data/editStore";
import type { Locale } from "./data/types";
import { I18nProvider } from "./i18n";
import { withIsoWeeks } from "./i18n/calendar";
import { AlertsPage } from "./pages/AlertsPage";
import { DiagnosisPage } from "./pages/DiagnosisPage";
import { GlossaryPage } from "./pages/GlossaryPage";
import { HomePage } from "./pages/HomePage";
import { ReconciliationPage } from "./pages/ReconciliationPage";
import { ReportsPage } from "./pages/ReportsPage";
import { ScopesPage } from "./pages/ScopesPage";
import { SetupPage } from "./pages/SetupPage";
import { TargetsPage } from "./pages/TargetsPage";
import { UploadsPage } from "./pages/UploadsPage";
import { pageOf, setActive, useAddress } from "./router";
import { buildTheme, type SupersetThemes } from "./theme/theme";
import { useMode } from "./theme/useMode";

interface Props {
  api: Api;
  root: HTMLElement;
  locale: Locale;
  themes: SupersetThemes | null;
}

const ANTD_LOCALES = { en: withIsoWeeks(enUS), zh: zhCN };

function newClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        // Only what may pass by itself is asked again.
        retry: (count, error) =>
          count < 2 && error instanceof ApiError && (error.isNetwork || error.status >= 500),
        retryDelay: (attempt) => 400 * 2 ** attempt,
      },
    },
  });
}

export function App({ api, root, locale, themes }: Props) {
  const client = useMemo(newClient, []);
  const mode = useMode(themes);
  const theme = useMemo(() => buildTheme(themes, mode), [themes, mode]);
  const { pathname } = useAddress();
  const page = pageOf(pathname, api.config.baseUrl);
  useEffect(() => setActive(root, page !== null), [root, page]);
  useFocusKeeper(root);

  return (
    <ConfigProvider
      prefixCls="kpi"
      iconPrefixCls="kpiicon"
      locale={ANTD_LOCALES[locale]}
      theme={theme}
      // A space between two Chinese characters makes the text another than the one that is read out.
      button={{ autoInsertSpace: false }}
    >
      <I18nProvider locale={locale}>
        <ApiProvider api={api}>
          <QueryClientProvider client={client}>
            <AntApp className="kpi-app">
              <div lang={locale === "zh" ? "zh-CN" : "en"} data-mode={mode} data-testid="kpi-app">
                <EditProvider>
                  {/* Elsewhere in Superset nothing is asked for; the way back mounts the page again. */}
                  <Boundary key={page}>
                    {page === "home" ? <HomePage /> : null}
                    {page === "targets" ? <TargetsPage /> : null}
                    {page === "alerts" ? <AlertsPage /> : null}
                    {page === "reports" ? <ReportsPage /> : null}
                    {page === "reconciliation" ? <ReconciliationPage /> : null}
                    {page === "glossary" ? <GlossaryPage /> : null}
                    {page === "diagnosis" ? <DiagnosisPage /> : null}
                    {page === "setup" ? <SetupPage /> : null}
                    {page === "uploads" ? <UploadsPage /> : null}
                    {page === "scopes" ? <ScopesPage /> : null}
                  </Boundary>
                </EditProvider>
              </div>
            </AntApp>
          </QueryClientProvider>
        </ApiProvider>
      </I18nProvider>
    </ConfigProvider>
  );
}
