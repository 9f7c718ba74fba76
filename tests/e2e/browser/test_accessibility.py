"""axe-core on the targets' pages in a real browser: light and dark, English and Chinese, both widths."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.browser.conftest import LOOKS

AXE = Path(__file__).resolve().parents[3] / "superset_kpi_plugin/ui/node_modules/axe-core/axe.min.js"
#: Superset's own navbar is not ours to judge.
RUN = "axe.run(document.getElementById('kpi-root'), {resultTypes: ['violations']})"
#: Drawers and dialogs stand beside the page's root.
RUN_OVERLAY = "axe.run(document.querySelector('.kpi-drawer, .kpi-modal'), {resultTypes: ['violations']})"

#: The other pages about targets, and what shows once each has its data. The guide's last step writes nothing by itself.
BESIDE = (
    ("/kpi/targets/?view=year", "year-table"),
    ("/kpi/targets/?view=manual", "manual"),
    ("/kpi/targets/?view=objectives", "objectives"),
    ("/kpi/setup/?step=problems", "setup-problems"),
    ("/kpi/setup/?step=targets", "setup-counts"),
)


def serious(page: Any, run: str) -> list[str]:
    """Each serious or critical fault with the first element that has it."""
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(run)["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found if one["impact"] in ("serious", "critical")]


@pytest.mark.parametrize(("width", "is_dark", "locale"), LOOKS)
def test_axe_finds_no_serious_fault(open_as: Callable[..., Any], width: int, is_dark: bool, locale: str) -> None:
    page = open_as("manager", width=width, height=900, is_dark=is_dark, locale=locale)
    page.goto("/kpi/targets/?view=plan")
    page.wait_for_selector('[data-testid="targets-page"][aria-busy="false"]')
    page.wait_for_selector('[data-testid="plan-grid"]' if width > 390 else '[data-testid="targets-cards"]')
    page.wait_for_timeout(500)
    assert serious(page, RUN) == []
    page.locator('[data-testid="open-node"], [data-testid="target-card"]').first.click()
    page.wait_for_selector('[data-testid="target-drawer"]')
    page.wait_for_timeout(800)
    assert serious(page, RUN_OVERLAY) == []
    page.keyboard.press("Escape")
    page.locator('[data-testid="open-lint"]').click()
    page.wait_for_selector('[data-testid="lint"]')
    page.wait_for_timeout(800)
    assert serious(page, RUN_OVERLAY) == []
    for address, marker in BESIDE if width == 390 else ():  # the same document at either width
        page.goto(address)
        page.wait_for_selector(f'[data-testid="{marker}"]')
        page.wait_for_selector('[data-testid="state-loading"]', state="detached")
        page.wait_for_timeout(500)  # buttons change their colours slowly, and one may just have become enabled
        assert serious(page, RUN) == [], address
    assert page.script_errors == []
