"""Plans and scores that people state: budgets by day, headcount, IPI, NPS."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from math import floor

from tests.oracle.books import Books, cell
from tests.oracle.engine import Source
from tests.oracle.facts import Fact
from tests.oracle.kpis import BUSINESS, Kpi, ratio, simple
from tests.oracle.missing import Exact, exact, minus, times
from tests.oracle.oracle_commerce import lower
from tests.oracle.oracle_money import GROSS, gross_margin
from tests.oracle.periods import end_of
from tests.oracle.world import Row

PLANNED = tuple(kind for kind in BUSINESS if kind != "sku")


def entity_of(row: Row) -> tuple[str, str]:
    """Kind and id of the entity that a row names; the kind may stand before the id."""
    kind, name = lower(row["entity_kind"]), str(row["entity_id"]).strip()
    if kind == "company":
        return kind, "company"
    return kind, name if name.startswith(f"{kind}:") else f"{kind}:{name}"


def budgets(books: Books) -> Iterator[Fact]:
    chosen: dict[tuple[object, ...], tuple[str, Row]] = {}
    ordered = sorted(books.latest("erp__budgets"), key=lambda item: (-item[1]["snapshot_date"].toordinal(), item[0]))
    for erp, row in ordered:
        key = lower(row["budget_type"]), entity_of(row), row["period_start"], row["period_end"]
        chosen.setdefault(key, (erp, row))
    for erp, row in chosen.values():
        if lower(row["budget_type"]) != "ads":
            continue  # money for purchasing is no budget for ads
        days = (row["period_end"] - row["period_start"]).days + 1
        amount, spread = Exact(row["amount"]), Exact(0)
        for n in range(1, days + 1):
            so_far = amount if n == days else Exact(floor(amount * 100 * n / days)) / 100
            day = row["period_start"] + timedelta(days=n - 1)
            yield Fact(
                erp, day, {"planned_ad_budget": so_far - spread}, currency=row["currency"], entity=entity_of(row)
            )
            spread = so_far


def headcount(books: Books) -> Iterator[Fact]:
    company: dict[date, Exact] = defaultdict(Exact)
    for erp, row in books.latest("erp__headcount"):
        if row["actual"] is None:
            continue
        people, day = Exact(row["actual"]), row["month"].replace(day=1)
        last = end_of("month", day)
        while day <= last:
            company[day] += people
            yield Fact(erp, day, {"headcount": people}, entity=("team", f"team:{row['team_id'].strip()}"))
            day += timedelta(days=1)
    for day, people in company.items():
        yield Fact("", day, {"headcount": people}, entity=("company", "company"))


def _scores(books: Books, score: str) -> Iterator[tuple[str, tuple[str, str], Row]]:
    seen = set()
    for erp, row in sorted(books.world.rows("erp__scores"), key=lambda item: item[0]):
        key = row["date"], entity_of(row), lower(row["score"])
        if key not in seen and lower(row["score"]) == score:
            seen.add(key)
            yield erp, entity_of(row), row


def ipi(books: Books) -> Iterator[Fact]:
    for erp, entity, row in _scores(books, "ipi"):
        if row["value"] is not None:
            yield Fact(erp, row["date"], {"ipi_score": exact(row["value"])}, entity=entity)


NPS = ("promoters", "detractors", "responses")


def nps(books: Books) -> Iterator[Fact]:
    stated: dict[tuple[tuple[str, str], date], dict[str, Exact]] = {}
    above: dict[tuple[tuple[str, str], date], dict[str, Exact]] = {}
    for _, entity, row in _scores(books, "nps"):
        if any(row[name] is None for name in NPS):
            continue
        counts = {name: Exact(row[name]) for name in NPS}
        stated[entity, row["date"]] = counts
        account = entity[1].removeprefix("account:")
        if entity[0] == "account" and account in books.world.selling:
            for parent in (("company", "company"), ("platform", f"platform:{books.platform(account)}")):
                known = above.get((parent, row["date"]), dict.fromkeys(NPS, Exact(0)))
                above[parent, row["date"]] = {name: known[name] + counts[name] for name in NPS}
    for (entity, day), counts in {**above, **stated}.items():
        measures = {f"nps_{name}": counts[name] for name in NPS}
        yield Fact("", day, measures, entity=entity)


SOURCES = (
    Source("plans", budgets, {"planned_ad_budget": "money"}),
    Source("headcount", headcount, {"headcount": "level"}),
    Source("ipi", ipi, {"ipi_score": "level"}),
    Source("nps", nps, dict.fromkeys((f"nps_{name}" for name in NPS), "sum")),
)
HEADS = ("company", "team")
KPIS = (
    ratio("budget_use", PLANNED, "ad_cost", "planned_ad_budget"),
    simple("headcount", HEADS, "headcount"),
    ratio("gmv_per_head", HEADS, "gmv", "headcount", money=True),
    Kpi("margin_per_head", HEADS, (*GROSS, "headcount"), gross_margin, lambda m: m["headcount"], True),
    simple("ipi", ("account",), "ipi_score"),
    Kpi(
        "nps",
        ("company", "platform", "account", "team", "person"),
        ("nps_promoters", "nps_detractors", "nps_responses"),
        lambda m: times(Exact(100), minus(m["nps_promoters"], m["nps_detractors"])),
        lambda m: m["nps_responses"],
    ),
)
__all__ = ["KPIS", "SOURCES", "cell"]
