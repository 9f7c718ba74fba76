"""The reports page as its users see it: read, comment, release, take away, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.browser.conftest import LOOKS
from tests.e2e.browser.test_accessibility import RUN, serious


def open_report(page: Any, name: str) -> Any:
    page.goto("/kpi/reports/")
    page.locator(".kp-reports__item").filter(has_text=name).first.click()
    page.wait_for_selector('[data-testid="report-frame"]')
    return page.frame_locator('[data-testid="report-frame"]')


@pytest.mark.parametrize(("width", "is_dark", "locale"), LOOKS)
def test_a_report_is_read_everywhere(
    open_as: Callable[..., Any], shot: Any, width: int, is_dark: bool, locale: str
) -> None:
    page = open_as("viewer", width=width, height=900, is_dark=is_dark, locale=locale)
    frame = open_report(page, "Company by week")
    frame.get_by_text("Key figures").wait_for()
    assert page.locator('[data-testid="report-release"]').count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.wait_for_timeout(500)
    assert serious(page, RUN) == []
    assert page.script_errors == []
    shot(page, f"reports-{width}-{'dark' if is_dark else 'light'}-{locale}")


def test_a_report_is_commented_on_and_released(open_as: Callable[..., Any], shot: Any) -> None:
    page = open_as("manager")
    frame = open_report(page, "公司周报")
    frame.get_by_text("关键指标").wait_for()
    page.locator("#report-commentary").fill("黑五 <b>活动</b>提前一周")
    page.locator('[data-testid="report-comment"]').click()
    frame.get_by_text("黑五 <b>活动</b>提前一周").wait_for()
    with page.expect_download() as download:
        page.locator('[data-testid="report-xlsx"]').click()
    assert download.value.suggested_filename.endswith(".xlsx")
    shot(page, "reports-commentary")
    page.locator('[data-testid="report-release"]').click()
    page.locator(".kpi-popover").get_by_role("button", name="Release and send").click()
    page.get_by_text("Released by manager").wait_for()
    assert page.locator("#report-commentary").count() == 0
    assert page.script_errors == []
