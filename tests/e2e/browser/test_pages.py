"""The plugin's pages as people use them: propose, approve, see the status change; acknowledge an alert."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

ACCOUNT = "account:harbor_us"
QUERY = f"?grain=month&kpi=gmv&kind=account&q={ACCOUNT}"


def open_targets(page: Any, query: str = "") -> Any:
    page.goto(f"/kpi/targets/{query}")
    page.wait_for_selector('[data-testid="targets-page"][aria-busy="false"]')
    return page


def grid_row(page: Any, text: str) -> Any:
    return page.get_by_role("row").filter(has_text=text).first


def change_target(page: Any, row_text: str, value: str) -> None:
    """Type a new target into the grid, as with a spreadsheet, and save it as a draft."""
    cell = grid_row(page, row_text).locator('[data-testid="cell-target_value"]')
    cell.dblclick()
    editor = page.locator('[data-testid="cell-editor"]')
    editor.fill(value)
    editor.press("Enter")
    page.locator('[data-testid="save-draft"]').click()
    page.wait_for_selector('[data-testid="draft-bar"]')


def approve_all(page: Any) -> None:
    page.locator('[data-testid="approve"]').click()
    page.wait_for_selector('[data-testid="approve-dialog"]')
    page.locator('[data-testid="approve-confirm"]').click()
    page.wait_for_selector('[data-testid="approve-dialog"]', state="hidden")


def status_of(page: Any, row_text: str) -> str:
    return str(grid_row(page, row_text).locator('[data-testid="status"]').get_attribute("data-status"))


def test_a_changed_target_is_approved_and_changes_the_status_at_once(open_as: Callable[..., Any], shot: Any) -> None:
    owner = open_targets(open_as("owner"), QUERY)
    before = grid_row(owner, "Harbor US").locator('[data-testid="cell-target_value"]').inner_text()
    assert status_of(owner, "Harbor US") == "ok"
    change_target(owner, "Harbor US", "9000000")
    shot(owner, "targets-draft")
    assert owner.locator('[data-testid="approve"]').count() == 0, "an owner must not be offered to approve"

    manager = open_targets(open_as("manager"), QUERY)
    approve_all(manager)
    # The limits given with the first target stay; only the value in force and what is expected by today change.
    row = grid_row(manager, "Harbor US")
    row.get_by_text("9,000,000").first.wait_for()
    change_limits(manager)
    approve_all(manager)
    grid_row(manager, "Harbor US").locator('[data-testid="status"][data-status="breach"]').wait_for()
    shot(manager, "targets-approved")

    restore(manager, before)
    assert manager.script_errors == owner.script_errors == []


def change_limits(page: Any) -> None:
    for field in ("warn_limit", "breach_limit"):
        cell = grid_row(page, "Harbor US").locator(f'[data-testid="cell-{field}"]')
        cell.scroll_into_view_if_needed()
        cell.dblclick()
        editor = page.locator('[data-testid="cell-editor"]')
        editor.fill("8000000")
        editor.press("Enter")
    page.locator('[data-testid="save-draft"]').click()
    page.wait_for_selector('[data-testid="draft-bar"]')


def restore(page: Any, target: str) -> None:
    """Give the account its plan back, so that the other tests find the business as it was."""
    for field in ("warn_limit", "breach_limit"):
        cell = grid_row(page, "Harbor US").locator(f'[data-testid="cell-{field}"]')
        cell.scroll_into_view_if_needed()
        cell.dblclick()
        editor = page.locator('[data-testid="cell-editor"]')
        editor.fill("")
        editor.press("Enter")
    change_target(page, "Harbor US", re.sub(r"[^\d.]", "", target))
    approve_all(page)
    grid_row(page, "Harbor US").locator('[data-testid="status"][data-status="ok"]').wait_for()


def test_an_alert_is_acknowledged_in_the_inbox(open_as: Callable[..., Any], shot: Any) -> None:
    page = open_as("manager")
    page.goto("/kpi/alerts/")
    rows = page.locator('[data-testid="alert-row"]')
    rows.first.wait_for()
    assert rows.count() == 4
    shot(page, "alerts")
    page.locator('[data-testid="open-alert"]').first.click()
    page.wait_for_selector('[data-testid="alert-drawer"]')
    page.locator('[data-testid="ack-comment"]').fill("bids lowered, looking again on Monday")
    page.locator('[data-testid="acknowledge"]').click()
    page.locator('[data-testid="acknowledged"]').get_by_text("bids lowered").wait_for()
    shot(page, "alerts-acknowledged")
    assert page.script_errors == []


@pytest.mark.parametrize("page_name", ["targets", "alerts"])
@pytest.mark.parametrize("locale", ["en", "zh"])
@pytest.mark.parametrize("is_dark", [False, True])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_fit_every_width_theme_and_language(
    open_as: Callable[..., Any], shot: Any, page_name: str, locale: str, is_dark: bool, width: int
) -> None:
    page = open_as("viewer", width=width, height=900, is_dark=is_dark, locale=locale)
    page.goto(f"/kpi/{page_name}/")
    page.wait_for_selector(f'[data-testid="{page_name}-page"][aria-busy="false"]')
    content = {
        ("targets", 1440): "targets-grid",
        ("targets", 390): "targets-cards",
        ("alerts", 1440): "alerts-table",
        ("alerts", 390): "alerts-cards",
    }
    page.wait_for_selector(f'[data-testid="{content[page_name, width]}"]')
    page.wait_for_timeout(500)
    shot(page, f"{page_name}-{width}-{'dark' if is_dark else 'light'}-{locale}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
    background = page.evaluate("getComputedStyle(document.querySelector('[data-testid=kpi-app]')).backgroundColor")
    lightness = sum(int(part) for part in re.findall(r"\d+", background)[:3]) / 3
    assert (lightness < 110) == is_dark, background
    has_chinese = bool(re.search(r"[\u4e00-\u9fff]", page.locator("#kpi-root").inner_text()))
    assert has_chinese == (locale == "zh")
    assert page.script_errors == []


def test_the_page_hides_when_superset_goes_elsewhere_and_shows_again_on_back(open_as: Callable[..., Any]) -> None:
    page = open_targets(open_as("admin"))
    page.get_by_role("link", name="Dashboards").first.click()
    page.wait_for_url("**/dashboard/list/**")
    page.wait_for_selector('[data-testid="targets-page"]', state="hidden")
    page.go_back()
    page.wait_for_selector('[data-testid="targets-page"]', state="visible")
