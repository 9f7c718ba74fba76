"""What a rule can watch for: one entry a condition, with its parameters and its one statement on the warehouse.

============== ===================================================================================================
breach, warn   kpi_status says so, by the target's own limits
pace           what was reached by today is less than ``share`` (0.9) of what the season's pace expects
limit          the value is beyond a fixed ``limit``
standard       ``share`` (0.7) of what the platform's official standard allows is used up
trend          worse than before for ``periods`` (3) periods in a row, by at least ``change`` (0) in all
anomaly        the value lies outside the forecast's band, ``width`` (2.5) times as wide as its p20 to p80
forecast       the forecast crosses a target, a standard or a fixed limit within ``horizon_days`` (90)
no_data        the KPI has had no value for more than ``days``
reconciliation the books differ from the platform by more than ``limit`` over the last ``days`` (62)
freshness      streams of the account are stale, failed or were never loaded, for more than ``days`` (0)
============== ===================================================================================================

To add one is to add it here and its statement to ``sql``. Imports no framework.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

#: Longest length of a grain's period in days.
GRAIN_DAYS = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}


@dataclass(frozen=True)
class Parameter:
    """One parameter: a number within bounds, one of some words, or a list of texts."""

    default: Any = None
    low: Decimal | None = None
    high: Decimal | None = None
    is_whole: bool = False
    words: tuple[str, ...] = ()
    is_list: bool = False
    is_required: bool = False


def number(default: str | None, low: str, high: str, *, is_required: bool = False) -> Parameter:
    value = None if default is None else Decimal(default)
    return Parameter(value, Decimal(low), Decimal(high), is_required=is_required)


def whole(default: int | None, low: int, high: int) -> Parameter:
    return Parameter(default, Decimal(low), Decimal(high), is_whole=True)


@dataclass(frozen=True)
class Subject:
    """What a condition on something else than a KPI's value speaks of."""

    kpi_id: str
    name_en: str
    name_zh: str
    unit: str


@dataclass(frozen=True)
class Kind:
    """One condition. ``subject`` is set where a rule doesn't choose the KPI; ``unit`` where values aren't the KPI's.

    ``can_replay`` says whether the warehouse keeps what a backtest needs: forecasts and freshness are known as of now
    only. ``has_volume`` says whether it judges a value that was measured on so many cases: then a rule may ask for a
    minimum of them.
    """

    name: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    subject: Subject | None = None
    unit: str | None = None
    grains: tuple[str, ...] = tuple(GRAIN_DAYS)
    entity_kinds: tuple[str, ...] | None = None
    needs_target: bool = False
    can_replay: bool = True
    has_volume: bool = True


SIDE = Parameter("bad", words=("bad", "above", "below"))
WIDEST = "1000000000000000000"
LIMIT = number(None, f"-{WIDEST}", WIDEST, is_required=True)
ACCOUNT = ("account",)

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("breach", needs_target=True),
        Kind("warn", needs_target=True),
        Kind("pace", {"share": number("0.9", "0.01", "10")}, needs_target=True),
        Kind("limit", {"limit": LIMIT, "side": SIDE}),
        Kind("standard", {"share": number("0.7", "0.01", "1")}),
        Kind("trend", {"periods": whole(3, 1, 12), "change": number("0", "0", "10"), "side": SIDE}),
        Kind(
            "anomaly",
            {"width": number("2.5", "1", "10"), "side": Parameter("bad", words=("bad", "above", "below", "both"))},
            grains=("week", "month"),
            can_replay=False,
        ),
        Kind(
            "forecast",
            {
                "against": Parameter("target", words=("target", "standard", "limit")),
                "limit": number(None, f"-{WIDEST}", WIDEST),
                "horizon_days": whole(90, 1, 400),
            },
            grains=("week", "month"),
            can_replay=False,
            has_volume=False,
        ),
        Kind("no_data", {"days": whole(None, 0, 400)}, unit="days", can_replay=False, has_volume=False),
        Kind(
            "reconciliation",
            {"limit": number("0", "0", WIDEST), "days": whole(62, 1, 800), "lines": Parameter(is_list=True)},
            Subject("reconciliation_difference", "Reconciliation difference", "对账差异", "money"),
            grains=("day", "month"),
            entity_kinds=ACCOUNT,
            can_replay=False,
            has_volume=False,
        ),
        Kind(
            "freshness",
            {"days": whole(0, 0, 400), "streams": Parameter(is_list=True)},
            Subject("data_freshness", "Data streams that are late", "未及时更新的数据流", "count"),
            grains=("day",),
            entity_kinds=ACCOUNT,
            can_replay=False,
            has_volume=False,
        ),
    )
}


@dataclass(frozen=True)
class Watch:
    """What of a rule decides over the statement: KPI, entities, grain, condition and its parameters (complete).

    A period whose volume is below ``minimum_volume`` is not judged: the KPI's denominator, or the value of the KPI
    ``volume_kpi_id`` of the same entity and period, in that KPI's unit.
    """

    kpi_id: str
    entity_kind: str
    grain: str
    condition: str = "breach"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    entity_ids: tuple[str, ...] | None = None
    within: str | None = None
    include_provisional: bool = False
    minimum_volume: Decimal | None = None
    volume_kpi_id: str | None = None

    @property
    def kind(self) -> Kind:
        """The condition's entry."""
        return KINDS[self.condition]

    def parameter(self, name: str) -> Any:
        """A parameter, or its default; numbers as Decimal or int."""
        defined = self.kind.parameters[name]
        given = self.parameters.get(name)
        if given is None:
            return defined.default
        if defined.low is None:
            return given
        exact = Decimal(str(given))
        return int(exact) if defined.is_whole else exact
