/** Every account's streams with how far they reach: what is wrong stands first. */
import type { DiagnosisStream } from "../../data/diagnosis";
import { formatDate, formatInstant } from "../../data/period";
import { useI18n } from "../../i18n";
import { Tag } from "../StatusTag";
import { STREAM_LOOK, UNKNOWN_LOOK } from "./streamLook";

export function StreamTable({ streams }: { streams: readonly DiagnosisStream[] }) {
  const { t, locale } = useI18n();
  if (streams.length === 0) return null;
  return (
    <details className="kp-diagnosis__streams">
      <summary data-testid="streams-open">{t("diagnosis.streams", { count: streams.length })}</summary>
      <section
        className="kp-scroll"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
        tabIndex={0}
        aria-label={t("diagnosis.streams", { count: streams.length })}
      >
        <table className="kp-table kp-table--tight kp-table--still">
          <thead>
            <tr>
              {(["account", "stream", "state", "covered", "settled", "loaded", "error"] as const).map(
                (name) => (
                  <th key={name} scope="col">
                    {t(`diagnosis.stream.${name}`)}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {streams.map((row) => (
              <tr key={`${row.platform} ${row.account_id} ${row.stream}`} data-testid="stream">
                <td>{row.account_id}</td>
                <td>
                  {row.platform} · {row.stream}
                </td>
                <td>
                  <StreamTag stream={row} />
                </td>
                <td>{formatDate(row.covered_through, locale)}</td>
                <td>{formatDate(row.settled_through, locale)}</td>
                <td>{formatInstant(row.loaded_at, locale)}</td>
                <td className="kp-diagnosis__error">{row.last_error ?? ""}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}

function StreamTag({ stream }: { stream: DiagnosisStream }) {
  const { t, label } = useI18n();
  const look = STREAM_LOOK[stream.state] ?? UNKNOWN_LOOK;
  const text = stream.is_refused ? t("diagnosis.refused") : label("freshness_state", stream.state);
  return <Tag {...look} text={text} data-status={stream.state} />;
}
