/** Whether a target is a draft, approved, or approved with a newer draft, and whether it has reached the warehouse. */
import { CheckOutlined, CloudSyncOutlined, EditOutlined } from "@ant-design/icons";
import { formatInstant } from "../../data/period";
import type { TargetRow } from "../../data/types";
import { useI18n } from "../../i18n";

export function VersionBadge({ row }: { row: TargetRow }) {
  const { t, locale } = useI18n();
  if (!row.draft && !row.approved) return <span className="kp-muted">{t("version.none")}</span>;
  const isUnpublished = row.approved !== null && row.published_version !== row.approved.version;
  const approvedText = t(isUnpublished ? "version.unpublished" : "version.approved", {
    version: row.approved?.version ?? "",
  });
  return (
    <span className="kp-versions" data-testid="version">
      {row.approved ? (
        <span
          className="kp-version kp-version--approved"
          title={t("version.approved_hint", {
            by: row.approved.approved_by ?? "—",
            at: formatInstant(row.approved.approved_at, locale),
          })}
          data-state="approved"
        >
          {isUnpublished ? <CloudSyncOutlined aria-hidden="true" /> : <CheckOutlined aria-hidden="true" />}
          {/* Beside a draft only the number fits; its word stays for screen readers. */}
          {row.draft ? (
            <>
              <span aria-hidden="true">v{row.approved.version}</span>
              <span className="kp-hidden">{approvedText}</span>
            </>
          ) : (
            approvedText
          )}
        </span>
      ) : null}
      {row.draft ? (
        <span
          className="kp-version kp-version--draft"
          title={t("version.draft_hint", {
            by: row.draft.changed_by ?? "—",
            at: formatInstant(row.draft.changed_at, locale),
          })}
          data-state="draft"
        >
          <EditOutlined aria-hidden="true" />
          {t("version.draft", { version: row.draft.version })}
        </span>
      ) : null}
    </span>
  );
}
