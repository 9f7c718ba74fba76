"""What the guide finds: accounts, platforms, categories, people, the last three months, what is missing, which problems
show. Each relation of the contract is read once; only what lies within the reader's reach is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any

from superset_kpi_plugin.access.reach import Reach
from superset_kpi_plugin.alerts import owners
from superset_kpi_plugin.catalogue import queries
from superset_kpi_plugin.errors import WarehouseContractBroken
from superset_kpi_plugin.guide.packs import Pack, Problem, Sign, packs, problems
from superset_kpi_plugin.locale import current_locale, translate
from superset_kpi_plugin.targets import tree
from superset_kpi_plugin.targets.listing import KIND_ORDER
from superset_kpi_plugin.targets.rules import first_day
from superset_kpi_plugin.warehouse import Reader, Warehouse

Row = dict[str, Any]
MONTHS = 3
#: How many entities or KPIs a finding names; all are counted.
SHOWN = 50
SALES, MARGIN = "gmv", "gross_margin"
#: Kinds of which every entity is read; of the others there may be very many.
FEW = ("company", "platform", "account", "team", "person")

COUNT_SQL = """
select entity_kind, count(*) as entities from kpi.kpi_entities
where is_active and entity_kind not in :kinds {seen} group by entity_kind
"""
SAMPLE_SQL = """
select entity_id, entity_kind, entity_name from (
    select entity_id, entity_kind, entity_name,
        row_number() over (partition by entity_kind order by entity_name, entity_id) as place
    from kpi.kpi_entities where is_active and entity_kind not in :kinds {seen}
) as numbered
where place <= :shown order by entity_kind, place
"""
OWNERLESS_SQL = """
select entity_id, count(*) over () as entities from kpi.kpi_entities
where is_active and entity_kind = 'sku' and owner_id is null {seen} order by entity_id limit :shown
"""
VALUES_SQL = """
select kpi_id, entity_kind, entity_id, period_start, value from kpi.kpi_values
where grain = 'month' and period_start in :months and kpi_id in :kpis and entity_kind in :kinds and value is not null
"""
FORECAST_SQL = "select 1 as one from kpi.kpi_forecast limit 1"


@dataclass
class Facts:
    """What was read. ``values`` hold (entity, month) -> value by KPI; ``months`` are whole, the oldest first."""

    months: list[date]
    running: date
    kpis: dict[str, Row]
    entities: list[Row]
    counts: dict[str, int]
    samples: dict[str, list[Row]]
    values: dict[str, dict[tuple[str, date], Any]]
    kinds: dict[str, str]
    streams: list[Row]
    ownerless: list[str] = field(default_factory=list)
    ownerless_count: int = 0
    has_forecast: bool = False

    def of_kind(self, kind: str) -> list[Row]:
        """The active entities of a kind."""
        return [row for row in self.entities if row["entity_kind"] == kind]


def whole_months(streams: list[Row]) -> tuple[list[date], date]:
    """The last three months that the data covers wholly, and the one that runs after them."""
    covered = queries.freshness_summary(streams)["covered_through"]
    day = covered + timedelta(days=1) if covered else datetime.now(timezone.utc).date()
    running = first_day("month", day)
    return tree.earlier("month", running, MONTHS), running


def survey(reach: Reach, warehouse: Warehouse) -> Row:
    """The whole page, for JSON."""
    facts = read(reach, warehouse)
    locale = current_locale()
    return {
        "months": facts.months,
        "found": [_found(kind, facts) for kind in KIND_ORDER if facts.counts.get(kind)],
        "accounts": [_account(row, facts) for row in facts.of_kind("account")],
        "missing": list(missing(facts)),
        "problems": [_problem_shown(problem, facts, locale) for problem in problems().values()],
        "packs": [_pack_shown(pack, facts, locale) for pack in packs().values()],
        "imports": {
            "people": translate(
                "People and teams come from the ERP: connect it, or load its files of staff, teams and product "
                "assignments on the page Uploads."
            ),
            "scheme": translate(
                "An appraisal scheme comes in as a file of targets: export the template of persons, fill in target, "
                "weight and owner, and import it; it becomes drafts."
            ),
        },
        "warnings": [],
    }


def read(reach: Reach, warehouse: Warehouse) -> Facts:
    """Everything within the reach that the guide looks at."""
    seen = "" if reach.see is None else "and entity_id in :seen"
    within: Row = {} if reach.see is None else {"seen": reach.see}
    with warehouse.reading() as reader:
        kpis = queries.catalogue_by_id(reader)
        entities = [row for kind in FEW for row in reach.seen(queries.entities_of_kind(reader, kind))]
        entities = [row for row in entities if row["is_active"]]
        streams = queries.freshness(reader, reach.see)
        months, running = whole_months(streams)
        counts = {
            row["entity_kind"]: row["entities"]
            for row in reader.read(COUNT_SQL.format(seen=seen), {**within, "kinds": FEW})
        }
        samples: dict[str, list[Row]] = defaultdict(list)
        for row in reader.read(SAMPLE_SQL.format(seen=seen), {**within, "kinds": FEW, "shown": SHOWN}):
            samples[row["entity_kind"]].append(row)
        orphans = reader.read(OWNERLESS_SQL.format(seen=seen), {**within, "shown": SHOWN})
        values, kinds = _values(kpis, months, running, reach, reader)
    for row in sorted(entities, key=lambda row: (row["entity_name"] or "", row["entity_id"])):
        counts[row["entity_kind"]] = counts.get(row["entity_kind"], 0) + 1
        samples[row["entity_kind"]].append(row)
    return Facts(
        months=months,
        running=running,
        kpis=kpis,
        entities=entities,
        counts=counts,
        samples=samples,
        values=values,
        kinds=kinds,
        streams=streams,
        ownerless=[row["entity_id"] for row in orphans],
        ownerless_count=orphans[0]["entities"] if orphans else 0,
        has_forecast=_has_forecast(warehouse),
    )


def _values(
    kpis: dict[str, Row], months: list[date], running: date, reach: Reach, reader: Reader
) -> tuple[dict[str, dict[tuple[str, date], Any]], dict[str, str]]:
    """Values of whatever packs and problems name, per company and account, the running month included."""
    wanted = {item.kpi_id for pack in packs().values() for item in pack.kpis} | {SALES, MARGIN}
    wanted |= {kpi_id for problem in problems().values() for kpi_id in problem.kpis}
    wanted |= {sign.kpi_id for problem in problems().values() for sign in problem.signs}
    params = {"months": [*months, running], "kpis": wanted & set(kpis), "kinds": ("company", "account")}
    values: dict[str, dict[tuple[str, date], Any]] = defaultdict(dict)
    kinds: dict[str, str] = {}
    for row in reach.seen(reader.read(VALUES_SQL, params)):
        values[row["kpi_id"]][row["entity_id"], row["period_start"]] = row["value"]
        kinds[row["entity_id"]] = row["entity_kind"]
    return values, kinds


def _has_forecast(warehouse: Warehouse) -> bool:
    try:
        return bool(warehouse.read(FORECAST_SQL))
    except WarehouseContractBroken:
        return False


def missing(facts: Facts) -> Iterable[Row]:
    """What a first set of targets would lack."""
    accounts = facts.of_kind("account")
    sales = facts.values.get(SALES, {})
    late = [row for row in facts.streams if row["state"] != "fresh"]
    if not facts.of_kind("person"):
        message = "No people are known, so no target can be handed on to a person."
        yield _lack("no_people", translate(message))
    if not facts.of_kind("team"):
        yield _lack("no_teams", translate("No teams are known."), severity="info")
    if facts.ownerless_count:
        message = "{count} products have no owner, so nobody answers for them."
        yield _lack("no_owner", translate(message, count=facts.ownerless_count), facts.ownerless, facts.ownerless_count)
    strangers = [row["entity_id"] for row in facts.of_kind("person") if not _has_user(row)]
    if strangers:
        message = "{count} people have no user here, so they can't accept their targets."
        yield _lack("person_without_user", translate(message, count=len(strangers)), strangers)
    short = [row["entity_id"] for row in accounts if not _is_long(row["entity_id"], sales, facts.months)]
    if short:
        message = "{count} accounts have sales in fewer than {months} whole months: their targets have little to go by."
        yield _lack("short_history", translate(message, count=len(short), months=MONTHS), short)
    costs = {entity_id for entity_id, _ in facts.values.get(MARGIN, {})}
    costless = [
        row["entity_id"] for row in accounts if _sells(row["entity_id"], sales) and row["entity_id"] not in costs
    ]
    if costless:
        message = "{count} accounts sell products whose cost is not known: the ERP's unit costs are missing."
        yield _lack("no_costs", translate(message, count=len(costless)), costless, kpi_ids=[MARGIN])
    if late:
        behind = {row["account_id"] for row in late}
        ids = [row["entity_id"] for row in accounts if row["account_id"] in behind]
        message = "{count} streams are not up to date; what they feed is incomplete."
        yield _lack("stale_feed", translate(message, count=len(late)), ids, len(late))
    silent = sorted(kpi_id for kpi_id in _wanted(facts.kpis) if not facts.values.get(kpi_id))
    if silent:
        message = "{count} KPIs of the packs have no value in these months: their data is not loaded."
        yield _lack("no_data", translate(message, count=len(silent)), kpi_ids=silent)
    if not facts.has_forecast:
        message = "There is no forecast yet: targets come from the last three months, without a probability."
        yield _lack("no_forecast", translate(message), severity="info")


def _lack(  # noqa: PLR0917 (what is missing, and where)
    code: str,
    message: str,
    entity_ids: Collection[str] = (),
    count: int | None = None,
    kpi_ids: Collection[str] = (),
    severity: str = "warning",
) -> Row:
    found = count if count is not None else len(entity_ids) or len(kpi_ids)
    listed = {"entity_ids": list(entity_ids)[:SHOWN], "kpi_ids": list(kpi_ids)[:SHOWN]}
    return {"code": code, "severity": severity, "message": message, "count": found, **listed}


def _wanted(kpis: dict[str, Row]) -> set[str]:
    """The packs' KPIs that this catalogue has, of the kinds that were read."""
    items = [item for pack in packs().values() for item in pack.kpis]
    return {item.kpi_id for item in items if item.kpi_id in kpis and {"company", "account"} & set(item.kinds)}


def _has_user(person: Row) -> bool:
    names = (person["owner_id"], person["owner_name"], person["entity_id"].partition(":")[2])
    return any((found := owners.find(name)) is not None and found.user for name in names if name)


def _is_long(entity_id: str, sales: dict[tuple[str, date], Any], months: list[date]) -> bool:
    return all((entity_id, month) in sales for month in months)


def _sells(entity_id: str, sales: dict[tuple[str, date], Any]) -> bool:
    return any(found == entity_id and value > 0 for (found, _), value in sales.items())


def _found(kind: str, facts: Facts) -> Row:
    names = ("entity_id", "entity_name")
    examples = [{name: row[name] for name in names} for row in facts.samples[kind][:SHOWN]]
    return {"entity_kind": kind, "count": facts.counts[kind], "examples": examples}


def _account(row: Row, facts: Facts) -> Row:
    sales = facts.values.get(SALES, {})
    streams = [stream for stream in facts.streams if stream["account_id"] == row["account_id"]]
    platforms = {one["entity_id"]: one["entity_name"] for one in facts.samples["platform"]}
    return {
        **{name: row[name] for name in ("entity_id", "entity_name", "platform", "currency")},
        "platform_name": platforms.get(f"platform:{row['platform']}") or row["platform"],
        "months_with_sales": sum((row["entity_id"], month) in sales for month in facts.months),
        "streams": len(streams),
        "stale_streams": sum(stream["state"] != "fresh" for stream in streams),
    }


def _kpi_shown(kpi_id: str, facts: Facts, locale: str) -> Row:
    known = facts.kpis.get(kpi_id, {})
    name = known.get("name_zh") if locale == "zh" else None
    shown = {"kpi_id": kpi_id, "name": name or known.get("name_en") or kpi_id, "is_known": bool(known)}
    return {**shown, "unit": known.get("unit"), "number_format": known.get("number_format")}


def _pack_shown(pack: Pack, facts: Facts, locale: str) -> Row:
    kpis = [
        {**_kpi_shown(item.kpi_id, facts, locale), "kinds": item.kinds, "weight": item.weight} for item in pack.kpis
    ]
    texts = {"name": pack.texts.name(locale), "description": pack.texts.description(locale)}
    return {"pack_id": pack.pack_id, **texts, "size": pack.size, "is_variant": pack.size is None, "kpis": kpis}


def _problem_shown(problem: Problem, facts: Facts, locale: str) -> Row:
    evidence = _evidence(problem, facts)
    shown = None
    if evidence is not None:
        sign, entity_id, value = evidence
        name = next((row["entity_name"] for row in facts.entities if row["entity_id"] == entity_id), entity_id)
        about = {"value": value, "limit": sign.limit, "side": sign.side, "entity_id": entity_id, "entity_name": name}
        shown = {**_kpi_shown(sign.kpi_id, facts, locale), **about}
    return {
        "problem_id": problem.problem_id,
        "name": problem.texts.name(locale),
        "description": problem.texts.description(locale),
        "kpis": [_kpi_shown(kpi_id, facts, locale) for kpi_id in problem.kpis],
        "alert_packs": problem.alert_packs,
        "evidence": shown,
        "is_likely": evidence[0].shows(evidence[2]) if evidence else None,
    }


def _evidence(problem: Problem, facts: Facts) -> tuple[Sign, str, Any] | None:
    """The first sign that shows the problem, else the first of which anything is known; its worst entity."""
    first = None
    for sign in problem.signs:
        newest: dict[str, tuple[date, Any]] = {}
        for (entity_id, month), value in facts.values.get(sign.kpi_id, {}).items():
            is_newer = entity_id not in newest or month > newest[entity_id][0]
            if facts.kinds[entity_id] == sign.kind and is_newer:
                newest[entity_id] = (month, value)
        if not newest:
            continue
        found = (sign, *sign.worst((entity_id, value) for entity_id, (_, value) in newest.items()))
        if sign.shows(found[2]):
            return found
        first = first or found
    return first
