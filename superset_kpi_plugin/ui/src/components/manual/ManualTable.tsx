/** The values of a manual KPI: entities down, the last periods across, typed into and saved with where they come from. */
import { Alert, App, Button, Input, Select } from "antd";
import { useState } from "react";
import { ApiError } from "../../data/api";
import { formatAmount } from "../../data/decimal";
import { type EntityRow, useEntities } from "../../data/entities";
import {
  cellOf,
  type ManualKpi,
  type ManualValue,
  readTyped,
  type TypedValue,
  toValues,
  useManualActions,
  useManualValues,
  type ValueInput,
} from "../../data/manual";
import { formatPeriod, shiftPeriod } from "../../data/period";
import type { EntityKind } from "../../data/types";
import { useI18n } from "../../i18n";
import { EntityKind as KindText } from "../EntityKind";
import { Field } from "../FormDrawer";
import { KpiName } from "../KpiName";
import { GridSkeleton } from "../Skeletons";
import { errorText, LoadError, StateMessage } from "../StateMessage";
import { useDelayed } from "../useDelayed";
import { useIsPhone } from "../useIsPhone";
import { ManualCell } from "./ManualCell";
import { ManualHistory } from "./ManualHistory";

interface Props {
  kpi: ManualKpi;
  /** The newest period that shows. */
  start: string;
  canWrite: boolean;
}

/** As many as fit beside the entity. */
const PERIODS = { phone: 2, wide: 4 };
const NO_VALUES: ReadonlyMap<string, ManualValue> = new Map();

export function ManualTable({ kpi, start, canWrite }: Props) {
  const i18n = useI18n();
  const { t, label, locale } = i18n;
  const { message } = App.useApp();
  const [kind, setKind] = useState(kpi.entity_kinds[0] ?? "company");
  const [search, setSearch] = useState("");
  const entities = useEntities(kind as EntityKind, useDelayed(search));
  const values = useManualValues(kpi.kpi_id);
  const { enter } = useManualActions();
  const [typed, setTyped] = useState<ReadonlyMap<string, TypedValue>>(new Map());
  const [note, setNote] = useState("");
  const [opened, setOpened] = useState<ManualValue | null>(null);
  const known = values.data ?? NO_VALUES;
  const count = PERIODS[useIsPhone() ? "phone" : "wide"];
  const periods = Array.from({ length: count }, (_, index) =>
    shiftPeriod(start, kpi.grain, index - count + 1),
  );
  const changed = toValues(kpi, typed.values(), known, note);
  const wrong = [...typed.values()].filter(
    (cell) => !readTyped(cell.text, known.get(cellOf(cell)), kpi.number_format).ok,
  );
  const type = (entity: EntityRow, period_start: string, text: string) => {
    const at = { entity_id: entity.entity_id, period_start };
    const next = new Map(typed);
    const read = readTyped(text, known.get(cellOf(at)), kpi.number_format);
    if (read.ok && read.isSame) next.delete(cellOf(at));
    else {
      const begun = typed.get(cellOf(at));
      const etag = begun ? begun.etag : (known.get(cellOf(at))?.etag ?? null);
      next.set(cellOf(at), { ...at, entity_name: entity.entity_name, text, etag });
    }
    setTyped(next);
    enter.reset();
  };
  const store = () =>
    enter.mutate(changed, {
      onSuccess: ({ publication }) => {
        if (publication.state === "failed") message.warning(t("manual.unpublished"), 6);
        else message.success(t("manual.entered", { count: changed.length }));
        setTyped(new Map());
        setNote("");
      },
      // What somebody else entered meanwhile is shown now, and may be replaced knowingly.
      onError: () =>
        setTyped((before) => new Map([...before].map(([at, cell]) => [at, { ...cell, etag: undefined }]))),
    });
  if (values.isError && !values.data)
    return <LoadError error={values.error} onRetry={() => void values.refetch()} />;
  if (entities.isError && !entities.data)
    return <LoadError error={entities.error} onRetry={() => void entities.refetch()} />;
  const rows = entities.data?.filter((row) => row.entity_kind === kind);
  const table = () => {
    if (!rows || values.isPending) return <GridSkeleton label={t("state.loading")} />;
    if (rows.length === 0) return <StateMessage kind="empty" title={t("entity.none")} />;
    return (
      <section
        className="kp-scroll"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={t("manual.values")}
      >
        <table className="kp-table kp-table--tight kp-table--still" data-testid="manual-values">
          <thead>
            <tr>
              <th scope="col">{t("targets.column.entity")}</th>
              {periods.map((period) => (
                <th key={period} scope="col" className="kp-cell--end">
                  {formatPeriod(period, kpi.grain, locale)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((entity) => (
              <tr key={entity.entity_id} data-testid={`manual-${entity.entity_id}`}>
                <th scope="row">
                  {entity.entity_name}
                  <span className="kp-muted kp-objective__kind">
                    <KindText entity={entity} />
                  </span>
                </th>
                {periods.map((period) => {
                  const at = cellOf({ entity_id: entity.entity_id, period_start: period });
                  return (
                    <td key={period} className="kp-cell--end">
                      <ManualCell
                        kpi={kpi}
                        entity={entity}
                        period={period}
                        known={known.get(at)}
                        typed={typed.get(at)?.text}
                        canWrite={canWrite}
                        onType={(text) => type(entity, period, text)}
                        onOpen={setOpened}
                      />
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    );
  };
  return (
    <>
      <p>
        <strong>
          <KpiName kpi={{ kpi_id: kpi.kpi_id, kpi_name: locale === "zh" ? kpi.name_zh : kpi.name_en }} />
        </strong>{" "}
        <span className="kp-muted">
          {label("unit", kpi.unit)} · {label("glossary.direction", kpi.direction)} ·{" "}
          {label("grain", kpi.grain)}
          {kpi.owner ? ` · ${t("targets.column.owner")}: ${kpi.owner}` : ""}
        </span>
      </p>
      {kpi.is_active ? null : <Alert type="info" showIcon message={t("manual.is_off")} />}
      <div className="kp-manual__bar">
        {kpi.entity_kinds.length > 1 ? (
          <Select
            aria-label={t("entity.kind")}
            className="kp-manual__kind"
            value={kind}
            onChange={setKind}
            options={kpi.entity_kinds.map((value) => ({ value, label: label("entity_kind", value) }))}
          />
        ) : null}
        <Input.Search
          allowClear
          className="kp-manual__search"
          placeholder={t("entity.search")}
          aria-label={t("manual.search")}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </div>
      {table()}
      {typed.size > 0 ? (
        <form
          className="kp-manual__save"
          onSubmit={(event) => {
            event.preventDefault();
            store();
          }}
          data-testid="manual-save"
        >
          <Field id="manual-note" label={t("manual.note")} hint={t("manual.note_hint")}>
            <Input
              id="manual-note"
              value={note}
              maxLength={2000}
              aria-required="true"
              autoComplete="off"
              onChange={(event) => setNote(event.target.value)}
            />
          </Field>
          <Button onClick={() => setTyped(new Map())}>{t("discard.edits")}</Button>
          <Button
            type="primary"
            htmlType="submit"
            loading={enter.isPending}
            disabled={changed.length === 0 || wrong.length > 0 || note.trim() === ""}
            data-testid="manual-enter"
          >
            {t("manual.enter", { count: changed.length })}
          </Button>
        </form>
      ) : null}
      {enter.isError ? (
        <Alert
          type="error"
          showIcon
          message={errorText(enter.error, i18n)}
          description={<Refused error={enter.error} kpi={kpi} sent={enter.variables ?? []} typed={typed} />}
          data-testid="manual-refused"
        />
      ) : null}
      {opened ? <ManualHistory kpi={kpi} value={opened} onClose={() => setOpened(null)} /> : null}
    </>
  );
}

/** What stands now where somebody else was quicker, and what is wrong with which value. */
function Refused({
  error,
  kpi,
  sent,
  typed,
}: {
  error: unknown;
  kpi: ManualKpi;
  sent: readonly ValueInput[];
  typed: ReadonlyMap<string, TypedValue>;
}) {
  const { t, locale } = useI18n();
  if (!(error instanceof ApiError)) return null;
  const name = (index: number) => {
    const value = sent[index];
    if (!value) return "";
    const entity = typed.get(cellOf(value))?.entity_name ?? value.entity_id;
    return `${entity}, ${formatPeriod(value.period_start, kpi.grain, locale)}`;
  };
  const conflicts = Array.isArray(error.details.conflicts) ? error.details.conflicts : [];
  const items = [
    ...error.rowErrors.map((one) => ({ index: one.index, text: one.message })),
    ...conflicts.map(({ index, theirs }) => ({
      index: Number(index),
      text: t("manual.theirs", {
        value: theirs ? formatAmount(theirs.value, kpi.number_format, { unit: kpi.unit }) : "—",
        by: theirs?.entered_by ?? "—",
      }),
    })),
  ];
  if (items.length === 0) return null;
  return (
    <ul className="kp-setup__names">
      {items.map(({ index, text }) => (
        <li key={`${index}|${text}`}>
          {name(index)}: {text}
        </li>
      ))}
    </ul>
  );
}
