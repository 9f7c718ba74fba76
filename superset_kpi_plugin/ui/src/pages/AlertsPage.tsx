/** Alerts: what is firing and what is done about it, the rules behind it, and what is silent. */
import { useEffect } from "react";
import { PackList } from "../components/alert/PackList";
import { RuleTable } from "../components/alert/RuleTable";
import { SilenceList } from "../components/alert/SilenceList";
import { PageHeader } from "../components/PageHeader";
import { PageTabs } from "../components/PageTabs";
import { useMe } from "../data/common";
import { useI18n } from "../i18n";
import { useParams } from "../router";
import { AlertInbox } from "./AlertInbox";

const TABS = ["inbox", "rules", "packs", "silences"] as const;

export function AlertsPage() {
  const { t, label } = useI18n();
  const { params } = useParams();
  const { data: me } = useMe();
  const tab = TABS.find((name) => name === params.get("tab")) ?? "inbox";
  const canWrite = me?.permissions.admin === true;
  const channels = me?.channels ?? [];
  useEffect(() => {
    document.title = t("alerts.title");
  }, [t]);
  return (
    <main className="kp-page" data-testid="alerts-page">
      <PageHeader page="alerts" />
      <PageTabs tabs={TABS} open={tab} texts="alerts.tab" page="alerts" label={t("alerts.tabs")} />
      {tab === "inbox" ? (
        <AlertInbox />
      ) : (
        <section className="kp-panel kp-panel--padded" aria-label={label("alerts.tab", tab)}>
          {tab === "rules" ? <RuleTable canWrite={canWrite} channels={channels} /> : null}
          {tab === "packs" ? <PackList canWrite={canWrite} channels={channels} /> : null}
          {tab === "silences" ? <SilenceList canWrite={me?.permissions.acknowledge === true} /> : null}
        </section>
      )}
    </main>
  );
}
