"""The Chinese edition: every text that a reader sees is Chinese, and nothing but the texts differs."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest

from superset_kpi_plugin.access.table import DASHBOARDS
from superset_kpi_plugin.assets import bundle, editions
from superset_kpi_plugin.assets import source as files
from superset_kpi_plugin.assets.editions import SHOWN, load, shown_texts, shown_words
from superset_kpi_plugin.locale import translate
from tests.plugin.assets.test_files import built, walk

ENGLISH = files.load()
CHINESE = load("zh")
HAN = re.compile(r"[\u4e00-\u9fff]")
#: Texts that are the same in Chinese.
SAME = {
    "KPI",
    "GMV",
    "SKU",
    "ACoS",
    "TACoS",
    "ROAS",
    "CTR",
    "CPC",
    "CPM",
    "CSAT",
    "NPS",
    "IPI",
    "ODR",
    "ASIN",
    "BSR",
    "ERP",
}
#: Keys whose text is for Superset or the database, though it looks like words.
TECHNICAL = {
    *("sql", "sqlExpression", "expression", "time_range", "order_by_cols", "css", "certified_by", "cssClass"),
    *("operator", "comparator", "date_format", "tooltipTimeFormat", "x_axis_time_format", "y_axis_format", "uuid"),
    *("table_timestamp_format", "time_format"),
}


def test_every_shown_text_is_in_the_folders_chinese() -> None:
    missing = [(where, text) for where, text in shown_texts(ENGLISH) if text not in ENGLISH.texts["zh"].get(where, {})]
    assert missing == []


def test_no_translation_is_left_over_or_english() -> None:
    shown = set(shown_texts(ENGLISH))
    for folder, texts in ENGLISH.texts["zh"].items():
        assert [text for text in texts if (folder, text) not in shown] == [], folder
        same = [text for text, done in texts.items() if not HAN.search(done) and text not in SAME]
        assert same == [], folder


def test_one_text_has_one_translation() -> None:
    by_text: dict[str, set[str]] = {}
    for texts in ENGLISH.texts["zh"].values():
        for text, done in texts.items():
            by_text.setdefault(text, set()).add(done)
    assert {text: done for text, done in by_text.items() if len(done) > 1} == {}


def test_nothing_else_looks_like_a_text_that_is_shown() -> None:
    configs = [*ENGLISH.datasets.values(), *ENGLISH.charts.values()]
    for config in [*configs, *(board.config for board in ENGLISH.dashboards.values())]:
        for where, key, value in walk(config):
            if isinstance(value, str) and re.search(r"[A-Za-z]{2} [A-Za-z]{2}", value):
                assert key in SHOWN | TECHNICAL or where.split("/")[-1] in TECHNICAL, f"{where}/{key}: {value}"


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("case when a = 'fresh' then '● Fresh' else 'never' end", ["● Fresh"]),
        ("substr(x, '%Y-%m', 'kpi:gmv', ', %')", ["%Y-%m"]),
        ("'it''s late' || 'a_code' || '未达标'", ["it's late", "未达标"]),
    ],
)
def test_words_are_told_from_codes(sql: str, words: list[str]) -> None:
    assert shown_words(sql) == words


def test_the_editions_differ_in_texts_and_ids_alone() -> None:
    assert set(CHINESE.dashboards) == {f"{key}_zh" for key in ENGLISH.dashboards}
    for key, board in ENGLISH.dashboards.items():
        chinese = CHINESE.dashboards[f"{key}_zh"]
        assert chinese.config["slug"] == f"{board.config['slug']}-zh"
        pairs = [(board.config, chinese.config)]
        pairs += [(chart, chinese.charts[name]) for name, chart in board.charts.items()]
        for one, other in pairs:
            assert [item[1] for item in _plain(one)] == [item[1] for item in _plain(other)]
    uuids = [config["uuid"] for one in (ENGLISH, CHINESE) for config in [*one.datasets.values(), *one.charts.values()]]
    assert max(Counter(uuids).values()) == 1


def _plain(config: dict[str, Any]) -> list[tuple[str, str, Any]]:
    """Keys in order, with the values that are neither text nor id."""
    return [(where, key, value) for where, key, value in walk(config) if "label_colors" not in where]


def test_no_english_is_left_in_the_chinese_edition(sample_uri: str) -> None:
    for path, config in built(CHINESE, sample_uri).items():
        if path.startswith("datasets/"):
            assert HAN.search(config["table_name"])
            names = [one["verbose_name"] for one in config["columns"] + config["metrics"] if one.get("verbose_name")]
            assert [name for name in names if not HAN.search(name) and name not in SAME] == []
            assert "name_en" not in config["sql"]
            assert [word for word in shown_words(config["sql"]) if not HAN.search(word) and word not in SAME] == []
    charts = {chart["uuid"] for chart in ENGLISH.charts.values()}
    assert not [uuid for uuid in charts if uuid in json.dumps([board.config for board in CHINESE.dashboards.values()])]


def test_the_catalogues_metrics_are_chinese_too(sample_uri: str) -> None:
    files_ = built(CHINESE, sample_uri)
    gmv = next(m for m in files_["datasets/kpi_daily_sku_zh.yaml"]["metrics"] if m["metric_name"] == "gmv")
    assert HAN.search(gmv["verbose_name"])
    assert gmv["expression"] == next(
        m["expression"]
        for m in built(load("en"), sample_uri)["datasets/kpi_daily_sku.yaml"]["metrics"]
        if m["metric_name"] == "gmv"
    )


def test_a_text_without_chinese_stays_english() -> None:
    source = files.load()
    source.texts = {}
    chinese = editions.edition(source, "zh")
    assert chinese.dashboards["kpi_overview_zh"].config["dashboard_title"] == "KPI overview"
    # Superset takes two datasets of one name for the same.
    assert chinese.datasets["data_freshness_zh"]["table_name"] == "Data freshness (zh)"


def test_the_menu_knows_every_dashboard() -> None:
    for board in ENGLISH.dashboards.values():
        assert board.config["slug"] in DASHBOARDS
        assert board.config["dashboard_title"] == DASHBOARDS[board.config["slug"]]
        assert (
            translate(board.config["dashboard_title"], "zh")
            == ENGLISH.texts["zh"][board.key][board.config["dashboard_title"]]
        )


def test_the_filters_of_the_overview_are_all_there() -> None:
    natives = bundle.filters(ENGLISH.dashboards["kpi_overview"].config["metadata"])
    assert [native["name"] for native in natives] == ["Month", "Account", "Category", "Owner"]
