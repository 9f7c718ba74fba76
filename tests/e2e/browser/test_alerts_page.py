"""The alerts page as its users see it: an alert that is opened, the rules, a rule that is tried before it is saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.browser.conftest import LOOKS
from tests.e2e.browser.test_accessibility import RUN, RUN_OVERLAY, serious

#: The silence's drawer lies over the alert's.
RUN_SILENCE = RUN_OVERLAY.replace(".kpi-drawer", ".kpi-drawer:has([data-testid=silence-covers])")


@pytest.mark.parametrize(("width", "is_dark", "locale"), LOOKS)
def test_an_alert_and_the_rules_are_read_everywhere(
    open_as: Callable[..., Any], shot: Any, width: int, is_dark: bool, locale: str
) -> None:
    look = f"{width}-{'dark' if is_dark else 'light'}-{locale}"
    page = open_as("manager", width=width, height=1000, is_dark=is_dark, locale=locale)
    page.goto("/kpi/alerts/?state=all&kpi=acos")  # one with a history; the newest are stock levels, which have none
    page.locator('[data-testid="alert-row"], [data-testid="alert-card"]').first.click()
    page.wait_for_selector('[data-testid="alert-chart"]')
    page.wait_for_selector('[data-testid="alert-actions"]')
    page.wait_for_timeout(800)
    assert serious(page, RUN_OVERLAY) == []
    shot(page, f"alert-{look}")
    page.goto("/kpi/alerts/?tab=rules")
    page.wait_for_selector('[data-testid="rules"]')
    page.wait_for_timeout(400)
    assert serious(page, RUN) == []
    assert page.locator('[data-testid="rule-new"]').count() == 0  # rules are the administrators'
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.script_errors == []


def test_a_rule_is_tried_before_it_is_saved(open_as: Callable[..., Any], shot: Any) -> None:
    page = open_as("admin")
    page.goto("/kpi/alerts/?tab=rules")
    rule = page.locator("li").filter(has_text="Ad group over its ACoS line")
    rule.get_by_role("button", name="Change the rule").click()
    page.locator('[data-testid="rule-backtest"]').click()
    shown = page.locator('[data-testid="backtest"]')
    shown.wait_for()
    assert "It would have fired" in shown.inner_text()
    page.wait_for_timeout(500)
    assert serious(page, RUN_OVERLAY) == []
    shot(page, "rule-backtest")
    page.keyboard.press("Escape")
    assert page.script_errors == []


def test_inbox_packs_and_a_silence_are_worked_by_keyboard_alone(open_as: Callable[..., Any], shot: Any) -> None:
    page = open_as("admin", locale="en")
    page.goto("/kpi/alerts/?state=all&group=rule")
    page.wait_for_selector('[data-testid="alert-group-title"]')
    page.locator('[data-testid="alert-search"]').focus()
    page.keyboard.type("aurora")
    page.wait_for_url("**q=aurora**")
    page.wait_for_selector('[data-testid="alert-inbox"][aria-busy="false"]')
    assert serious(page, RUN) == []
    shot(page, "alerts-grouped")

    page.goto("/kpi/alerts/?tab=packs")
    page.locator('[data-testid="pack-open-margin"]').press("Enter")
    page.wait_for_selector('[data-testid="pack-rule"]')
    page.wait_for_timeout(500)
    assert serious(page, RUN_OVERLAY) == []
    shot(page, "alerts-pack")
    page.keyboard.press("Escape")

    page.goto("/kpi/alerts/?state=all")
    page.locator('[data-testid="open-alert"]').first.press("Enter")
    page.locator('[data-testid="silence-alike"]').press("Enter")
    page.wait_for_selector('[data-testid="silence-covers"]')
    page.locator('[data-testid="silence-for-240"]').press("Enter")
    page.get_by_label("Why").press_sequentially("Counted by the browser's test")
    page.wait_for_timeout(500)
    assert serious(page, RUN_SILENCE) == []
    page.locator('[data-testid="silence-save"]').press("Enter")
    page.wait_for_selector('[data-testid="silence-covers"]', state="detached")

    page.goto("/kpi/alerts/?tab=silences")
    made = page.locator("li").filter(has_text="Counted by the browser's test").first
    made.wait_for()
    assert serious(page, RUN) == []
    made.get_by_role("button", name="End now").press("Enter")
    page.get_by_role("tooltip").get_by_role("button", name="End now").press("Enter")
    page.locator('section[aria-label="Ended"] li').filter(has_text="Counted by the browser's test").first.wait_for()
    assert page.script_errors == []
