"""Home, glossary and differences as people use them: read what stands elsewhere too, follow a link, sign off."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.e2e.browser.test_accessibility import RUN_OVERLAY, serious

CARD = '[data-testid="home-card"]'


@pytest.fixture(scope="module")
def warehouse(connections: dict[str, dict[str, str]]) -> Callable[..., list[tuple[Any, ...]]]:
    """Run one SELECT on the warehouse."""
    import psycopg2

    def read(sql: str, *params: Any) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(connections["warehouse"]["url"])
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, params)
                return list(cursor.fetchall())
        finally:
            connection.close()

    return read


def test_home_stands_in_the_menu_and_says_what_the_targets_page_says(
    open_as: Callable[..., Any], superset: Callable[[str], Any], warehouse: Any
) -> None:
    page = open_as("manager", width=2000)
    page.goto("/superset/welcome/")
    page.locator("#app .ant-menu-submenu-title, #app button").filter(has_text="KPI").first.hover()
    page.get_by_role("link", name="Home", exact=True).first.click()
    page.wait_for_selector(CARD)
    api = superset("manager")
    cards = api.call("GET", "/api/v1/kpi/home/")["kpis"]
    assert 3 <= len(cards) <= 5
    for card in cards:
        where = f"grain={card['grain']}&period_start={card['period_start']}&kpi={card['kpi_id']}&page_size=500"
        rows = api.call("GET", f"/api/v1/kpi/targets/?{where}")["result"]
        (row,) = [row for row in rows if row["entity_id"] == card["entity_id"] and row["kpi_id"] == card["kpi_id"]]
        figures = ("value", "attainment", "expected_value", "gap", "status", "covered_through", "is_settled")
        assert {name: card[name] for name in figures} == {name: row["status"][name] for name in figures}
        place = (card["kpi_id"], card["entity_kind"], card["entity_id"], card["grain"], card["period_start"])
        ((value,),) = warehouse(
            "select value from kpi.kpi_values where (kpi_id, entity_kind, entity_id, grain) = (%s, %s, %s, %s) "
            "and period_start = %s",
            *place,
        )
        assert Decimal(card["value"]) == value
    gmv = page.locator(f'{CARD}[data-kpi="gmv"]')
    shown = gmv.locator(".kp-card__value").inner_text()
    gmv.locator(".kp-homecard__entity").click()
    row = page.get_by_role("row").filter(has_text="Company").first
    row.wait_for()
    assert shown in row.inner_text(), "the targets page shows another figure"
    assert page.script_errors == []


def test_a_kpis_name_leads_to_its_entry_of_the_glossary(open_as: Callable[..., Any]) -> None:
    page = open_as("owner")
    page.goto("/kpi/home/?edition=owner")
    card = page.locator(CARD).last
    card.wait_for()
    kpi = card.get_attribute("data-kpi")
    assert page.locator('[data-testid="home-group"]').count() > 0, "the owner has accounts"
    card.locator('[data-testid="kpi-name"]').first.click()
    entry = page.locator(f'[data-testid="glossary-{kpi}"]')
    entry.and_(page.locator('[data-open="true"]')).wait_for()
    for _ in range(2):
        # In view, also after Superset has loaded that address anew and drawn itself at its own time.
        page.wait_for_function("id => Math.abs(document.getElementById(id).getBoundingClientRect().top) < 120", arg=kpi)
        page.reload(wait_until="networkidle")
    page.locator('[data-testid="glossary-search"]').fill("广告花费")
    page.locator('[data-testid="glossary-ad_cost"]').wait_for()
    assert page.script_errors == []


def test_a_difference_is_signed_off_and_stays_in_the_list(
    open_as: Callable[..., Any], shot: Any, superset: Callable[[str], Any], warehouse: Any
) -> None:
    found = superset("manager").call("GET", "/api/v1/kpi/reconciliation/?page_size=1000")["result"]
    theirs = warehouse(
        "select reconciliation_id, platform_amount, erp_amount, difference, state from kpi.kpi_reconciliation "
        "where is_current and grain = 'month' and state not in ('matched', 'within_tolerance', 'not_comparable')"
    )
    names = ("platform_amount", "erp_amount", "difference")
    ours = {
        (row["reconciliation_id"], *(None if row[name] is None else Decimal(row[name]) for name in names), row["state"])
        for row in found
    }
    assert ours == set(theirs)
    assert found, "the simulated ERP differs in planted places"

    page = open_as("manager")
    page.goto("/kpi/reconciliation/?line=fees")
    row = page.locator('[data-testid="difference-row"]').filter(has_text="Harbor US").first
    row.locator('[data-testid="open-difference"]').click()
    page.locator('[data-testid="difference-items"]').wait_for()
    page.locator("#say-reason_code").click()
    page.get_by_title("Fee not booked yet").click()
    page.locator('[data-testid="say-note"]').fill("The invoice comes next week")
    page.wait_for_timeout(500)
    assert serious(page, RUN_OVERLAY) == []
    page.locator('[data-testid="difference-sign"]').click()
    page.locator('[data-testid="difference-record"]').get_by_text("The invoice comes next week").first.wait_for()
    shot(page, "difference-signed")
    row.locator('[data-testid="difference-standing"][data-status="signed"]').wait_for()
    # Taken back, so that the other tests find the books as they were.
    page.locator('[data-testid="difference-withdraw"]').first.click()
    page.locator(".kpi-popover").get_by_role("button", name="Take back").click()
    row.locator('[data-testid="difference-standing"][data-status="open"]').wait_for()
    assert page.script_errors == []
