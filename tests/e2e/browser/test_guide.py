"""The pictures of the user guide (docs/guide), taken where its reader would look; KPI_GUIDE_SHOTS=1 renews them."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from superset_kpi_plugin.assets.editions import slug
from tests.e2e.browser.conftest import speak
from tests.e2e.browser.test_dashboard import charts_by_tab, open_tab


def open_page(page: Any, address: str, wanted: str) -> Any:
    """The page once it has drawn what is wanted of it and asks for nothing more."""
    page.goto(address)
    page.wait_for_selector(f'[data-testid="{wanted}"]')
    page.wait_for_selector('[aria-busy="true"]', state="hidden")
    page.wait_for_timeout(500)
    return page


def test_the_guides_pictures_can_be_taken(
    open_as: Callable[..., Any], guide_shot: Callable[[Any, str, str], None]
) -> None:
    manager, owner, admin = (open_as(user, height=960) for user in ("manager", "owner", "admin"))
    # Which texts a language has is tested elsewhere; one is enough to know that the way to each picture is there.
    for locale in ("en", "zh") if os.environ.get("KPI_GUIDE_SHOTS") == "1" else ("en",):
        for page in (manager, owner, admin):
            speak(page, locale)
        of_the_manager(manager, guide_shot, locale)
        of_the_owner(owner, guide_shot, locale)
        of_the_data_engineer(admin, guide_shot, locale)
    assert manager.script_errors == owner.script_errors == admin.script_errors == []


def of_the_manager(page: Any, guide_shot: Callable[[Any, str, str], None], locale: str) -> None:
    """Home, targets, a report; and a difference, which is finance's."""
    guide_shot(open_page(page, "/kpi/home/", "home-kpis"), "home", locale)
    guide_shot(open_page(page, "/kpi/targets/?kind=account&view=list", "targets-grid"), "targets", locale)
    page.goto("/kpi/reports/")
    name = "Company by week" if locale == "en" else "公司周报"
    page.locator(".kp-reports__item").filter(has_text=name).first.click()
    frame = page.frame_locator('[data-testid="report-frame"]')
    frame.get_by_text("Key figures" if locale == "en" else "关键指标").wait_for()
    guide_shot(page, "report", locale)
    open_page(page, "/kpi/reconciliation/?line=sales", "differences-table")
    page.locator('[data-testid="open-difference"]').first.click()
    page.locator('[data-testid="difference-items"]').wait_for()
    page.wait_for_timeout(500)
    guide_shot(page, "difference", locale)


def of_the_owner(page: Any, guide_shot: Callable[[Any, str, str], None], locale: str) -> None:
    """The accounts, and an alert that is open."""
    guide_shot(open_page(page, "/kpi/home/?edition=owner", "home-groups"), "my-accounts", locale)
    open_page(page, "/kpi/alerts/?kpi=acos", "alert-row").locator('[data-testid="open-alert"]').first.click()
    page.wait_for_selector('[data-testid="alert-chart"]')
    page.wait_for_timeout(800)
    guide_shot(page, "alert", locale)


def of_the_data_engineer(page: Any, guide_shot: Callable[[Any, str, str], None], locale: str) -> None:
    """Where a fault is looked for."""
    guide_shot(open_page(page, "/kpi/diagnosis/", "diagnosis-path"), "diagnosis", locale)
    page.goto(f"/superset/dashboard/{slug('kpi-data-health', locale)}/")
    # Charts are loaded when they come into view.
    page.set_viewport_size({"width": 1440, "height": 2600})
    open_tab(page, 0, *next(iter(charts_by_tab("kpi_data_health").items())))
    page.set_viewport_size({"width": 1440, "height": 960})
    page.wait_for_timeout(500)
    guide_shot(page, "data-health", locale)
