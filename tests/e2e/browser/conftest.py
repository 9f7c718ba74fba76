"""A real Chromium on the running demo, as one of its users."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = os.environ.get("KPI_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
LOGIN_ATTEMPTS = 3
ROOT = Path(__file__).resolve().parents[3]
SHOTS = ROOT / ".test" / "screenshots"
#: The guide's pictures, which a run with KPI_GUIDE_SHOTS=1 draws anew.
GUIDE = ROOT / "docs" / "guide" / "img"
GUIDE_WIDTH, GUIDE_COLOURS = 1200, 96
#: Every width, theme and language, and every two of them together.
LOOKS = [(1440, False, "en"), (1440, True, "zh"), (390, False, "zh"), (390, True, "en")]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's chromium, headless."""
    if not CHROMIUM:
        pytest.fail("chromium is not installed: `apt-get install chromium`, or set KPI_CHROMIUM to its path")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def open_as(browser: Any, connections: dict[str, dict[str, str]]) -> Iterator[Callable[..., Any]]:
    """Log in through Superset's own form, once per user and language, and return a page in a window of its own."""
    contexts: list[Any] = []
    sessions: dict[tuple[str, str], Any] = {}

    def open_as(user: str, width: int = 1440, height: int = 1000, is_dark: bool = False, locale: str = "en") -> Any:
        entry = connections["superset" if user == "admin" else f"superset_{user}"]
        context = browser.new_context(
            base_url=entry["url"],
            viewport={"width": width, "height": height},
            color_scheme="dark" if is_dark else "light",
            storage_state=sessions.get((user, locale)),
        )
        contexts.append(context)
        # Also in light: the session may have been stored in the dark. Not in a sandboxed frame, which has no storage.
        mode = "dark" if is_dark else "default"
        context.add_init_script(f"if (window === top) localStorage.setItem('superset-theme-mode', '{mode}')")
        page = context.new_page()
        page.set_default_timeout(60_000)
        if (user, locale) not in sessions:
            log_in(page, user, entry["password"], locale)
            sessions[user, locale] = context.storage_state()
        page.script_errors = []
        page.on("pageerror", lambda error: page.script_errors.append(str(error)))
        return page

    yield open_as
    for context in contexts:
        context.close()


def log_in(page: Any, user: str, password: str, locale: str) -> None:
    """Fill in Superset's login form, and choose the language as its menu does.

    The form is drawn by a script that forgets what was typed before it has run to its end, and a press of its button
    then sends nothing: the whole form is filled in again until the session has begun.
    """
    from playwright.sync_api import TimeoutError as Late

    for attempt in range(1, LOGIN_ATTEMPTS + 1):
        page.goto("/login/", wait_until="networkidle")
        if "/login" not in page.url:
            break  # the session had begun, late
        page.get_by_label("Username").fill(user)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        try:
            page.wait_for_url("**/superset/welcome/", wait_until="commit", timeout=20_000)
            break
        except Late:
            if attempt == LOGIN_ATTEMPTS:
                raise
    if locale != "en":
        speak(page, locale)


def speak(page: Any, locale: str) -> None:
    """Choose the session's language, as the menu's flags do, without drawing the page that these lead to."""
    page.request.get(f"/lang/{locale}", max_redirects=0)


@pytest.fixture
def shot() -> Callable[[Any, str], None]:
    """Keep a picture of a page in .test/screenshots, for people to look at."""
    SHOTS.mkdir(parents=True, exist_ok=True)

    def take(page: Any, name: str) -> None:
        page.screenshot(path=str(SHOTS / f"{name}.png"))

    return take


@pytest.fixture
def guide_shot(shot: Callable[[Any, str], None]) -> Callable[[Any, str, str], None]:
    """Keep a picture that the guide shows, in one of its languages; with KPI_GUIDE_SHOTS=1 in the guide itself.

    Its name is written out at the call, because tests/plugin/test_user_guide.py reads there which pictures are taken.
    """

    def take(page: Any, name: str, locale: str) -> None:
        shot(page, f"guide-{name}-{locale}")
        if os.environ.get("KPI_GUIDE_SHOTS") != "1":
            return
        from PIL import Image

        GUIDE.mkdir(parents=True, exist_ok=True)
        with Image.open(SHOTS / f"guide-{name}-{locale}.png") as taken:
            size = (GUIDE_WIDTH, round(taken.height * GUIDE_WIDTH / taken.width))
            small = taken.convert("RGB").resize(size, Image.Resampling.LANCZOS)
        small.quantize(GUIDE_COLOURS, dither=Image.Dither.NONE).save(GUIDE / f"{name}.{locale}.png", optimize=True)

    return take
