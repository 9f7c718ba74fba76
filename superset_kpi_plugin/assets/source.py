"""Reads the folder ``dashboards/``: shared datasets, and one folder a dashboard with its charts.

The files are Superset's own YAML with uuids in place of numeric ids, so that they mean the same in every Superset. Left
out is what differs from site to site: the database, column types, the metrics of the KPI catalogue, chart ids.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

#: Ids are uuid5 of the asset's path in this namespace: the same on every machine and in every version.
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "superset-kpi-plugin")
CERTIFIED_BY = "KPI plugin"
DATASETS = "datasets"
_TEXTS = {"zh.yaml": "zh"}

Config = dict[str, Any]


def asset_uuid(path: str) -> str:
    """The id of an asset, e.g. of ``dataset/data_freshness`` or ``chart/kpi_overview/gmv``."""
    return str(uuid.uuid5(NAMESPACE, path))


@dataclass
class DashboardSource:
    """One dashboard's folder."""

    key: str
    config: Config
    charts: dict[str, Config] = field(default_factory=dict)
    language: str = "en"


@dataclass
class Source:
    """Everything in the folder, by the names of files and folders."""

    datasets: dict[str, Config]
    dashboards: dict[str, DashboardSource]
    #: English text to its translation, by language and folder: what the folders' ``zh.yaml`` say.
    texts: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)

    @property
    def charts(self) -> dict[str, Config]:
        """All charts, by ``dashboard/chart``."""
        return {
            f"{board.key}/{key}": chart for board in self.dashboards.values() for key, chart in board.charts.items()
        }

    def texts_of(self, folder: str, language: str) -> dict[str, str]:
        """The folder's own translations, and behind them those of the other folders."""
        by_folder = self.texts.get(language, {})
        others = {text: done for name in sorted(by_folder) for text, done in by_folder[name].items()}
        return {**others, **by_folder.get(DATASETS, {}), **by_folder.get(folder, {})}


def default_folder() -> Path:
    """The dashboards that came with the plugin: in an installed wheel, else beside the package."""
    package = Path(__file__).resolve().parent.parent
    bundled = package / "bundled_dashboards"
    return bundled if bundled.is_dir() else package.parent / "dashboards"


def load(folder: Path | None = None) -> Source:
    """Read all files: the dashboards in English, and their texts in other languages (``editions`` applies them).

    :raises FileNotFoundError: where the folder holds no dashboard.
    """
    root = folder or default_folder()
    boards = {
        path.parent.name: DashboardSource(
            path.parent.name,
            _read(path),
            {chart.stem: _read(chart) for chart in sorted(path.parent.glob("charts/*.yaml"))},
        )
        for path in sorted(root.glob("*/dashboard.yaml"))
    }
    if not boards:
        raise FileNotFoundError(f"No dashboards found in {root}")
    datasets = {path.stem: _read(path) for path in sorted((root / DATASETS).glob("*.yaml")) if path.name not in _TEXTS}
    texts = {
        language: {path.parent.name: dict(_read(path)) for path in sorted(root.glob(f"*/{name}"))}
        for name, language in _TEXTS.items()
    }
    return Source(datasets, boards, texts)


def _read(path: Path) -> Config:
    return parse(path.read_text(encoding="utf-8"))


def parse(text: str) -> Config:
    """YAML, read by the C library where PyYAML has it: ten times as fast."""
    config: Config = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (both are safe)
    return config
