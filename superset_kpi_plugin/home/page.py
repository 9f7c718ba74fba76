"""The home page as one answer: a handful of set-based statements, whatever the number of targets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from superset_kpi_plugin.catalogue import queries
from superset_kpi_plugin.errors import KpiError
from superset_kpi_plugin.home import choice, people, tasks
from superset_kpi_plugin.home.people import Person
from superset_kpi_plugin.reconciliation import listing as differences
from superset_kpi_plugin.targets import tree
from superset_kpi_plugin.targets.explaining import driver_shown
from superset_kpi_plugin.targets.listing import STATUS_FIELDS, Rights
from superset_kpi_plugin.targets.plan_sources import warning_of
from superset_kpi_plugin.targets.rules import first_day
from superset_kpi_plugin.warehouse import Reader, Warehouse

Row = dict[str, Any]
OWN, BOSS, OWNER = "own", "boss", "owner"
EDITIONS = (OWN, BOSS, OWNER)
BOSS_KINDS = ("company", "platform", "team", "account")
OWNER_KINDS = ("account", "category", "campaign", "ad_group", "sku")
PERIODS_BACK = 12
#: Groups that are shown; the others are counted.
MOST_GROUPS = 12
CARD_FIELDS = (
    *("kpi_id", "entity_kind", "entity_id", "grain", "period_start", "period_end", "currency", "target_value"),
    *("weight", "owner", *STATUS_FIELDS),
)
STATUS_SQL = f"select {', '.join(CARD_FIELDS)} from kpi.kpi_status where "  # noqa: S608 (constants)
#: Whether there is anything is asked of the targets alone, which costs next to nothing.
PLACES_SQL = "select entity_id, grain, period_start from kpi.kpi_targets where "
PERIODS_SQL = "grain in :grains and period_start in :starts"
OWN_SQL = f"{PERIODS_SQL} and (owner in :names or entity_id in :entities)"
KINDS_SQL = f"{PERIODS_SQL} and entity_kind in :kinds"
OWNER_SQL = f"""{KINDS_SQL}
    and (owner in :names or entity_id in (select entity_id from kpi.kpi_entities where owner_id in :names))
"""  # noqa: S608 (built from constants; values are bound)
SERIES_SQL = """
select kpi_id, entity_id, grain, period_start, value
from kpi.kpi_values
where kpi_id in :kpis and entity_kind in :kinds and entity_id in :entities and grain in :grains
    and period_start in :periods
"""


@dataclass
class Home:
    """Who asks for what. ``edition`` None lets the page choose the first that has something to show."""

    person: Person
    rights: Rights
    editions: tuple[str, ...]
    locale: str
    edition: str | None = None
    day: date | None = None
    may_sign: bool = False
    freshness: Row | None = None
    warnings: list[Row] = field(default_factory=list)

    def answer(self, warehouse: Warehouse) -> Row:
        """For JSON. A warehouse that doesn't answer costs the KPIs, not the page: a warning says why."""
        chosen, cards, groups = self.edition or self.editions[0], [], []
        accounts: set[str] = set()
        to_sign = 0
        try:
            to_sign = differences.waiting(self.rights.reach, warehouse) if self.may_sign else 0
            with warehouse.reading() as reader:
                streams = queries.freshness(reader, self.rights.reach.see)
                self.freshness = queries.freshness_summary(streams)
                self.day = self.day or queries.latest_day(streams)
                chosen, rows = self._choose(reader)
                kpis = queries.catalogue_by_id(reader)
                rows = [row for row in choice.one_grain(rows) if row["kpi_id"] in kpis]
                entities = queries.entities_by_id(reader, {row["entity_id"] for row in rows})
                accounts = {entity["account_id"] for entity in entities.values() if entity["account_id"]}
                shown = _Shown(kpis, entities, self.locale)
                cards = shown.cards(choice.chosen(rows, shown.order), reader)
                groups = shown.groups(chosen, rows)
        except KpiError as error:
            self.warnings.append(warning_of(error))
        alerts = tasks.alerts(chosen, self.person, accounts, self.rights.reach, self.locale)
        return {
            "edition": chosen,
            "editions": self.editions,
            "user": self.person.username,
            "day": self.day,
            "kpis": cards,
            "groups": groups[:MOST_GROUPS],
            "groups_count": len(groups),
            "alerts": alerts,
            "tasks": [
                *tasks.of_targets(self.person, self.rights),
                *([{"kind": "sign", "count": to_sign}] if to_sign else []),
            ],
            "freshness": self.freshness,
            "warnings": self.warnings,
        }

    def _choose(self, reader: Reader) -> tuple[str, list[Row]]:
        """The edition and its rows."""
        if self.edition:
            return self.edition, self._rows(self.edition, reader, STATUS_SQL)
        for edition in self.editions:
            if self._rows(edition, reader, PLACES_SQL):
                return edition, self._rows(edition, reader, STATUS_SQL)
        return self.editions[0], []

    def _rows(self, edition: str, reader: Reader, select: str) -> list[Row]:
        day = self.day or date.min
        starts = {grain: first_day(grain, day) for grain in choice.GRAINS}
        params: Row = {"grains": list(starts), "starts": set(starts.values()), "names": self.person.names}
        reach = self.rights.reach
        within = reach.see
        if edition == OWN:
            condition, params["entities"] = OWN_SQL, set(people.subjects(self.person, reader))
        elif edition == BOSS:
            condition, params["kinds"] = KINDS_SQL, BOSS_KINDS
        elif reach.see is None and reach.edit is None:
            condition, params["kinds"] = OWNER_SQL, OWNER_KINDS
        else:
            # Whoever's scope is bounded owns what lies within it; who only reads, what may be seen.
            condition, params["kinds"] = KINDS_SQL, OWNER_KINDS
            if self.rights.may_write and reach.edit:
                within = reach.edit if within is None else within & reach.edit
        if condition == KINDS_SQL:
            params.pop("names")
        if within is not None:
            condition, params["within"] = f"{condition} and entity_id in :within", within
        found = reader.read(select + condition, params)
        return [row for row in found if row["period_start"] == starts[row["grain"]]]


@dataclass
class _Shown:
    """Rows of kpi_status as the page shows them."""

    kpis: dict[str, Row]
    entities: dict[str, Row]
    locale: str

    @property
    def order(self) -> dict[str, Any]:
        return {kpi_id: row["display_order"] for kpi_id, row in self.kpis.items()}

    def brief(self, row: Row) -> Row:
        """A row with its names."""
        kpi, entity = self.kpis[row["kpi_id"]], self.entities.get(row["entity_id"], {})
        name = (kpi["name_zh"] if self.locale == "zh" else None) or kpi["name_en"]
        return {
            **{name: row[name] for name in CARD_FIELDS},
            "kpi_name": name,
            **{name: kpi[name] for name in ("unit", "direction", "number_format")},
            "entity_name": entity.get("entity_name") or row["entity_id"],
            "account_name": entity.get("account_name"),
        }

    def cards(self, rows: list[Row], reader: Reader) -> list[Row]:
        """The rows with their last periods and their drivers, all read at once."""
        values = self._values(rows, reader)

        def series(row: Row) -> list[Row]:
            days = [*tree.earlier(row["grain"], row["period_start"], PERIODS_BACK), row["period_start"]]
            place = (row["kpi_id"], row["entity_id"], row["grain"])
            return [{"period_start": day, "value": values.get((*place, day))} for day in days]

        def drivers(row: Row) -> list[Row]:
            place = (row["entity_id"], row["grain"])
            start, before = row["period_start"], tree.last_year(row["grain"], row["period_start"])
            found = {
                (driver, day): values.get((driver, *place, day))
                for driver in self._drivers(row)
                for day in (start, before)
            }
            return [driver_shown(self.kpis[driver], found, start, before) for driver in self._drivers(row)]

        return [{**self.brief(row), "series": series(row), "drivers": drivers(row)} for row in rows]

    def _drivers(self, row: Row) -> list[str]:
        """Those of a KPI's drivers that the entity's kind has."""
        names = (name.strip() for name in str(self.kpis[row["kpi_id"]]["drivers"] or "").split(","))
        return [name for name in names if name in self.kpis and _has(self.kpis[name], row["entity_kind"])]

    def _values(self, rows: list[Row], reader: Reader) -> dict[tuple[Any, ...], Any]:
        if not rows:
            return {}
        days = {tree.last_year(row["grain"], row["period_start"]) for row in rows}
        for row in rows:
            days |= {row["period_start"], *tree.earlier(row["grain"], row["period_start"], PERIODS_BACK)}
        params = {
            "kpis": {row["kpi_id"] for row in rows} | {name for row in rows for name in self._drivers(row)},
            "kinds": {row["entity_kind"] for row in rows},
            "entities": {row["entity_id"] for row in rows},
            "grains": {row["grain"] for row in rows},
            "periods": days,
        }
        names = ("kpi_id", "entity_id", "grain", "period_start")
        return {tuple(row[name] for name in names): row["value"] for row in reader.read(SERIES_SQL, params)}

    def groups(self, edition: str, rows: list[Row]) -> list[Row]:
        """The boss's platforms, teams and accounts, an owner's accounts: how many targets are where, and the worst."""
        if edition == OWN:
            return []
        found: dict[str, list[Row]] = {}
        for row in rows:
            found.setdefault(self._group_of(edition, row), []).append(row)
        made = [self._group(entity_id, listed) for entity_id, listed in found.items() if entity_id != "company"]
        bad = ("breach", "warn")
        made.sort(key=lambda group: (*(-group["statuses"].get(name, 0) for name in bad), group["entity_name"]))
        return made

    def _group_of(self, edition: str, row: Row) -> str:
        if edition == BOSS:
            return "company" if row["entity_kind"] == "company" else str(row["entity_id"])
        account = self.entities.get(row["entity_id"], {}).get("account_id")
        return f"account:{account}" if account else str(row["entity_id"])

    def _group(self, entity_id: str, rows: list[Row]) -> Row:
        shown = [self.brief(row) for row in choice.worst(rows, self.order)]
        known = self.entities.get(entity_id, {})
        fallback = shown[0]["account_name"] if entity_id.startswith("account:") else None
        return {
            "entity_id": entity_id,
            "entity_kind": entity_id.partition(":")[0],
            "entity_name": known.get("entity_name") or fallback or entity_id.partition(":")[2],
            "statuses": choice.statuses(rows),
            "count": len(rows),
            "worst": shown,
        }


def _has(kpi: Row, kind: str) -> bool:
    return kind in {name.strip() for name in str(kpi["entity_kinds"] or "").split(",")}
