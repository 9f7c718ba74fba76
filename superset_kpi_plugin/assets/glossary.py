"""Links from a dashboard's tabs to what the glossary says of the KPIs that they show. Pure functions on dictionaries.

Each tab opens with one line of Markdown. It names the KPIs that the tab's charts ask for, and those that the
dashboard's file names for a tab whose figures come from elsewhere (``glossary``, by the tab's id). A site's own names
are read from its catalogue, so the line is made when the dashboards are installed and stands in no file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from superset_kpi_plugin.assets import queries
from superset_kpi_plugin.assets.source import Config, DashboardSource
from superset_kpi_plugin.locale import translate

#: The page as seen from a dashboard (``/superset/dashboard/<slug>/``), under whatever path Superset runs.
PAGE = "../../../kpi/glossary/"
#: Heights are in Superset's units of 8 pixels: room for two lines.
HEIGHT = 8
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")

Row = Mapping[str, Any]


def add_links(config: Config, board: DashboardSource, catalogue: Iterable[Row]) -> None:
    """Put the line on top of each of the layout's tabs (of the dashboard where it has none), and drop ``glossary``."""
    named: Mapping[str, list[str]] = config.pop("glossary", {})
    position = config["position"]
    known = sorted(catalogue, key=lambda kpi: (kpi["display_order"] or 0, kpi["kpi_id"]))
    for parents, charts in _tabs(position, board):
        tab = parents[-1]
        shown = {kpi for chart in charts for kpi in asked_for(chart)} | set(named.get(tab, []))
        text = line([kpi for kpi in known if kpi["kpi_id"] in shown], board.language)
        position |= _row(tab, parents, text)
        position[tab]["children"] = [f"ROW-glossary-{tab}", *position[tab]["children"]]


def asked_for(chart: Config) -> set[str]:
    """The ids that a chart's queries name as metrics or as values of ``kpi_id``; not all need be KPIs."""
    found: set[str] = set()
    for query in queries.query_context(chart["params"])["queries"]:
        found |= {metric for metric in query["metrics"] or [] if isinstance(metric, str)}
        for item in query["filters"]:
            if item["col"] == "kpi_id":
                found |= {item["val"]} if isinstance(item["val"], str) else set(item["val"])
    return found


def line(kpis: Iterable[Row], language: str) -> str:
    """The Markdown: each KPI by its name in the language, then the whole glossary."""
    links = [_link(kpi.get(f"name_{language}") or kpi["name_en"], f"#{quote(kpi['kpi_id'], safe='')}") for kpi in kpis]
    links.append(_link(translate("All KPIs", language), ""))
    return translate("What the KPIs mean: {links}", language, links=" · ".join(links))


def _link(name: str, anchor: str) -> str:
    return f"[{plain(name)}]({PAGE}{anchor})"


def plain(text: str) -> str:
    """Text as Markdown that shows just it: names come from the warehouse, and may look like markup."""
    return _PUNCTUATION.sub(r"\\\1", " ".join(text.split()))


def _tabs(position: Config, board: DashboardSource) -> Iterator[tuple[list[str], list[Config]]]:
    """The path to each tab (or to the grid) that holds charts, and the charts."""
    by_uuid = {chart["uuid"]: chart for chart in board.charts.values()}
    found: dict[str, tuple[list[str], list[Config]]] = {}
    for item in list(position.values()):
        if isinstance(item, dict) and item.get("type") == "CHART":
            parents = [parent for parent in item["parents"] if position[parent]["type"] not in ("ROW", "COLUMN")]
            found.setdefault(parents[-1], (parents, []))[1].append(by_uuid[item["meta"]["uuid"]])
    yield from found.values()


def _row(tab: str, parents: list[str], text: str) -> Config:
    row, cell = f"ROW-glossary-{tab}", f"MARKDOWN-glossary-{tab}"
    return {
        row: {
            "id": row,
            "type": "ROW",
            "children": [cell],
            "parents": parents,
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        },
        cell: {
            "id": cell,
            "type": "MARKDOWN",
            "children": [],
            "parents": [*parents, row],
            "meta": {"code": text, "width": 12, "height": HEIGHT},
        },
    }
