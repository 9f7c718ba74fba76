"""Step 1, sources: did the data come, are they whole and final, and do platform and ERP agree?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from superset_kpi_plugin.alerts.message import period_label
from superset_kpi_plugin.diagnosis.causes import is_refused
from superset_kpi_plugin.diagnosis.focus import Focus
from superset_kpi_plugin.diagnosis.steps import OK, PROBLEM, UNKNOWN, WARNING, Check, Link
from superset_kpi_plugin.errors import WarehouseContractBroken
from superset_kpi_plugin.locale import current_locale, translate
from superset_kpi_plugin.reconciliation import listing as differences
from superset_kpi_plugin.reconciliation.standing import SIGNED
from superset_kpi_plugin.targets.rules import Kpi, first_day
from superset_kpi_plugin.targets.tree import earlier
from superset_kpi_plugin.warehouse import Warehouse

Row = dict[str, Any]
DATA_HEALTH = Link(dashboard="kpi-data-health")
#: How many months of differences count.
MONTHS = 3
#: What the lines of a reconciliation are called, as on the page of differences.
LINE_NAMES = {
    "sales": "Sales",
    "refunds": "Refunds",
    "fees": "Fees",
    "settled_sales": "Settled sales",
    "payouts": "Payouts",
}
STREAM_FIELDS = (
    *("platform", "account_id", "stream", "loaded_at", "covered_through", "settled_through", "lag_days", "state"),
    "last_error",
)
QUARANTINE_SQL = """
select platform, account_id, stream, rows_quarantined from kpi.kpi_freshness where rows_quarantined > 0
order by rows_quarantined desc, platform, account_id, stream
"""
VALUE_SQL = """
select max(period_start) as latest from kpi.kpi_values
where kpi_id = :kpi and entity_kind = :kind and entity_id = :entity and grain = 'month' and value is not null
"""


def checks(focus: Focus, warehouse: Warehouse) -> list[Check]:
    """The step's checks."""
    if not focus.streams:
        return [
            Check(
                "loaded",
                PROBLEM,
                translate("Nothing has been loaded here."),
                translate("Connect the account in the orchestrator and run its load, or upload its report files."),
                Link("uploads"),
            )
        ]
    return [
        *_connections(focus),
        quarantine(focus, warehouse),
        _finality(focus),
        *_value(focus, warehouse),
        reconciliation(focus, warehouse),
    ]


def streams(focus: Focus) -> list[Row]:
    """Every stream for the page's table, what is wrong first; ``is_refused`` where the login is at fault."""
    order = ("failed", "never", "stale", "fresh")
    rows = [{**{name: row[name] for name in STREAM_FIELDS}, "is_refused": is_refused(row)} for row in focus.streams]
    return sorted(rows, key=lambda row: order.index(row["state"]) if row["state"] in order else len(order))


def _connections(focus: Focus) -> Iterator[Check]:
    def of(found: Callable[[Row], bool]) -> list[Row]:
        return [_item(row) for row in focus.streams if found(row)]

    refused = of(is_refused)
    message = translate("Streams whose login or permission the platform refuses: {count}.", count=len(refused))
    advice = translate(
        "Renew the credentials or grant the permission in the orchestrator's connection, then load again."
    )
    yield Check("refused", PROBLEM if refused else OK, message, advice, DATA_HEALTH, refused)
    failed = of(lambda row: row["state"] == "failed" and not is_refused(row))
    message = translate("Streams whose last load failed: {count}.", count=len(failed))
    advice = translate("Read the reason, mend it and run the load again; what was loaded before is still served.")
    yield Check("failed", PROBLEM if failed else OK, message, advice, DATA_HEALTH, failed)
    never = of(lambda row: row["state"] == "never")
    message = translate("Streams that were never loaded: {count}.", count=len(never))
    advice = translate("Switch the stream's load on in the orchestrator, or upload its report files.")
    yield Check("never", WARNING if never else OK, message, advice, Link("uploads"), never)
    late = of(lambda row: row["state"] == "stale")
    message = translate("Streams that are late: {count} of {all}.", count=len(late), all=len(focus.streams))
    advice = translate(
        "See whether the orchestrator's runs are waiting or paused; until then the latest days are missing."
    )
    yield Check("late", WARNING if late else OK, message, advice, DATA_HEALTH, late)


def _item(row: Row, detail: str | None = None) -> Row:
    through = row.get("covered_through")
    reached = translate("data through {day}", day=through.isoformat()) if through else translate("no data")
    return {
        "label": f"{row['account_id']} · {row['platform']} · {row['stream']}",
        "detail": detail or row.get("last_error") or reached,
    }


def quarantine(focus: Focus, warehouse: Warehouse) -> Check:
    """Rows of the last loads that broke their contract and were set aside."""
    try:
        rows = warehouse.read(QUARANTINE_SQL)
    except WarehouseContractBroken:
        message = translate("This warehouse does not tell how many rows were set aside: run a build of this version.")
        return Check("quarantine", UNKNOWN, message)
    known = {(row["platform"], row["account_id"], row["stream"]) for row in focus.streams}
    found = [row for row in rows if (row["platform"], row["account_id"], row["stream"]) in known]
    count = sum(row["rows_quarantined"] for row in found)
    items = [_item(row, translate("{count} rows", count=row["rows_quarantined"])) for row in found]
    message = translate("Rows that the last loads set aside because they can't be right: {count}.", count=count)
    advice = translate(
        "Look the reasons up in the quarantine; mend the report or the contract and load the window again."
    )
    return Check("quarantine", WARNING if found else OK, message, advice, DATA_HEALTH, items, count)


def _finality(focus: Focus) -> Check:
    """Through which day nothing changes any more: the weakest stream decides."""
    days = [row["settled_through"] for row in focus.streams if row["settled_through"]]
    if not days:
        return Check("settled", UNKNOWN, translate("No day is final yet: the sources may still restate all of them."))
    message = translate(
        "Final through {day}; later days, up to {last}, are provisional.",
        day=min(days).isoformat(),
        last=focus.day.isoformat(),
    )
    return Check("settled", OK, message)


def _value(focus: Focus, warehouse: Warehouse) -> Iterator[Check]:
    """Whether the chosen KPI has a value of the chosen entity at all."""
    if not focus.is_place or focus.kpi is None or focus.entity is None:
        return
    kind = focus.entity["entity_kind"]
    names = {"kpi": focus.kpi_name(focus.kpi_id), "entity": focus.names.get(focus.entity_id or "", "")}
    if kind not in Kpi.from_row(focus.kpi).entity_kinds:
        message = translate("{kpi} is not measured for {entity}: it has no values of this kind.", **names)
        advice = translate("Choose one of the kinds that the glossary names.")
        yield Check("value", PROBLEM, message, advice, Link("glossary", {"#": focus.kpi_id}))
        return
    [row] = warehouse.read(VALUE_SQL, {"kpi": focus.kpi_id, "kind": kind, "entity": focus.entity_id})
    wanted = first_day("month", focus.day)
    if row["latest"] is None:
        message = translate("{kpi} has no value for {entity} in any month.", **names)
        status = PROBLEM
    elif row["latest"] < earlier("month", wanted, 1)[0]:
        message = translate(
            "The latest month of {kpi} for {entity} is {month}.", month=row["latest"].isoformat()[:7], **names
        )
        status = WARNING
    else:
        yield Check("value", OK, translate("{kpi} has values for {entity}.", **names))
        return
    advice = translate(
        "A missing input or a zero denominator is no value: see the formula and the streams that feed it."
    )
    yield Check("value", status, message, advice, Link("glossary", {"#": focus.kpi_id}))


def reconciliation(focus: Focus, warehouse: Warehouse) -> Check:
    """Differences between platform, settlement and ERP of the last months that nobody has signed."""
    since = earlier("month", first_day("month", focus.day), MONTHS)[0]
    filters = differences.DifferenceFilters(first=since, last=focus.day + timedelta(days=1))
    try:
        rows = differences.differences(filters, focus.reach, warehouse)
    except WarehouseContractBroken:
        return Check("reconciliation", UNKNOWN, translate("This warehouse does not compare platform and ERP."))
    if focus.accounts is not None:
        rows = [row for row in rows if row["account_id"] in focus.accounts]
    waiting = [row for row in rows if row["standing"] != SIGNED]
    items = [_difference(row) for row in waiting]
    message = translate(
        "Differences beyond tolerance since {month}: {count}, of which {waiting} are not signed off.",
        month=_month(since),
        count=len(rows),
        waiting=len(waiting),
    )
    advice = translate("Explain or sign off each difference, or have it booked; figures of money may change by it.")
    query = {"account_id": next(iter(focus.accounts))} if focus.accounts and len(focus.accounts) == 1 else {}
    status = WARNING if waiting else OK
    return Check("reconciliation", status, message, advice, Link("reconciliation", query), items, len(waiting))


def _month(day: date) -> str:
    return period_label({"period_start": day.isoformat(), "grain": "month"}, current_locale())


def _difference(row: Row) -> Row:
    line = translate(LINE_NAMES.get(str(row["line"]), str(row["line"])))
    charge = f"{line} ({row['charge_type']})" if row["charge_type"] else line
    return {
        "label": f"{row['account_name']} · {_month(row['period_start'])} · {charge}",
        "detail": row["state"],
        "amount": {"value": row["difference"], "currency": row["currency"]},
        "entity_id": row["entity_id"],
        "link": Link("reconciliation", {"id": row["reconciliation_id"]}),
    }
