"""What is doubtful about a period's targets, as pure rules; imports no framework.

Each rule looks at all targets of a period and yields findings: a sentence, the targets it is about, a key under which
it can be waived, and rows that mend it where that is one step. Only `too_many_kpis` above 15 refuses an approval; the
others warn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from superset_kpi_plugin.targets.feasibility import DECIMALS, Forecast, probability
from superset_kpi_plugin.targets.rules import MEANS_FIELDS
from superset_kpi_plugin.targets.tree import roll_up

Row = dict[str, Any]
Place = tuple[str, str]
WARNING, REFUSAL = "warning", "refusal"

#: Core KPIs (those that count in the scorecard: any weight but 0) of one owner in one period.
MANY_KPIS, TOO_MANY_KPIS = 5, 15
UNLIKELY, CERTAIN = Decimal("0.10"), Decimal("0.95")
#: Growth over last year from which a plan needs means, and the KPIs that state the means.
GROWTH = Decimal("0.10")
MEANS = ("ad_budget", "ad_cost", "headcount")
#: How far children may miss their parent, as a share of it.
MISFIT = Decimal("0.005")


@dataclass(frozen=True)
class Finding:
    """One doubt. ``rows`` are what PUT targets/ takes to mend it; where a person must say what mends it, ``ask`` is the
    row's key and ``asked`` names the fields, of which one at least is needed. ``lacks`` are an owner and the entity
    that the owner's scopes lack."""

    rule: str
    message: str
    values: Mapping[str, Any]
    key: str
    targets: tuple[int, ...] = ()
    kpi_id: str | None = None
    entity_id: str | None = None
    owner: str | None = None
    severity: str = WARNING
    rows: tuple[Row, ...] = ()
    ask: Row | None = None
    asked: tuple[str, ...] = ()
    lacks: tuple[str, str] | None = None


@dataclass
class Plan:
    """The targets of one period and what is known beside them.

    ``cells`` hold id, etag, kpi_id, entity_id, grain, period_start, ``said`` (the draft, else what is approved) and,
    where the reader of the findings can't change them, ``can_edit`` false;
    ``previous`` says the same of the period before; ``blind`` names (owner, entity) where the owner has no access,
    ``strangers`` owners without a user. ``owners`` names the entities' own, by the master data.
    """

    cells: list[Row]
    kpis: Mapping[str, Row]
    children: Mapping[str | None, list[str]] = field(default_factory=dict)
    currencies: Mapping[str, str | None] = field(default_factory=dict)
    owners: Mapping[str, str | None] = field(default_factory=dict)
    last_year: Mapping[Place, Decimal] = field(default_factory=dict)
    forecasts: Mapping[Place, Forecast] = field(default_factory=dict)
    previous: Mapping[Place, Row] = field(default_factory=dict)
    is_peak: bool = False
    was_peak: bool = False
    blind: frozenset[tuple[str, str]] = frozenset()
    strangers: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.by_place = {(cell["kpi_id"], cell["entity_id"]): cell for cell in self.cells}


def check(plan: Plan) -> list[Finding]:
    """Every finding, in the order of the rules; only what the reader may change is offered as a mend."""
    return [_offered(plan, finding) for rule in RULES for finding in rule(plan)]


def _offered(plan: Plan, finding: Finding) -> Finding:
    """The finding without mends of targets that are locked or out of reach."""

    def is_free(row: Row) -> bool:
        cell = plan.by_place.get(_place(row))
        return cell is None or cell.get("can_edit", True)

    rows = tuple(row for row in finding.rows if is_free(row))
    return replace(finding, rows=rows, ask=finding.ask if finding.ask and is_free(finding.ask) else None)


def too_many_kpis(plan: Plan) -> Iterator[Finding]:
    """More than 5 core KPIs are nobody's priority; more than 15 are refused."""
    held: dict[str, set[str]] = defaultdict(set)
    targets: dict[str, list[int]] = defaultdict(list)
    for cell in plan.cells:
        owner = cell["said"]["owner"]
        if owner and cell["said"]["weight"] != 0:
            held[owner].add(cell["kpi_id"])
            targets[owner].append(cell["id"])
    for owner, kpis in sorted(held.items()):
        if len(kpis) > MANY_KPIS:
            cell = plan.cells[0]
            yield Finding(
                "too_many_kpis",
                "{owner} has {count} core KPIs; more than {limit} are nobody's priority.",
                {"owner": owner, "count": len(kpis), "limit": MANY_KPIS},
                crowded_key(owner, cell["grain"], cell["period_start"]),
                tuple(targets[owner]),
                owner=owner,
                severity=REFUSAL if len(kpis) > TOO_MANY_KPIS else WARNING,
                rows=_only_watched(plan, owner, len(kpis) - MANY_KPIS),
            )


def _only_watched(plan: Plan, owner: str, count: int) -> tuple[Row, ...]:
    """Rows that weigh an owner's ``count`` least weighted KPIs 0, so that they are watched and not scored: of equal
    weight, those that stand last in the catalogue. KPIs with a target that can't be changed stay."""
    cells: dict[str, list[Row]] = defaultdict(list)
    for cell in plan.cells:
        if cell["said"]["owner"] == owner and cell["said"]["weight"] != 0:
            cells[cell["kpi_id"]].append(cell)
    places = {kpi_id: place for place, kpi_id in enumerate(plan.kpis)}

    def heed(kpi_id: str) -> tuple[Decimal, int]:
        weights = [cell["said"]["weight"] for cell in cells[kpi_id]]
        return max(Decimal(1) if weight is None else weight for weight in weights), -places.get(kpi_id, len(places))

    free = [kpi_id for kpi_id, held in cells.items() if all(cell.get("can_edit", True) for cell in held)]
    chosen = sorted(free, key=heed)[:count]
    return tuple({**_key(cell), "weight": Decimal(0)} for kpi_id in chosen for cell in cells[kpi_id])


def too_many_kpis_of_a_role(plan: Plan) -> Iterator[Finding]:
    """The same of the roles that the catalogue names, whoever the owners are."""
    held: dict[str, set[str]] = defaultdict(set)
    targets: dict[str, list[int]] = defaultdict(list)
    for cell, kpi in _known(plan):
        if kpi.get("owner_role") and cell["said"]["weight"] != 0:
            held[kpi["owner_role"]].add(cell["kpi_id"])
            targets[kpi["owner_role"]].append(cell["id"])
    for role, kpis in sorted(held.items()):
        if len(kpis) > MANY_KPIS:
            cell = plan.cells[0]
            yield Finding(
                "too_many_kpis",
                "The role {role} has {count} core KPIs; more than {limit} are nobody's priority.",
                {"role": role, "count": len(kpis), "limit": MANY_KPIS},
                f"too_many_kpis_of_a_role|{role}|{cell['grain']}|{cell['period_start']}",
                tuple(targets[role]),
            )


def growth_without_means(plan: Plan) -> Iterator[Finding]:
    """Sums that are to grow by more than a tenth, without budget or people: on the target, or as targets."""
    planned = {entity_id for kpi_id, entity_id in plan.by_place if kpi_id in MEANS}
    for cell, kpi in _known(plan):
        before, value = plan.last_year.get(_place(cell)), cell["said"]["target_value"]
        is_sum = kpi["is_additive"] and kpi["direction"] == "higher" and cell["kpi_id"] not in MEANS
        has_means = cell["entity_id"] in planned or any(cell["said"].get(name) for name in MEANS_FIELDS)
        if not is_sum or not before or before <= 0 or value is None or has_means:
            continue
        growth = value / before - 1
        if growth > GROWTH:
            message = "This is {percent} % more than last year, without a budget or people planned beside it."
            found = _finding("growth_without_means", message, cell, percent=int(growth * 100))
            yield replace(found, ask=_key(cell), asked=MEANS_FIELDS)


def unlikely_or_certain(plan: Plan) -> Iterator[Finding]:
    """Targets that the forecast gives less than 10 or more than 95 %; mended by its median."""
    for cell, kpi in _known(plan):
        forecast = plan.forecasts.get(_place(cell))
        said = cell["said"]
        chance = probability(said["target_value"], kpi["direction"], forecast, said["tolerance"])
        if chance is None or forecast is None or UNLIKELY <= chance <= CERTAIN:
            continue
        places = Decimal(1).scaleb(-DECIMALS.get(kpi["unit"], 2))
        row = {**_key(cell), "target_value": forecast.p50.quantize(places)}
        message = "By the forecast this is attained with a probability of {percent} %."
        finding = _finding("unlikely_or_certain", message, cell, percent=round(chance * 100))
        yield replace(finding, rows=(row,))


def children_do_not_add_up(plan: Plan) -> Iterator[Finding]:
    """Additive targets that their children miss, all of them planned, or exceed while some have none yet; mended by
    their sum."""
    for cell, kpi in _known(plan):
        children = plan.children.get(cell["entity_id"], [])
        parts = [plan.by_place.get((cell["kpi_id"], child)) for child in children]
        if not kpi["is_additive"] or not any(parts):
            continue
        currencies = {plan.currencies.get(child) for child in [cell["entity_id"], *children]}
        if kpi["unit"] == "money" and len(currencies) > 1:
            continue
        values = [part["said"]["target_value"] if part else None for part in parts]
        found = roll_up(cell["said"]["target_value"], values)
        if found.residual is None or abs(found.residual) <= abs(cell["said"]["target_value"]) * MISFIT:
            continue
        rule, total = "children_do_not_add_up", found.children_sum
        if found.missing_children:
            known = [part["said"]["target_value"] for part in parts if part and part["said"]["target_value"]]
            if found.residual > 0 or min(known, default=Decimal(-1)) < 0:
                continue  # what is left may be theirs who have no target yet
            message = "The targets below add up to {total}, more than this one, and {count} have none yet."
            finding = _finding(rule, message, cell, total=total, count=found.missing_children)
        else:
            message = "The targets below add up to {total}, which leaves {residual}."
            finding = _finding(rule, message, cell, total=total, residual=found.residual)
        yield replace(finding, rows=({**_key(cell), "target_value": found.children_sum},))


def missing_counter_kpi(plan: Plan) -> Iterator[Finding]:
    """A penalty KPI (lower is better) can be met by doing nothing, unless its counter-KPI has a target too."""
    for cell, kpi in _known(plan):
        counters = [name.strip() for name in str(kpi.get("counter_kpis") or "").split(",") if name.strip()]
        if kpi["direction"] != "lower" or not counters:
            continue
        if any((name, cell["entity_id"]) in plan.by_place for name in counters):
            continue
        rows = []
        for name in counters[:1]:
            forecast = plan.forecasts.get((name, cell["entity_id"]))
            if forecast is not None and name in plan.kpis:
                places = Decimal(1).scaleb(-DECIMALS.get(plan.kpis[name]["unit"], 2))
                value = forecast.p50.quantize(places)
                rows.append({**_key(cell), "kpi_id": name, "target_value": value, "etag": None})
        message = "Its counter-KPI {counters} has no target here, so it can be met the wrong way."
        finding = _finding("missing_counter_kpi", message, cell, counters=tuple(counters))
        yield replace(finding, rows=tuple(rows))


def off_season_limits(plan: Plan) -> Iterator[Finding]:
    """Limits of an ordinary period, carried into peak season; mended by the default limits, which widen."""
    if not plan.is_peak or plan.was_peak:
        return
    for cell in plan.cells:
        before = plan.previous.get(_place(cell))
        limits = [cell["said"][name] for name in ("warn_limit", "breach_limit")]
        if before is None or limits == [None, None]:
            continue
        if limits == [before[name] for name in ("warn_limit", "breach_limit")]:
            row = {**_key(cell), "warn_limit": None, "breach_limit": None}
            message = "This is peak season, but the limits are those of the period before."
            yield replace(_finding("off_season_limits", message, cell), rows=(row,))


def no_owner(plan: Plan) -> Iterator[Finding]:
    """A target without an owner; mended by the entity's own, where the master data knows one."""
    for cell in plan.cells:
        if not cell["said"]["owner"]:
            known = plan.owners.get(cell["entity_id"])
            rows = ({**_key(cell), "owner": known},) if known else ()
            yield replace(_finding("no_owner", "Nobody owns this target.", cell), rows=rows)


def owner_without_access(plan: Plan) -> Iterator[Finding]:
    """Owners who can't log in, or can't see what they own; mended by the entity's own owner, where the master data
    knows another one who can, or by the scope that is missing."""
    for cell in plan.cells:
        owner, entity_id = cell["said"]["owner"], cell["entity_id"]
        is_blind = (owner, entity_id) in plan.blind
        if not owner or not (is_blind or owner in plan.strangers):
            continue
        heir = plan.owners.get(entity_id)
        is_sound = heir and heir != owner and heir not in plan.strangers and (heir, entity_id) not in plan.blind
        message = "{owner} owns this target and has no user here."
        if is_blind:
            message = "{owner} owns this target and can't see it: the scopes don't reach there."
        yield replace(
            _finding("owner_without_access", message, cell, owner=owner),
            owner=owner,
            rows=({**_key(cell), "owner": heir},) if is_sound else (),
            lacks=(owner, entity_id) if is_blind else None,
        )


RULES: tuple[Callable[[Plan], Iterator[Finding]], ...] = (
    too_many_kpis,
    too_many_kpis_of_a_role,
    growth_without_means,
    unlikely_or_certain,
    children_do_not_add_up,
    missing_counter_kpi,
    off_season_limits,
    no_owner,
    owner_without_access,
)


def crowded_key(owner: str, grain: str, period_start: Any) -> str:
    """Under which too many KPIs of an owner are waived."""
    return f"too_many_kpis|{owner}|{grain}|{period_start}"


def entity_of_key(key: str) -> str | None:
    """The entity that a finding's key is about; None where it is about an owner."""
    parts = key.split("|")
    return parts[2] if len(parts) == 5 and not parts[0].startswith("too_many_kpis") else None


def _place(cell: Row) -> Place:
    return cell["kpi_id"], cell["entity_id"]


def _key(cell: Row) -> Row:
    """The key of a mending row, with the etag that it was found with."""
    return {name: cell[name] for name in ("kpi_id", "entity_id", "grain", "period_start", "etag")}


def _known(plan: Plan) -> Iterator[tuple[Row, Row]]:
    return ((cell, plan.kpis[cell["kpi_id"]]) for cell in plan.cells if cell["kpi_id"] in plan.kpis)


def _finding(rule: str, message: str, cell: Row, **values: Any) -> Finding:
    key = "|".join([rule, *(str(cell[name]) for name in ("kpi_id", "entity_id", "grain", "period_start"))])
    return Finding(rule, message, values, key, (cell["id"],), cell["kpi_id"], cell["entity_id"])
