"""What a diagnosis is about: everything within the reader's reach, or one KPI, one entity with all below, or both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from superset_kpi_plugin.access.reach import Reach
from superset_kpi_plugin.catalogue import queries
from superset_kpi_plugin.errors import NotFound
from superset_kpi_plugin.locale import current_locale
from superset_kpi_plugin.reports.figures import entities_below
from superset_kpi_plugin.targets.explaining import entity_or_404
from superset_kpi_plugin.warehouse import Reader

Row = dict[str, Any]
ACCOUNTS_SQL = """
select distinct account_id from kpi.kpi_entities where account_id is not null and entity_id in :entities
"""
NAMES_SQL = "select entity_id, entity_name, account_name from kpi.kpi_entities where entity_id in :entities"


@dataclass
class Focus:
    """``below`` are the chosen entity and all below it in both trees, within the reach; None where none is chosen.

    ``accounts`` are those that the entity stands on; None is every account within the reach.
    """

    reach: Reach
    kpis: dict[str, Row]
    day: date
    streams: list[Row]
    kpi: Row | None = None
    entity: Row | None = None
    below: frozenset[str] | None = None
    accounts: frozenset[str] | None = None
    names: dict[str, str] = field(default_factory=dict)

    @property
    def is_place(self) -> bool:
        """Whether both a KPI and an entity are chosen."""
        return self.kpi is not None and self.entity is not None

    @property
    def kpi_id(self) -> str | None:
        """The chosen KPI's id."""
        return self.kpi["kpi_id"] if self.kpi else None

    @property
    def entity_id(self) -> str | None:
        """The chosen entity's id."""
        return self.entity["entity_id"] if self.entity else None

    def covers(self, kpi_id: str | None, entity_id: str | None) -> bool:
        """Whether something about this KPI and entity (None: about none in particular) is asked for and may be told."""
        if self.kpi and kpi_id != self.kpi["kpi_id"]:
            return False
        if self.below is not None and entity_id not in self.below:
            return False
        return entity_id is None or self.reach.covers("see", entity_id)

    def kpi_name(self, kpi_id: str | None) -> str:
        """In the reader's language."""
        known = self.kpis.get(kpi_id or "", {})
        chinese = known.get("name_zh") if current_locale() == "zh" else None
        return chinese or known.get("name_en") or kpi_id or ""

    def learn_names(self, entity_ids: set[str], reader: Reader) -> None:
        """Look up entities' names, with the account's where it tells more."""
        missing = entity_ids - set(self.names)
        for row in reader.read(NAMES_SQL, {"entities": missing}) if missing else []:
            name, account = row["entity_name"] or row["entity_id"], row["account_name"]
            self.names[row["entity_id"]] = f"{name} ({account})" if account and account != name else name

    def place(self, kpi_id: str | None, entity_id: str | None) -> str:
        """A KPI and an entity in words."""
        words = [self.kpi_name(kpi_id) if kpi_id else "", self.names.get(entity_id or "", entity_id or "")]
        return " · ".join(word for word in words if word)


def focus_of(arguments: Mapping[str, str], reach: Reach, reader: Reader) -> Focus:
    """From the query string: ``kpi`` and ``entity``, both optional.

    :raises NotFound: there is no such KPI, or no such entity that may be seen.
    """
    kpis = queries.catalogue_by_id(reader)
    kpi_id, entity_id = arguments.get("kpi") or None, arguments.get("entity") or None
    if kpi_id and kpi_id not in kpis:
        raise NotFound("There is no KPI {kpi}.", kpi=kpi_id)
    streams = queries.freshness(reader, reach.see)
    focus = Focus(reach, kpis, queries.latest_day(streams), streams, kpi=kpis[kpi_id] if kpi_id else None)
    if entity_id:
        focus.entity = entity_or_404(entity_id, reach, reader)
        focus.below = frozenset(
            found for found in entities_below(entity_id, focus.day, reader) if reach.covers("see", found)
        )
        focus.learn_names({entity_id}, reader)
        account = focus.entity["account_id"]
        rows = [] if account else reader.read(ACCOUNTS_SQL, {"entities": focus.below})
        found = frozenset([account] if account else [row["account_id"] for row in rows])
        # A person's or a team's figures come from the accounts of what they sell, which the trees don't tell.
        focus.accounts = found or None
    focus.streams = [row for row in streams if focus.accounts is None or row["account_id"] in focus.accounts]
    if focus.kpi:
        wanted = [row for row in focus.streams if _feeds(row, focus.kpi["source"])]
        focus.streams = wanted or focus.streams
    return focus


def _feeds(stream: Row, source: str | None) -> bool:
    """Whether a stream is among a KPI's sources, which are named ``platform.stream`` or ``stream``."""
    named = {words[0] for name in str(source or "").split(",") if (words := name.split())}
    return bool(named & {f"{stream['platform']}.{stream['stream']}", stream["stream"]})
