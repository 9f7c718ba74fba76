/** What any two versions of a target say differently. */
import { ArrowRightOutlined } from "@ant-design/icons";
import { Select, Skeleton } from "antd";
import { useState } from "react";
import { formatInstant } from "../../data/period";
import { useDifference } from "../../data/targets";
import { TARGET_FIELDS, type TargetRow, type TargetVersion } from "../../data/types";
import { useI18n } from "../../i18n";
import { showValue } from "./AgreementDialog";

interface Props {
  row: TargetRow;
  /** At least two, the newest first. */
  versions: readonly TargetVersion[];
}

export function CompareVersions({ row, versions }: Props) {
  const { t, label, locale } = useI18n();
  const newest = versions[0]?.version ?? 0;
  const oldest = versions.at(-1)?.version ?? 0;
  const [chosen, setChosen] = useState<{ from?: number; to?: number }>({});
  const from = chosen.from ?? oldest;
  const to = chosen.to ?? newest;
  const { data, isError } = useDifference(row.id, from, to);
  const options = versions.map((version) => ({
    value: version.version,
    label: [
      t("version.number", { version: version.version }),
      version.state ? label("version_state", version.state) : "",
      formatInstant(version.changed_at, locale),
    ]
      .filter(Boolean)
      .join(" · "),
  }));
  return (
    <section className="kp-compare" aria-label={t("history.compare")} data-testid="compare-versions">
      <h3>{t("history.compare")}</h3>
      <div className="kp-compare__which">
        <Select
          value={from}
          options={options}
          aria-label={t("history.compare_from")}
          onChange={(version) => setChosen({ ...chosen, from: version })}
          data-testid="compare-from"
        />
        <ArrowRightOutlined aria-hidden="true" />
        <Select
          value={to}
          options={options}
          aria-label={t("history.compare_to")}
          onChange={(version) => setChosen({ ...chosen, to: version })}
          data-testid="compare-to"
        />
      </div>
      <div role="status" data-testid="compare-result">
        {isError ? <p className="kp-muted">{t("history.failed")}</p> : null}
        {from !== to && !data && !isError ? (
          <Skeleton active title={false} paragraph={{ rows: 1 }} />
        ) : (
          <VersionChanges row={row} changes={from === to ? {} : data?.changes} none={t("history.same")} />
        )}
      </div>
    </section>
  );
}

interface ChangesProps {
  row: TargetRow;
  changes: TargetVersion["changes"];
  /** Said where nothing differs. */
  none?: string;
}

/** From what to what each field goes. */
export function VersionChanges({ row, changes = {}, none }: ChangesProps) {
  const { t } = useI18n();
  const shown = TARGET_FIELDS.flatMap((field) => {
    const change = changes[field];
    return change ? [{ field, ...change }] : [];
  });
  if (shown.length === 0) return none ? <p className="kp-muted">{none}</p> : null;
  return (
    <dl className="kp-changes__list">
      {shown.map(({ field, from, to }) => (
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
