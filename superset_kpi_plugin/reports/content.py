"""What a report says, as plain data: figures of the contract, alerts and what people did about them.

Made once and kept, so that a report reads the same for ever, in either language and as page, mail, PDF and Excel alike.
Numbers are strings of exact decimals, days are ISO, instants UTC.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from superset.extensions import db

from superset_kpi_plugin.alerts import drivers, listing
from superset_kpi_plugin.alerts.models import AlertInstance
from superset_kpi_plugin.api import jsonable
from superset_kpi_plugin.catalogue import queries
from superset_kpi_plugin.errors import NotFound, WarehouseContractBroken, WarehouseUnavailable
from superset_kpi_plugin.reports import figures
from superset_kpi_plugin.reports.calendar import Window
from superset_kpi_plugin.targets.feasibility import Forecast, probability
from superset_kpi_plugin.warehouse import Reader

logger = logging.getLogger(__name__)
Row = dict[str, Any]
#: What is shown of a subject without targets of its own, as far as its kind has these KPIs.
HEADLINES = (
    *("gmv", "net_sales", "orders", "contribution_margin", "contribution_margin_rate", "ad_cost", "acos", "tacos"),
    *("refund_rate", "conversion_rate", "first_response_p50", "response_24h_rate"),
)
#: The way from sales to what is left of them; all but the sums are costs.
WATERFALL = (
    *("net_sales", "cogs", "freight_cost", "tariff_cost", "gross_margin", "referral_fees", "fulfilment_fees"),
    *("storage_fees", "aged_stock_fees", "low_inventory_fees", "inbound_placement_fees", "other_fees"),
    *("margin_before_ads", "ad_cost", "contribution_margin"),
)
SUMS = frozenset({"net_sales", "gross_margin", "margin_before_ads", "contribution_margin"})
PARTS = ("gmv", "contribution_margin_rate", "acos", "refund_rate")
WORST_FIRST = ("breach", "warn", "no_data", "provisional", "ok")
#: Most targets off their line whose causes are looked for.
MOST_CAUSES = 20
_KPI_NAMES = ("kpi_id", "name_en", "name_zh", "unit", "number_format", "direction")


@dataclass(frozen=True)
class Subject:
    """Whom a report is about, with all below it, as of the window's last day."""

    entity: Row
    children: list[Row]
    below: frozenset[str]

    @property
    def owner(self) -> str | None:
        """A person answers for targets beyond the own ones: those that name them as owner."""
        return self.entity["owner_id"] if self.entity["entity_kind"] == "person" else None


def make(entity_id: str, window: Window, reader: Reader) -> Row:
    """The content of a report; a part that the warehouse can't answer is named in ``failed``, and empty.

    :raises NotFound: there is no such entity.
    :raises WarehouseUnavailable: the figures and targets themselves can't be read.
    """
    kpis = queries.catalogue_by_id(reader)
    subject = _subject(entity_id, window, reader)
    listed = sorted(figures.targets(window.month, subject.below, subject.owner, reader), key=_worst_first)
    entities = queries.entities_by_id(reader, {row["entity_id"] for row in listed})
    targeted = {row["kpi_id"] for row in listed if row["entity_id"] == entity_id}
    own = [kpi for kpi in kpis if kpi in targeted]  # in the catalogue's order
    kind = subject.entity["entity_kind"]
    wanted = _existing([*dict.fromkeys([*own, *HEADLINES])], kind, kpis)
    waterfall = _existing(WATERFALL, kind, kpis)
    covered = figures.streams(_accounts(subject, entities, reader), reader)
    values = {
        name: figures.window_values(shown, [subject.entity], {kpi: kpis[kpi] for kpi in {*wanted, *waterfall}}, reader)
        for name, shown in (("now", window), ("before", window.before()), ("last_year", window.last_year()))
    }
    failed: list[str] = []

    def part(name: str, work: Callable[[], Any], otherwise: Any) -> Any:
        try:
            with reader.apart():
                return work()
        except (WarehouseUnavailable, WarehouseContractBroken) as error:
            if reader.is_lost:  # a report of what is left would never be made again
                raise
            logger.warning("The report on %s goes without its part %s: %s", entity_id, name, error.message)
            failed.append(name)
            return otherwise

    content = {
        "subject": {name: subject.entity[name] for name in ("entity_id", "entity_kind", "entity_name", "currency")},
        "window": {"cadence": window.cadence, "start": window.start, "end": window.end, "month": window.month},
        "compared": {"before": _span(window.before()), "last_year": _span(window.last_year())},
        "headlines": [_compared(kpis[kpi], values, entity_id) for kpi in wanted],
        "trend": part("trend", lambda: _trend(window, subject.entity, wanted, kpis, reader), None),
        "targets": [_target(row, kpis.get(row["kpi_id"]), entities.get(row["entity_id"])) for row in listed],
        "statuses": dict(Counter(row["status"] for row in listed)),
        "causes": part("causes", lambda: _causes(listed, kpis, entities, window, reader), []),
        "parts": part("parts", lambda: _parts(subject, window, kpis, reader), None),
        "margin": [{**_compared(kpis[kpi], values, entity_id), "is_sum": kpi in SUMS} for kpi in waterfall],
        "outlook": part("outlook", lambda: _outlook(listed, entity_id, kpis, window, reader), []),
        **_alerts(subject, window),
        "freshness": _freshness(covered, window),
    }
    found: Row = jsonable({**content, "failed": failed})
    return found


def _subject(entity_id: str, window: Window, reader: Reader) -> Subject:
    found = queries.entities_by_id(reader, {entity_id})
    if entity_id not in found:
        raise NotFound("There is no entity {entity}.", entity=entity_id)
    below = figures.entities_below(entity_id, window.end, reader)
    children = reader.read(
        "select distinct e.entity_id, e.entity_kind, e.entity_name, e.currency from kpi.kpi_entity_edges as d "
        "inner join kpi.kpi_entities as e on d.child_id = e.entity_id where d.parent_id = :parent "
        "and d.valid_from <= :day and (d.valid_to is null or d.valid_to > :day)",
        {"parent": entity_id, "day": window.end},
    )
    return Subject(found[entity_id], children, frozenset(below))


def _accounts(subject: Subject, targeted: Mapping[str, Row], reader: Reader) -> set[str]:
    """The accounts whose data the report rests on: those below the subject, and those of the targets that it lists."""
    if subject.entity["account_id"]:
        return {subject.entity["account_id"]}
    rows = reader.read(
        "select distinct account_id from kpi.kpi_entities where account_id is not null and entity_id in :entities",
        {"entities": subject.below},
    )
    answered = {row["account_id"] for row in targeted.values() if row["account_id"]}
    return {row["account_id"] for row in rows} | answered


def _existing(kpi_ids: Iterable[str], kind: str, kpis: Mapping[str, Row]) -> list[str]:
    return [kpi for kpi in kpi_ids if kpi in kpis and kind in str(kpis[kpi]["entity_kinds"]).split(",")]


def _span(window: Window) -> Row:
    return {"start": window.start, "end": window.end}


def _kpi(row: Row) -> Row:
    return {name: row[name] for name in _KPI_NAMES}


def _compared(kpi: Row, values: Mapping[str, Mapping[Any, Row]], entity_id: str) -> Row:
    """A KPI's value beside that of the window before and of last year, with the changes.

    A change is a share of the earlier value; of a ratio it is the difference, which people read as percentage points.
    """
    place = (entity_id, kpi["kpi_id"])
    now, *others = (values[name].get(place) for name in ("now", "before", "last_year"))
    shown = {**_kpi(kpi), **_value(now)}
    for name, other in zip(("before", "last_year"), others, strict=True):
        shown[name] = other["value"] if other else None
        shown[f"change_{name}"] = _change(now, other, is_share=kpi["unit"] == "ratio")
    return shown


def _value(row: Row | None) -> Row:
    names = ("value", "currency", "is_settled", "covered_through")
    return {name: row[name] if row else None for name in names}


def _change(now: Row | None, other: Row | None, *, is_share: bool) -> Decimal | None:
    """To four decimals (six for a difference of shares); None where one is missing, nil, or in another currency."""
    if not now or not other or now["currency"] != other["currency"]:
        return None
    difference = Decimal(now["value"]) - Decimal(other["value"])
    if is_share:
        return difference.quantize(Decimal("0.000001"))
    return (difference / abs(Decimal(other["value"]))).quantize(Decimal("0.0001")) if other["value"] else None


def _trend(window: Window, entity: Row, wanted: list[str], kpis: Mapping[str, Row], reader: Reader) -> Row | None:
    kpi = next(iter(wanted), None)
    if kpi is None:
        return None
    return {"kpi": _kpi(kpis[kpi]), "points": figures.trend(window, entity, kpi, kpis, reader)}


def _worst_first(row: Row) -> tuple[Any, ...]:
    place = WORST_FIRST.index(row["status"]) if row["status"] in WORST_FIRST else len(WORST_FIRST)
    return place, row["kpi_id"], row["entity_kind"], row["entity_id"]


def _target(row: Row, kpi: Row | None, entity: Row | None) -> Row:
    kpi = kpi or dict.fromkeys(_KPI_NAMES) | {"kpi_id": row["kpi_id"], "name_en": row["kpi_id"]}
    names = (*figures.TARGET_FIELDS, "entity_name", "account_name")
    return {**{name: {**(entity or {}), **row}.get(name) for name in names}, **_kpi(kpi)}


def _causes(
    rows: list[Row], kpis: Mapping[str, Row], entities: Mapping[str, Row], window: Window, reader: Reader
) -> list[Row]:
    """For each target that is off its line the driver that moved most against the month before."""
    red = [row for row in rows if row["status"] in ("breach", "warn") and row["kpi_id"] in kpis][:MOST_CAUSES]
    by_kpi: defaultdict[str, set[str]] = defaultdict(set)
    for row in red:
        by_kpi[row["kpi_id"]].add(row["entity_id"])
    moved: dict[tuple[str, str], Row] = {}
    since = (window.month - timedelta(days=1)).replace(day=1)
    for kpi_id, ids in by_kpi.items():
        wanted = drivers.driver_ids(kpis[kpi_id]["drivers"])
        params = {"drivers": wanted, "entity_ids": ids, "grain": "month", "since": since}
        found = drivers.strongest(reader.read(drivers.MOVES, params), dict.fromkeys(ids, window.month))
        moved |= {(entity_id, kpi_id): driver for entity_id, driver in found.items()}
    return [
        {
            **_target(row, kpis[row["kpi_id"]], entities.get(row["entity_id"])),
            "driver": moved.get((row["entity_id"], row["kpi_id"])),
        }
        for row in red
    ]


def _parts(subject: Subject, window: Window, kpis: Mapping[str, Row], reader: Reader) -> Row | None:
    """The subject's children with a few KPIs each."""
    kinds = {child["entity_kind"] for child in subject.children} & {"platform", "account", "category", "team", "person"}
    children = [child for child in subject.children if child["entity_kind"] in kinds]
    chosen = {kpi: kpis[kpi] for kpi in PARTS if any(_existing([kpi], kind, kpis) for kind in kinds)}
    if not children or not chosen:
        return None
    values = {
        name: figures.window_values(shown, children, chosen, reader)
        for name, shown in (("now", window), ("before", window.before()), ("last_year", window.last_year()))
    }
    rows = [
        {
            **{name: child[name] for name in ("entity_id", "entity_kind", "entity_name")},
            "values": {kpi: _compared(chosen[kpi], values, child["entity_id"]) for kpi in chosen},
        }
        for child in children
    ]
    first = next(iter(chosen))
    # The two trees one after the other, the largest first in each.
    rows.sort(key=lambda row: (row["entity_kind"], -(row["values"][first]["value"] or 0), row["entity_id"]))
    return {"kpis": [_kpi(kpi) for kpi in chosen.values()], "rows": rows}


def _outlook(rows: list[Row], entity_id: str, kpis: Mapping[str, Row], window: Window, reader: Reader) -> list[Row]:
    """Where the subject's own targets of the month are heading: pace, forecast and chance."""
    known = figures.forecasts(window.month, entity_id, reader)
    found = []
    for row in rows:
        if row["entity_id"] != entity_id or row["kpi_id"] not in kpis:
            continue
        kpi, forecast = kpis[row["kpi_id"]], known.get(row["kpi_id"])
        chance = probability(row["target_value"], kpi["direction"], Forecast.from_row(forecast), row["tolerance"])
        quantiles = {name: forecast[name] if forecast else None for name in ("p20", "p50", "p80")}
        names = ("target_value", "value", "expected_value", "pace_attainment", "currency", "status")
        found.append({**_kpi(kpi), **{name: row[name] for name in names}, **quantiles, "chance": chance})
    return found


def _alerts(subject: Subject, window: Window) -> Row:
    """What fired and ended between the window's first and the day after its last midnight UTC, and who did what."""
    begin = datetime.combine(window.start, time.min)
    # An evaluation judges a day on the day after it, when its data have been loaded.
    end = datetime.combine(window.end + timedelta(days=2), time.min)
    wanted = listing.events(begin, end)
    rows = [row for row in db.session.execute(wanted) if _is_about(row[1], subject)]
    names = ("kpi_id", "kpi_name_en", "kpi_name_zh", "unit", "number_format", "currency", "entity_id", "entity_name")
    told = []
    for event, instance, rule in rows:
        shown = {name: getattr(instance, name) for name in names}
        about = {"rule": rule.name, "rule_zh": rule.name_zh, "severity": rule.severity, "state": instance.state}
        said = {name: getattr(event, name) for name in ("event", "value", "limit_value", "user", "comment")}
        told.append({**shown, **about, **said, "happened_at": event.happened_at, "alert_id": instance.id})
    return {
        "alerts": [row for row in told if row["user"] is None and row["event"] in ("fired", "resolved")],
        "actions": [row for row in told if row["user"] is not None],
    }


def _is_about(instance: AlertInstance, subject: Subject) -> bool:
    return instance.entity_id in subject.below or bool(subject.owner and instance.owner == subject.owner)


def _freshness(rows: Collection[Row], window: Window) -> Row:
    """How far the data reach, and the streams that had not reached the window's end when the report was made."""
    days = [row["covered_through"] for row in rows if row["covered_through"]]
    late = [row for row in rows if row["state"] in ("failed", "stale") or _is_short(row["covered_through"], window)]
    names = ("account_id", "platform", "stream", "covered_through", "state")
    return {
        "covered_through": min(days, default=None),
        "late": [{name: row[name] for name in names} for row in late],
    }


def _is_short(day: date | None, window: Window) -> bool:
    return day is None or day < window.end
