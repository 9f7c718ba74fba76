"""The user guide: in both languages, with pictures that the browser tests take and names that the product uses."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
from PIL import Image

from superset_kpi_plugin.access.table import DASHBOARDS, ROLES
from superset_kpi_plugin.locale.zh import MESSAGES

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "guide"
LANGUAGES = ("en", "zh")
READERS = ("manager", "owner", "finance", "data-engineer")
PICTURE = re.compile(r"!\[[^\]]+\]\(img/([^)]+)\)")
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)]+)\)")
#: *KPI > Targets*: what a page, menu, tab, button or state is called. Not a list's star, nor two stars.
NAME = re.compile(r"(?<![*\w])\*([^*\n ][^*\n]*?)\*(?!\*)")
#: Superset's Chinese says so.
MENU = {"en": "KPI", "zh": "指标"}
WIDEST, LARGEST = 1200, 150_000
GUIDES = [f"{reader}.{language}.md" for reader in READERS for language in LANGUAGES]


def text_of(guide: str) -> str:
    return (GUIDE / guide).read_text(encoding="utf-8")


def pictures_taken() -> set[str]:
    """The files that the browser tests write: each call of guide_shot with its name, in both languages."""
    found = set()
    for path in sorted((ROOT / "tests" / "e2e" / "browser").glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "guide_shot":
                found |= {f"{ast.literal_eval(node.args[1])}.{language}.png" for language in LANGUAGES}
    return found


def names_of(language: str) -> set[str]:
    """What the product calls its pages, parts, buttons and states in a language."""
    texts = json.loads((ROOT / "superset_kpi_plugin" / "translations" / f"{language}.json").read_text("utf-8"))
    boards = {MESSAGES[label] if language == "zh" else label for label in DASHBOARDS.values()}
    return {*texts.values(), *boards, *ROLES, MENU[language]}


def test_there_is_a_guide_for_each_reader_in_both_languages_and_the_readmes_lead_to_it() -> None:
    assert sorted(path.name for path in GUIDE.glob("*.md")) == sorted(GUIDES)
    for language, readme in (("en", "README.md"), ("zh", "README.zh.md")):
        linked = LINK.findall((ROOT / readme).read_text(encoding="utf-8"))
        assert {f"docs/guide/{reader}.{language}.md" for reader in READERS} <= set(linked)


@pytest.mark.parametrize("guide", GUIDES)
def test_a_guide_shows_only_pictures_that_a_test_takes(guide: str) -> None:
    shown = set(PICTURE.findall(text_of(guide)))
    assert shown, "a guide without a picture"
    assert shown <= pictures_taken()
    assert all(f".{guide.split('.')[1]}." in name for name in shown), "a picture in the other language"


def test_every_picture_is_shown_and_small() -> None:
    files = {path.name: path for path in (GUIDE / "img").iterdir()}
    assert set(files) == pictures_taken() == {name for guide in GUIDES for name in PICTURE.findall(text_of(guide))}
    for name, path in files.items():
        assert path.stat().st_size <= LARGEST, name
        with Image.open(path) as picture:
            assert picture.width <= WIDEST, name


@pytest.mark.parametrize("guide", GUIDES)
def test_a_guide_names_things_as_the_product_does(guide: str) -> None:
    known = names_of(guide.split(".")[1])
    found = [part for name in NAME.findall(text_of(guide)) for part in name.split(" > ")]
    assert len(found) >= 8
    assert [name for name in found if name not in known] == []


@pytest.mark.parametrize("guide", GUIDES)
def test_a_guides_links_lead_somewhere(guide: str) -> None:
    missing = [link for link in LINK.findall(text_of(guide)) if not (GUIDE / link).exists()]
    assert missing == []


@pytest.mark.parametrize("reader", READERS)
def test_both_languages_say_the_same_in_as_many_parts(reader: str) -> None:
    def shape(language: str) -> list[str]:
        lines = text_of(f"{reader}.{language}.md").splitlines()
        return [found.group() for line in lines if (found := re.match(r"#+ |- |\d\. |!\[", line))]

    assert shape("en") == shape("zh")
