/** Scopes: which user or role sees, edits and approves which entities; for those who manage them. */
import { PlusOutlined } from "@ant-design/icons";
import { Alert, Button, Input } from "antd";
import { useEffect, useMemo, useState } from "react";
import { PageHeader } from "../components/PageHeader";
import { GridSkeleton } from "../components/Skeletons";
import { LoadError, StateMessage } from "../components/StateMessage";
import { ScopeDialog } from "../components/scope/ScopeDialog";
import { ScopeList } from "../components/scope/ScopeList";
import { type Scope, useScopes } from "../data/scopes";
import { useI18n } from "../i18n";

export function ScopesPage() {
  const { t } = useI18n();
  const { data, isPending, isError, error, refetch } = useScopes();
  const [isAdding, setAdding] = useState(false);
  const [search, setSearch] = useState("");
  useEffect(() => {
    document.title = t("scopes.title");
  }, [t]);
  const shown = useMemo(() => (data?.result ?? []).filter((row) => matches(row, search)), [data, search]);
  const body = () => {
    if (isError && !data) return <LoadError error={error} onRetry={() => void refetch()} />;
    if (isPending) return <GridSkeleton label={t("state.loading")} />;
    if (data.result.length === 0)
      return (
        <StateMessage
          kind="empty"
          title={t("scopes.none_title")}
          hint={t(`scopes.none.${data.default_scope}`)}
        />
      );
    if (shown.length === 0) return <StateMessage kind="empty" title={t("scopes.none_match")} />;
    return <ScopeList scopes={shown} defaultScope={data.default_scope} />;
  };
  return (
    <main className="kp-page" data-testid="scopes-page">
      <PageHeader page="scopes" />
      <div className="kp-toolbar">
        <Input.Search
          allowClear
          className="kp-toolbar__search"
          placeholder={t("scopes.search")}
          aria-label={t("scopes.search")}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <Button
          type="primary"
          icon={<PlusOutlined />}
          disabled={!data}
          onClick={() => setAdding(true)}
          data-testid="scope-new"
        >
          {t("scopes.new")}
        </Button>
      </div>
      {data ? (
        <Alert
          type="info"
          showIcon
          message={t(`scopes.default.${data.default_scope}`)}
          description={t("scopes.explained")}
          data-testid="scope-default"
        />
      ) : null}
      <section className="kp-panel kp-panel--padded" aria-label={t("scopes.title")}>
        {body()}
      </section>
      {isAdding ? <ScopeDialog onClose={() => setAdding(false)} /> : null}
    </main>
  );
}

function matches(scope: Scope, search: string): boolean {
  const text = [scope.subject, scope.entity_id, scope.entity_name, scope.account_name]
    .join(" ")
    .toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
