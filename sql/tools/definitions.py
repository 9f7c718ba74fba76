"""The KPIs as their YAML defines them, read without dbt and without a database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[1]
KPIS = PROJECT / "models" / "kpis"


@dataclass(frozen=True)
class Definition:
    """One KPI: its metric's own words, and ``meta``, what stands under config.meta.kpi."""

    kpi_id: str
    name: str
    description: str
    type: str
    meta: dict[str, Any]
    path: Path


def parse(text: str) -> dict[str, Any]:
    """YAML, read by the C library where PyYAML has it: ten times as fast."""
    content: dict[str, Any] | None = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (both are safe)
    return content or {}


def documents(folder: Path = KPIS) -> dict[Path, dict[str, Any]]:
    """The YAML files of a folder and what is in them."""
    return {path: parse(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.yml"))}


def definitions(folder: Path = KPIS) -> list[Definition]:
    """All KPIs in display order; ValueError names a metric that is no KPI and no input of one."""
    found = []
    for path, content in documents(folder).items():
        for metric in content.get("metrics") or []:
            meta = (metric.get("config") or {}).get("meta") or {}
            if meta.get("kpi_input"):
                continue
            if "kpi" not in meta:
                raise ValueError(f"{path.name}: metric {metric['name']} has neither meta.kpi nor meta.kpi_input")
            found.append(
                Definition(
                    kpi_id=metric["name"],
                    name=metric["label"],
                    description=" ".join(str(metric["description"]).split()),
                    type=metric["type"],
                    meta=meta["kpi"],
                    path=path,
                )
            )
    return sorted(found, key=lambda one: (one.meta["display_order"], one.kpi_id))
