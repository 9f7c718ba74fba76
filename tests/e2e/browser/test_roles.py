"""The four roles open every page of theirs: no error, no refused request, nothing wider than the window, axe content.

Each role has one session and two looks; a page is seen by the four roles in four looks, so that together every width,
theme and language is met without their full product. Pages change as by their links, without loading Superset anew.
"""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image

from tests.e2e.browser.conftest import LOOKS, speak
from tests.e2e.browser.test_accessibility import RUN, serious

#: Every address, by page.
PLACES: dict[str, tuple[str, ...]] = {
    "home": ("",),
    "targets": (
        "?view=list",
        *("?view=plan", "?view=year", "?view=scores", "?view=objectives", "?view=manual"),
        "?view=list&period=2020-01-01",
    ),
    "alerts": ("", "?state=all&group=rule", "?tab=rules", "?tab=packs", "?tab=silences", "?q=nothing+is+called+so"),
    "reports": ("", "?tab=plans", "?tab=templates"),
    "reconciliation": ("",),
    # One area: a hundred entries take long to draw and to judge.
    "glossary": ("?domain=account_health",),
    "diagnosis": ("", "?kpi=gmv&entity=account:aurora_us"),
    "setup": ("?step=found", "?step=problems", "?step=pack", "?step=targets"),
    "uploads": ("",),
    "scopes": ("",),
}
#: What axe judges and a picture is kept of; other tests judge the rest.
JUDGED = {
    *("/kpi/home/", "/kpi/targets/?view=list", "/kpi/alerts/", "/kpi/reconciliation/"),
    *("/kpi/glossary/?domain=account_health", "/kpi/scopes/", "/kpi/uploads/"),
}
#: The pages that a role is not offered, and the two looks (of LOOKS) in which it sees the others.
ROLES: dict[str, tuple[set[str], tuple[int, int]]] = {
    "viewer": ({"setup", "uploads", "scopes"}, (0, 3)),
    "owner": ({"uploads", "scopes"}, (1, 2)),
    "manager": ({"scopes"}, (3, 0)),
    "admin": (set(), (2, 1)),
}
#: Names that are more than text somewhere, or wider than a phone.
NAMES = (
    "<img src=x onerror=alert(1)><b>bold</b>",
    "{{ 7*7 }}",
    '=HYPERLINK("http://evil.test","x")',
    "\u202egnp.exe \u2066x\u2069",
    "W" * 180,
    "超长名称" * 40,
)
NAMED = re.compile(r"(^|_)(name|owner|reason|note|changed_by|approved_by|created_by|name_en|name_zh)$")


class Watch:
    """What went wrong on a page since it was last asked: errors of its scripts and console, refused requests."""

    def __init__(self, page: Any, base_url: str) -> None:
        self._found: list[str] = []
        self._own = base_url
        page.on("pageerror", lambda error: self._found.append(str(error)))
        page.on("console", self._console)
        page.on("response", self._response)
        page.on("dialog", self._dialog)

    def _console(self, message: Any) -> None:
        # Superset asks an address of its makers, which a closed network doesn't reach.
        if message.type == "error" and message.location.get("url", self._own).startswith(self._own):
            self._found.append(message.text)

    def _dialog(self, dialog: Any) -> None:
        self._found.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _response(self, response: Any) -> None:
        if response.status >= 400 and response.url.startswith(self._own):
            self._found.append(f"{response.status} {response.request.method} {response.url}")

    def take(self) -> list[str]:
        found, self._found = self._found, []
        return found


def dress(page: Any, is_dark: bool, locale: str) -> None:
    """Theme and language of what is loaded from now on."""
    mode = "dark" if is_dark else "default"
    page.add_init_script(f"if (window === top) localStorage.setItem('superset-theme-mode', '{mode}')")
    page.emulate_media(color_scheme="dark" if is_dark else "light")
    speak(page, locale)


def visit(page: Any, address: str, is_loaded: bool) -> None:
    """Open an address, and wait until it has drawn what it asked for."""
    if is_loaded:
        page.evaluate("address => history.pushState(null, '', address)", address)
    else:
        page.goto(address)
    name = address.split("/")[2]
    page.wait_for_selector(f'[data-testid="nav-{name}"][aria-current="page"]', state="attached")
    page.wait_for_timeout(150)
    page.wait_for_selector('[aria-busy="true"]', state="hidden")
    page.wait_for_selector('[data-testid="state-loading"], .kpi-skeleton-active', state="hidden")
    page.wait_for_timeout(150)


def addresses(role: str) -> Iterator[str]:
    """Every address of the role's pages."""
    hidden, _ = ROLES[role]
    for name, queries in PLACES.items():
        if name not in hidden:
            yield from (f"/kpi/{name}/{query}" for query in queries)


def is_bright(page: Any) -> bool:
    """Whether the page looks bright: by the pixel in its lower left corner, as it was drawn."""
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        return sum(picture.convert("RGB").getpixel((3, picture.height - 3))) / 3 > 128


def wrong_with(page: Any, width: int, locale: str) -> list[str]:
    """What a reader would find wrong with what is drawn."""
    wide = page.evaluate("document.documentElement.scrollWidth")
    title = page.get_by_role("heading", level=1).inner_text()
    found = []
    if wide > width:
        found.append(f"scrolls sideways: {wide} px on {width}")
    if page.locator('[data-testid="state-error"]').count():
        found.append("says that it failed")
    if bool(re.search(r"[\u4e00-\u9fff]", title)) != (locale == "zh"):
        found.append(f"title in the other language: {title}")
    return found


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_every_page_of_its_own(
    open_as: Callable[..., Any], connections: dict[str, dict[str, str]], shot: Any, role: str
) -> None:
    page = open_as(role)
    watch = Watch(page, connections["superset"]["url"])
    hidden, looks = ROLES[role]
    wrong: dict[str, list[str]] = {}
    for turn, (width, is_dark, locale) in enumerate(LOOKS[look] for look in looks):
        page.set_viewport_size({"width": width, "height": 900})
        dress(page, is_dark, locale)
        look = f"{width}-{'dark' if is_dark else 'light'}-{locale}"
        for number, address in enumerate(itertools.islice(addresses(role), turn, None, 2)):
            visit(page, address, is_loaded=number > 0)
            found = [*watch.take(), *wrong_with(page, width, locale)]
            if number == 0 and is_bright(page) == is_dark:
                found.append("drawn in the other theme")
            if address in JUDGED:
                found += serious(page, RUN)
                shot(page, f"{role}-{address.split('/')[2]}-{look}")
            if found:
                wrong[f"{address} {look}"] = found
        offered = page.locator("[data-testid^=nav-]").evaluate_all("all => all.map(one => one.dataset.testid.slice(4))")
        assert set(offered) == PLACES.keys() - hidden
    assert wrong == {}


def named_badly(answer: Any, names: Iterator[str], key: str = "") -> Any:
    """An answer of the API with other names for everything that people name."""
    if isinstance(answer, dict):
        return {name: named_badly(inner, names, name) for name, inner in answer.items()}
    if isinstance(answer, list):
        return [named_badly(inner, names, key) for inner in answer]
    return next(names) if isinstance(answer, str) and answer and NAMED.search(key) else answer


def test_names_like_code_and_names_without_end_are_text_on_every_page(
    open_as: Callable[..., Any], connections: dict[str, dict[str, str]], shot: Any
) -> None:
    page = open_as("admin", width=390, height=1600)
    watch = Watch(page, connections["superset"]["url"])

    def answer(route: Any) -> None:
        kept = route.fetch()
        route.fulfill(response=kept, json=named_badly(kept.json(), itertools.cycle(NAMES)))

    page.route(re.compile(r"/api/v1/kpi/(?!me/)"), answer)
    wrong: dict[str, list[str]] = {}
    for number, address in enumerate(addresses("admin")):
        visit(page, address, is_loaded=number > 0)
        found = [*watch.take(), *wrong_with(page, 390, "en")]
        if page.locator('#kpi-root :is(b, img[src="x"])').count():
            found.append("a name became an element")
        if found:
            wrong[address] = found
    shot(page, "named-badly")
    assert wrong == {}
