"""The diagnosis in a real browser: four steps in their order, from an open alert to the KPI's line, and the bundle."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.browser.test_accessibility import RUN, serious


@pytest.mark.parametrize(("width", "is_dark", "locale"), [(1440, False, "en"), (390, True, "zh")])
def test_the_steps_are_walked_from_an_alert_to_what_was_done(
    open_as: Callable[..., Any], shot: Any, width: int, is_dark: bool, locale: str
) -> None:
    page = open_as("viewer", width=width, height=900, is_dark=is_dark, locale=locale)
    page.goto("/kpi/diagnosis/")
    page.wait_for_selector('[data-testid="step-reviews"]')
    steps = page.locator('[data-testid^="step-"]')
    assert steps.evaluate_all("found => found.map(step => step.dataset.testid)") == [
        *("step-sources", "step-targets", "step-owners", "step-reviews"),
    ]
    assert page.locator('[data-testid="bundle"]').count() == 0
    page.goto("/kpi/diagnosis/?kpi=gmv&entity=account:aurora_us")
    page.wait_for_selector('[data-testid="action-chart"]')
    page.locator('[data-testid="streams-open"]').click()
    assert page.locator('[data-testid="stream"]').count() >= 1
    # The targets were approved when the demo was set up.
    assert page.locator('[data-testid="action-mark"]').count() >= 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert serious(page, RUN) == []
    assert page.script_errors == []
    shot(page, f"diagnosis-{width}-{'dark' if is_dark else 'light'}-{locale}")


def test_an_admin_takes_the_bundle(open_as: Callable[..., Any], connections: dict[str, dict[str, str]]) -> None:
    page = open_as("admin")
    page.goto("/kpi/diagnosis/")
    with page.expect_download() as download:
        page.locator('[data-testid="bundle"]').click()
    with zipfile.ZipFile(download.value.path()) as file:
        text = "".join(file.read(name).decode() for name in file.namelist())
    assert '"head"' in text
    mine = {name: entry for name, entry in connections.items() if name.startswith(("superset", "warehouse"))}
    assert [name for name, entry in mine.items() if entry["password"] in text] == []
