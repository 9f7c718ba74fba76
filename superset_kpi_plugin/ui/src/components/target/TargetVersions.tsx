/** What a target said before, who changed it and when. */
import { ArrowRightOutlined } from "@ant-design/icons";
import { Skeleton } from "antd";
import { formatInstant } from "../../data/period";
import { useHistory } from "../../data/targets";
import { TARGET_FIELDS, type TargetRow, type TargetVersion } from "../../data/types";
import { useI18n } from "../../i18n";
import { showValue } from "./AgreementDialog";

export function TargetVersions({ row }: { row: TargetRow }) {
  const { t, label, locale } = useI18n();
  const { data, isPending, isError } = useHistory(row.id);
  if (row.id === null) return null;
  return (
    <section className="kp-history" aria-label={t("history.title")}>
      <h2>{t("history.title")}</h2>
      {isPending ? <Skeleton active title={false} paragraph={{ rows: 2 }} /> : null}
      {isError ? <p className="kp-muted">{t("history.failed")}</p> : null}
      <ol className="kp-timeline" data-testid="target-history">
        {[...(data ?? [])]
          .sort((a, b) => b.version - a.version)
          .map((version) => (
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
              <VersionChanges row={row} version={version} />
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

/** What a version changed against the one before it. */
function VersionChanges({ row, version }: { row: TargetRow; version: TargetVersion }) {
  const { t } = useI18n();
  const changes = TARGET_FIELDS.flatMap((field) => {
    const change = version.changes?.[field];
    return change ? [{ field, ...change }] : [];
  });
  if (changes.length === 0) return null;
  return (
    <dl className="kp-changes__list">
      {changes.map(({ field, from, to }) => (
        <div key={field} data-testid="version-change">
          <dt>{t(`targets.column.${field}`)}</dt>
          <dd>
            <span className="kp-old">{showValue(row, field, from)}</span>
            <ArrowRightOutlined aria-label={t("approve.becomes")} />
            <strong>{showValue(row, field, to)}</strong>
          </dd>
        </div>
      ))}
    </dl>
  );
}
