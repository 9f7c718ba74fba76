"""The line on each tab that leads to the glossary: it names the KPIs that the tab shows, and only text of theirs."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sql.tools.definitions import definitions
from superset_kpi_plugin.access.table import DASHBOARDS
from superset_kpi_plugin.assets import bundle, glossary
from superset_kpi_plugin.assets.source import Source, load
from tests.plugin.assets.test_files import CATALOGUE, built
from tests.plugin.conftest import run_sql

LINK = re.compile(r"\[((?:\\.|[^\]\\])+)\]\(([^)\s]+)\)")
#: The KPIs that the catalogue holds: metrics with the plugin's own part.
OFFERED = {one.kpi_id for one in definitions()}
ENGLISH = load()


def lines(config: dict[str, Any]) -> dict[str, str]:
    """The Markdown by the tab's (or grid's) id."""
    position = config["position"]
    return {
        item["parents"][-2]: item["meta"]["code"]
        for item in position.values()
        if isinstance(item, dict) and item.get("type") == "MARKDOWN"
    }


@pytest.fixture(scope="module")
def boards(source: Source, sample_uri: str) -> dict[str, Any]:
    """Every dashboard as it would be installed, by its file's path."""
    return {path: config for path, config in built(source, sample_uri).items() if path.startswith("dashboards/")}


def test_every_tab_opens_with_its_line(boards: dict[str, Any]) -> None:
    assert len(boards) == 2 * len(DASHBOARDS)
    for path, config in boards.items():
        position = config["position"]
        above = {parent for item in bundle.chart_items(position) for parent in item["parents"]}
        tabs = {tab for tab in above if position[tab]["type"] in ("TAB", "GRID")}
        assert tabs, path
        assert set(lines(config)) == tabs
        for tab in tabs:
            row = position[position[tab]["children"][0]]
            (cell,) = row["children"]
            assert position[cell]["type"] == "MARKDOWN"
            assert position[cell]["parents"] == [*row["parents"], row["id"]]
            assert row["parents"][-1] == tab
        assert "glossary" not in config


def test_the_lines_name_what_the_charts_show_in_the_editions_language(boards: dict[str, Any], sample_uri: str) -> None:
    names = {row["kpi_id"]: row for row in run_sql(sample_uri, "select * from kpi.kpi_catalogue")}
    english = dict(LINK.findall(lines(boards["dashboards/kpi_sales.yaml"])["TAB-sales"]))
    chinese = dict(LINK.findall(lines(boards["dashboards/kpi_sales_zh.yaml"])["TAB-sales"]))
    shown = [kpi for kpi in ("gmv", "net_sales", "orders", "units", "aov", "refund_rate") if kpi in names]
    assert "gmv" in shown
    for kpi in shown:
        address = f"../../../kpi/glossary/#{kpi}"
        assert english[glossary.plain(names[kpi]["name_en"])] == address
        assert chinese[glossary.plain(names[kpi]["name_zh"])] == address
    assert "sessions" not in str(english), "a KPI of another tab"
    assert english["All KPIs"] == chinese["全部指标"] == "../../../kpi/glossary/"


def test_links_stay_inside_superset_under_any_path(boards: dict[str, Any]) -> None:
    from urllib.parse import urljoin

    for config in boards.values():
        for text in lines(config).values():
            addresses = [address for _, address in LINK.findall(text)]
            assert addresses
            for address in addresses:
                there = urljoin("https://bi.example.com/prefix/superset/dashboard/kpi-sales/", address)
                assert re.fullmatch(r"https://bi\.example\.com/prefix/kpi/glossary/(#\w+)?", there)


@pytest.mark.parametrize("key", [key for key, board in ENGLISH.dashboards.items() if board.config.get("glossary")])
def test_what_a_file_names_for_a_tab_is_a_kpi(key: str) -> None:
    config = ENGLISH.dashboards[key].config
    for tab, kpis in config["glossary"].items():
        assert config["position"][tab]["type"] == "TAB"
        assert set(kpis) <= OFFERED, set(kpis) - OFFERED
    assert OFFERED < CATALOGUE


def test_a_name_is_shown_as_text_whatever_it_looks_like() -> None:
    kpi = {"kpi_id": "a)](x", "name_en": "<img src=x onerror=alert(1)> [a](javascript:b)\n# *c*", "display_order": 1}
    text = glossary.line([kpi], "en")
    ((name, address), _) = LINK.findall(text)
    assert address == "../../../kpi/glossary/#a%29%5D%28x"
    assert re.sub(r"\\(.)", r"\1", name) == "<img src=x onerror=alert(1)> [a](javascript:b) # *c*"
    assert not re.search(r"(?<!\\)[<>*_`\[\]#&!]", name)
    assert "\n" not in text
