"""Every sentence that the backend can show exists in Chinese too, with the same placeholders; and one word a thing."""

from __future__ import annotations

import ast
import json
import re
from importlib import import_module
from pathlib import Path

import pytest

from superset_kpi_plugin import errors, locale
from superset_kpi_plugin.assets import editions
from superset_kpi_plugin.locale.zh import MESSAGES as COMMON
from superset_kpi_plugin.reports.words import WORDS

PACKAGE = Path(locale.__file__).parents[1]
#: Slices bring their own sentences when Superset starts.
SLICES = {
    path.parent.name: import_module(f"superset_kpi_plugin.{path.parent.name}.zh").MESSAGES
    for path in sorted(PACKAGE.glob("*/zh.py"))
    if path.parent.name != "locale"
}
MESSAGES: dict[str, str] = COMMON | {text: done for slice_ in SLICES.values() for text, done in slice_.items()}
TEXTS = {
    language: json.loads((PACKAGE / "translations" / f"{language}.json").read_text(encoding="utf-8"))
    for language in ("en", "zh")
}
#: Sign and code of each status, as dashboards show it before its word.
STATUSES = {"ok": "●", "warn": "▲", "breach": "✕", "no_data": "○", "provisional": "◌"}
#: Half-width punctuation beside a Chinese character.
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff]\s?[,;:?!()]|[,;:?!()]\s?[\u4e00-\u9fff]")
ERRORS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}
#: Where a call holds its sentence: name of the callable -> positions.
SENTENCES = {
    **dict.fromkeys(ERRORS, 0),
    "translate": 0,
    "Label": 0,
    "Problem": 2,
    "_problem": 1,
    "Refusal": 1,
    "_refused": 1,
    "_finding": 1,
    "Finding": 1,
    "SheetError": 0,
    "_warn": 1,
    "ValidationError": 0,
}
#: The menu's labels and the pages behind them.
PAGES = {
    **{name.capitalize(): name for name in ("home", "targets", "alerts", "reports", "glossary", "uploads", "scopes")},
    "Differences": "reconciliation",
    "Set-up": "setup",
}
#: Modules whose ValueErrors are shown to people.
PURE = ("targets/rules.py", "targets/sheets.py")
#: The command line speaks English, and so does what only developers see.
NOT_TRANSLATED = ("cli.py", "doctor.py", "plugin.py", "assets")


def sentences() -> dict[str, str]:
    """Every literal sentence in the source, with where it stands."""
    found: dict[str, str] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE).as_posix()
        if place.startswith((*NOT_TRANSLATED, "ui/", "locale/")):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for text in _literals(node, place):
                found.setdefault(text, f"{place}:{getattr(node, 'lineno', 0)}")
    return found


def _literals(node: ast.AST, place: str) -> list[str]:
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        position = SENTENCES.get(name, 0 if name == "ValueError" and place in PURE else None)
        arguments = node.args[position : position + 1] if position is not None else []
        arguments += [word.value for word in node.keywords if word.arg == "error"]
        return [item.value for item in arguments if isinstance(item, ast.Constant) and isinstance(item.value, str)]
    is_message = isinstance(node, ast.Assign) and any(
        isinstance(target, ast.Name) and target.id in ("default_message", "message", "INTERRUPTED", "OUTSIDE")
        for target in node.targets
    )
    if is_message and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return [node.value.value]
    return []


def test_every_sentence_has_a_translation() -> None:
    missing = {text: place for text, place in sentences().items() if text and text not in MESSAGES}
    # Sentences that only developers meet.
    missing = {text: place for text, place in missing.items() if not text.startswith("unknown ")}
    assert not missing


def test_the_collection_finds_the_sentences_it_should() -> None:
    found = sentences()
    assert "Required." in MESSAGES
    assert "There is no KPI {kpi}." in found
    assert len(found) > 30


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_menu_calls_a_page_as_the_page_calls_itself(language: str) -> None:
    titles = {name: TEXTS[language][f"{page}.title"] for name, page in PAGES.items()}
    assert titles == {name: MESSAGES.get(name, name) if language == "zh" else name for name in PAGES}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pages_reports_and_dashboards_call_a_status_the_same(language: str) -> None:
    words = {status: TEXTS[language][f"status.{status}"] for status in STATUSES}
    assert {status: WORDS[language][status] for status in STATUSES} == {
        status: word if language == "zh" else word.lower() for status, word in words.items()
    }
    datasets = editions.load(language).datasets
    for name in ("kpi_targets_status", "team_targets"):
        shown = editions.shown_words(datasets[name if language == "en" else f"{name}_{language}"]["sql"])
        for status, sign in STATUSES.items():
            assert f"{sign} {words[status]}" in shown, (name, status)


def test_a_sentence_has_one_translation() -> None:
    twice = [
        text for name, slice_ in SLICES.items() for text in slice_
        if text in COMMON or any(text in other for key, other in SLICES.items() if key != name)
    ]  # fmt: skip
    assert twice == []


def test_chinese_texts_have_chinese_punctuation() -> None:
    boards = editions.load("zh").texts["zh"].values()
    texts = [*TEXTS["zh"].values(), *MESSAGES.values(), *(done for folder in boards for done in folder.values())]
    texts += [word for word in WORDS["zh"].values() if isinstance(word, str)]
    # Placeholders and code in backticks are no prose.
    assert [text for text in texts if HALF_WIDTH.search(re.sub(r"{\w+}|`[^`]*`", "中", text))] == []


@pytest.mark.parametrize("english", sorted(MESSAGES))
def test_translations_have_the_same_placeholders(english: str) -> None:
    chinese = MESSAGES[english]
    assert sorted(re.findall(r"{\w+}", english)) == sorted(re.findall(r"{\w+}", chinese))
    assert chinese == "KPI" or re.search(r"[\u4e00-\u9fff]", chinese)
