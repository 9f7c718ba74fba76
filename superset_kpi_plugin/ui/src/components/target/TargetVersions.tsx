/** What a target said before, who changed it and when. */
import { Skeleton } from "antd";
import { formatInstant } from "../../data/period";
import { useHistory } from "../../data/targets";
import type { TargetRow } from "../../data/types";
import { useI18n } from "../../i18n";
import { showValue } from "./AgreementDialog";
import { CompareVersions, VersionChanges } from "./CompareVersions";

export function TargetVersions({ row }: { row: TargetRow }) {
  const { t, label, locale } = useI18n();
  const { data, isPending, isError } = useHistory(row.id);
  if (row.id === null) return null;
  const versions = [...(data ?? [])].sort((a, b) => b.version - a.version);
  return (
    <section className="kp-history" aria-label={t("history.title")}>
      <h2>{t("history.title")}</h2>
      {isPending ? <Skeleton active title={false} paragraph={{ rows: 2 }} /> : null}
      {isError ? <p className="kp-muted">{t("history.failed")}</p> : null}
      {versions.length > 1 ? <CompareVersions row={row} versions={versions} /> : null}
      <ol className="kp-timeline" data-testid="target-history">
        {versions.map((version) => (
          <li key={version.version}>
            <div className="kp-timeline__head">
              <strong>{t("version.number", { version: version.version })}</strong>
              <span className="kp-muted">{version.state ? label("version_state", version.state) : ""}</span>
              <span className="kp-timeline__value">
                {showValue(row, "target_value", version.target_value ?? null)}
              </span>
            </div>
            <div className="kp-muted">
              {t("history.changed", {
                by: version.changed_by ?? "—",
                at: formatInstant(version.changed_at, locale),
              })}
            </div>
            {version.reason ? (
              <p className="kp-prewrap" data-testid="version-reason">
                {t("history.reason", { reason: version.reason })}
              </p>
            ) : null}
            <VersionChanges row={row} changes={version.changes} />
            {version.approved_by ? (
              <div className="kp-muted">
                {t("history.approved", {
                  by: version.approved_by,
                  at: formatInstant(version.approved_at, locale),
                })}
              </div>
            ) : null}
          </li>
        ))}
      </ol>
    </section>
  );
}
