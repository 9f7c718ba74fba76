"""The packs of KPIs (``packs/*.yaml``) and the list of problems (``problems.yaml``). Pure; imports no framework.

A pack with a ``size`` stands alone; one without is a variant that is added to a pack of a size. Of a KPI that several
name, the kinds of entity join and the greatest weight counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
SIZES = ("basic", "full")
#: Weight and kinds of entity of a KPI that a problem brings in and no pack names.
PROBLEM_WEIGHT, PROBLEM_KINDS = Decimal(1), ("account",)


@dataclass(frozen=True)
class PackKpi:
    """A KPI of a pack, for which kinds of entity, and its weight in scorecards (0 is watched only)."""

    kpi_id: str
    kinds: tuple[str, ...]
    weight: Decimal


@dataclass(frozen=True)
class Texts:
    """Name and description in English and Chinese."""

    name_en: str
    name_zh: str
    description_en: str
    description_zh: str

    def name(self, locale: str) -> str:
        """In a language."""
        return self.name_zh if locale == "zh" else self.name_en

    def description(self, locale: str) -> str:
        """In a language."""
        return self.description_zh if locale == "zh" else self.description_en


@dataclass(frozen=True)
class Pack:
    """A pack; ``size`` is None for a variant."""

    pack_id: str
    texts: Texts
    size: str | None
    kpis: tuple[PackKpi, ...]


@dataclass(frozen=True)
class Sign:
    """A problem shows where the KPI of an entity of the kind lies beyond the limit, in the KPI's unit."""

    kpi_id: str
    kind: str
    limit: Decimal
    side: str

    def shows(self, value: Decimal) -> bool:
        """Whether this value shows the problem."""
        return value > self.limit if self.side == "above" else value < self.limit

    def worst(self, values: Iterable[tuple[str, Decimal]]) -> tuple[str, Decimal]:
        """Of (entity, value) the one that shows the problem most."""
        pick = max if self.side == "above" else min
        return pick(values, key=lambda pair: pair[1])


@dataclass(frozen=True)
class Problem:
    """Something that goes wrong, and by what it is measured and watched."""

    problem_id: str
    texts: Texts
    kpis: tuple[str, ...]
    alert_packs: tuple[str, ...]
    signs: tuple[Sign, ...]


@cache
def packs() -> dict[str, Pack]:
    """The packs by id, those of a size first."""
    found = [_pack(file) for file in sorted((FOLDER / "packs").glob("*.yaml"))]
    found.sort(key=lambda pack: (SIZES.index(pack.size) if pack.size else len(SIZES), pack.pack_id))
    return {pack.pack_id: pack for pack in found}


@cache
def problems() -> dict[str, Problem]:
    """The problems by id, in the order of the file."""
    content = yaml.safe_load((FOLDER / "problems.yaml").read_text(encoding="utf-8"))
    return {row["problem_id"]: _problem_of(row) for row in content["problems"]}


def joined(chosen: Iterable[Pack], troubles: Iterable[Problem]) -> list[PackKpi]:
    """The KPIs of some packs and problems, each once."""
    found: dict[str, PackKpi] = {}
    for item in (kpi for pack in chosen for kpi in pack.kpis):
        known = found.get(item.kpi_id, item)
        kinds = tuple(dict.fromkeys((*known.kinds, *item.kinds)))
        found[item.kpi_id] = PackKpi(item.kpi_id, kinds, max(known.weight, item.weight))
    for kpi_id in (kpi_id for trouble in troubles for kpi_id in trouble.kpis):
        known = found.get(kpi_id, PackKpi(kpi_id, PROBLEM_KINDS, PROBLEM_WEIGHT))
        found[kpi_id] = PackKpi(kpi_id, known.kinds, max(known.weight, PROBLEM_WEIGHT))
    return list(found.values())


def _pack(file: Path) -> Pack:
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    kpis = [PackKpi(row["kpi_id"], tuple(row["kinds"]), Decimal(str(row["weight"]))) for row in content["kpis"]]
    return Pack(file.stem, _texts(content), content.get("size"), tuple(kpis))


def _problem_of(row: dict[str, Any]) -> Problem:
    signs = [Sign(sign["kpi_id"], sign["kind"], Decimal(str(sign["limit"])), sign["side"]) for sign in row["signs"]]
    return Problem(row["problem_id"], _texts(row), tuple(row["kpis"]), tuple(row["alert_packs"]), tuple(signs))


def _texts(row: dict[str, Any]) -> Texts:
    return Texts(*(row[name] for name in ("name_en", "name_zh", "description_en", "description_zh")))
