/** The proposed targets, each with its chance and where it comes from; what stays ticked is written as drafts. */
import { Alert, Button } from "antd";
import { useState } from "react";
import { formatPeriod } from "../../data/period";
import {
  inputOf,
  type ProposedRow,
  placeOf,
  type SetupChoices,
  type Survey,
  useProposal,
  useWriteProposal,
} from "../../data/setup";
import { useI18n } from "../../i18n";
import { PageLink } from "../PageLink";
import { GridSkeleton } from "../Skeletons";
import { errorText, LoadError, StateMessage } from "../StateMessage";
import { ProposedKpi } from "./ProposedKpi";
import { WriteRefused } from "./WriteRefused";

interface Props {
  survey: Survey;
  choices: SetupChoices;
  choose: (part: Partial<SetupChoices>) => void;
  startOver: () => void;
}

/** What became of the rows of a proposal. */
interface Written {
  saved: number;
  exists: number;
  no_target: number;
  left_out: number;
  period_start: string;
}

export function SetupTargets({ survey, choices, choose, startOver }: Props) {
  const i18n = useI18n();
  const { t } = i18n;
  const input = inputOf(choices, survey);
  const { data, isPending, isError, isFetching, error, refetch } = useProposal(input);
  const write = useWriteProposal();
  const [written, setWritten] = useState<Written | null>(null);
  if (written) return <Outcome written={written} startOver={startOver} />;
  if (input.kinds.length === 0) return <StateMessage kind="empty" title={t("setup.no_kinds")} />;
  if (isError && !data) return <LoadError error={error} onRetry={() => void refetch()} />;
  if (isPending || !data) return <GridSkeleton label={t("state.loading")} />;
  const leftOut = new Set(choices.left_out);
  const wanted = data.rows.filter((row) => row.state === "new" && !leftOut.has(placeOf(row)));
  const leave = (rows: readonly ProposedRow[], isOut: boolean) => {
    const places = new Set(rows.map(placeOf));
    const others = choices.left_out.filter((place) => !places.has(place));
    choose({ left_out: isOut ? [...others, ...places] : others });
    write.reset();
  };
  const store = () =>
    write.mutate(wanted, {
      onSuccess: () =>
        setWritten({
          saved: wanted.length,
          exists: data.counts.exists,
          no_target: data.counts.no_target,
          left_out: data.counts.new - wanted.length,
          period_start: data.period_start,
        }),
    });
  return (
    <div className="kp-setup" data-testid="setup-targets" aria-busy={isFetching}>
      {data.warnings.map((warning) => (
        <Alert key={warning.code} type="warning" showIcon message={warning.message} />
      ))}
      {isError ? <Alert type="error" showIcon message={errorText(error, i18n)} /> : null}
      {data.unknown_kpis.length > 0 ? (
        <Alert
          type="info"
          showIcon
          message={t("setup.unknown_kpis", { kpis: data.unknown_kpis.join(", ") })}
        />
      ) : null}
      <p role="status" data-testid="setup-counts">
        {t("setup.counts", {
          wanted: wanted.length,
          left: data.counts.new - wanted.length,
          exists: data.counts.exists,
          none: data.counts.no_target,
        })}
      </p>
      {[...byKpi(data.rows)].map(([kpi_id, rows], index) => (
        <ProposedKpi key={kpi_id} rows={rows} leftOut={leftOut} isFirst={index === 0} onLeave={leave} />
      ))}
      {write.isError ? (
        <WriteRefused
          error={write.error}
          rows={wanted}
          onRefresh={() => {
            write.reset();
            void refetch();
          }}
        />
      ) : null}
      <div className="kp-setup__write">
        <Button
          type="primary"
          size="large"
          disabled={wanted.length === 0 || isFetching}
          loading={write.isPending}
          onClick={store}
          data-testid="setup-write"
        >
          {t("setup.write", { count: wanted.length })}
        </Button>
        <span className="kp-muted">{t("setup.write_hint")}</span>
      </div>
    </div>
  );
}

function byKpi(rows: readonly ProposedRow[]): Map<string, ProposedRow[]> {
  const found = new Map<string, ProposedRow[]>();
  for (const row of rows) found.set(row.kpi_id, [...(found.get(row.kpi_id) ?? []), row]);
  return found;
}

function Outcome({ written, startOver }: { written: Written; startOver: () => void }) {
  const { t, locale } = useI18n();
  const skipped = (["exists", "no_target", "left_out"] as const).filter((why) => written[why] > 0);
  return (
    <div className="kp-setup" data-testid="setup-written">
      <Alert
        type="success"
        showIcon
        message={t("setup.written", {
          count: written.saved,
          period: formatPeriod(written.period_start, "month", locale),
        })}
        description={t("setup.written_hint")}
      />
      {skipped.length > 0 ? (
        <ul className="kp-setup__names">
          {skipped.map((why) => (
            <li key={why} data-testid={`skipped-${why}`}>
              {t(`setup.skipped.${why}`, { count: written[why] })}
            </li>
          ))}
        </ul>
      ) : null}
      <p>
        <PageLink
          page="targets"
          at={`?grain=month&period=${written.period_start}&status=draft`}
          className="kp-link"
          data-testid="setup-drafts"
        >
          {t("setup.see_drafts")}
        </PageLink>
      </p>
      <div>
        <Button onClick={startOver} data-testid="setup-again">
          {t("setup.again")}
        </Button>
      </div>
    </div>
  );
}
