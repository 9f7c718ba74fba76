"""The same dashboards in another language, from the same files. Pure functions on dictionaries.

Each folder holds a ``zh.yaml``, which maps every text that a reader may see (titles, names, headings, labels, words in
a dataset's SQL) to its Chinese. An edition has dashboards, charts and datasets of its own, because a chart's name, a
column's heading and a word such as "On track" each exist once in Superset; its assets are called as the English ones
with ``_zh`` behind the name, and so have uuids of their own. The figures, the filters and the layout are the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from superset_kpi_plugin.assets import source as files
from superset_kpi_plugin.assets.source import Config, DashboardSource, Source, asset_uuid

#: The language in which the files are written, and those that are made from them.
ENGLISH = "en"
LANGUAGES = ("en", "zh")
#: Keys of Superset's YAML whose value a reader sees, wherever they stand.
SHOWN = frozenset(
    {
        *("dashboard_title", "description", "certification_details", "details", "text", "code", "sliceName", "name"),
        *("slice_name", "subtitle", "compare_suffix", "subheader", "customColumnName", "targetValue"),
        *("x_axis_title", "y_axis_title", "y_axis_title_secondary", "xAxisTitle", "yAxisTitle"),
        *("increase_label", "decrease_label", "total_label"),
        *("table_name", "verbose_name"),
    }
)
#: ``name`` is shown where it names a filter; a target's column has the name that the warehouse gave it.
_NAMES_OF_COLUMNS = {"column"}
_LITERAL = re.compile(r"'((?:[^']|'')*)'")
_CATALOGUE_TEXTS = re.compile(r"\b(name|description|formula)_en\b")

Translate = Callable[[str], str]


def load(*languages: str, folder: Path | None = None) -> Source:
    """The dashboards in some of :data:`LANGUAGES` (all unless named), each edition with the datasets that it reads.

    :raises FileNotFoundError: where the folder holds no dashboard.
    """
    english = files.load(folder)
    editions = [edition(english, name) for name in LANGUAGES if name in (languages or LANGUAGES)]
    datasets = {key: config for one in editions for key, config in one.datasets.items()}
    boards = {key: board for one in editions for key, board in one.dashboards.items()}
    return Source(datasets, boards, english.texts)


def edition(source: Source, language: str) -> Source:
    """The source in another language; a text without a translation stays English."""
    if language == ENGLISH:
        return source
    uuids = _uuids(source, language)

    def finish(config: Config, name: str) -> Config:
        texts = source.texts_of(name, language)
        return dict(_mapped(config, lambda text: texts.get(text, text), uuids))

    datasets = {f"{key}_{language}": finish(config, files.DATASETS) for key, config in source.datasets.items()}
    texts = source.texts_of(files.DATASETS, language)
    for config, english in zip(datasets.values(), source.datasets.values(), strict=True):
        if config["table_name"] == english["table_name"]:  # Superset knows datasets by schema and name
            config["table_name"] += f" ({language})"
        config["sql"] = _sql(config["sql"], texts, language)
        if "kpi_metrics" in config["extra"]:
            config["extra"]["kpi_metrics"]["language"] = language
    boards = {}
    for key, board in source.dashboards.items():
        config = finish(board.config, key)
        config["slug"] = slug(config["slug"], language)
        charts = {name: finish(chart, key) for name, chart in board.charts.items()}
        boards[f"{key}_{language}"] = DashboardSource(f"{key}_{language}", config, charts, language)
    return Source(datasets, boards, source.texts)


def slug(english: str, language: str) -> str:
    """The slug of a dashboard's edition, from that of the English one."""
    return english if language == ENGLISH else f"{english}-{language}"


def shown_texts(source: Source) -> Iterator[tuple[str, str]]:
    """Folder and text of everything that a reader of the English edition may see."""
    for config in source.datasets.values():
        yield from ((files.DATASETS, text) for text in [*_shown(config), *shown_words(config["sql"])])
    for key, board in source.dashboards.items():
        for config in (board.config, *board.charts.values()):
            yield from ((key, text) for text in _shown(config))


def shown_words(sql: str) -> list[str]:
    """The literals of a statement that are words for people, not codes: those with a capital, a space or a sign."""
    found = [text.replace("''", "'") for text in _LITERAL.findall(sql)]
    return [text for text in found if re.search(r"[^\W\d_]", text) and not re.fullmatch(r"[a-z0-9_:/.%-]+", text)]


def _uuids(source: Source, language: str) -> dict[str, str]:
    """The edition's uuid by the English asset's."""
    paths = {config["uuid"]: f"dataset/{key}_{language}" for key, config in source.datasets.items()}
    for board in source.dashboards.values():
        paths[board.config["uuid"]] = f"dashboard/{board.key}_{language}"
        paths |= {chart["uuid"]: f"chart/{board.key}_{language}/{name}" for name, chart in board.charts.items()}
    return {uuid: asset_uuid(path) for uuid, path in paths.items()}


def _shown(node: Any, key: str = "", above: str = "") -> Iterator[str]:
    if isinstance(node, Mapping):
        for name, value in node.items():
            if name == "label_colors":
                yield from (text for text in value if not re.fullmatch(r"[a-z0-9_]+", text))
            yield from _shown(value, str(name), key)
    elif isinstance(node, list):
        for value in node:
            yield from _shown(value, key, above)
    elif isinstance(node, str) and _is_shown(key, above) and re.search(r"[^\W\d_]", node):
        yield node


def _is_shown(key: str, above: str) -> bool:
    return key in SHOWN and not (key == "name" and above in _NAMES_OF_COLUMNS)


def _mapped(node: Any, translate: Translate, uuids: Mapping[str, str], key: str = "", above: str = "") -> Any:
    """A copy with every shown text translated and every uuid of ours replaced."""
    if isinstance(node, Mapping):
        done = {}
        for name, value in node.items():
            new = translate(str(name)) if key == "label_colors" else name
            done[new] = _mapped(value, translate, uuids, str(name), key)
        return done
    if isinstance(node, list):
        return [_mapped(value, translate, uuids, key, above) for value in node]
    if isinstance(node, str):
        return translate(node) if _is_shown(key, above) else uuids.get(node, node)
    return node


def _sql(statement: str, texts: Mapping[str, str], language: str) -> str:
    """The statement with its words and the catalogue's texts in the language."""

    def word(found: re.Match[str]) -> str:
        for text in shown_words(found.group(0)):
            return "'" + texts.get(text, text).replace("'", "''") + "'"
        return found.group(0)

    return _CATALOGUE_TEXTS.sub(rf"\1_{language}", _LITERAL.sub(word, statement))
