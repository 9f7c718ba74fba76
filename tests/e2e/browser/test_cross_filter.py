"""A click on a dashboard filters its other charts: what they ask carries the filter, and what they show is filtered."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.e2e.browser.test_dashboard import ERRORS, HOLDER, charts_by_tab, open_tab
from tests.e2e.truth import truth_after_regular_runs

SALES = "kpi_sales"
TABLE, BARS, HEADLINE = "Accounts", "GMV by month and account", "GMV"
STEP = 6


def test_a_row_of_a_table_filters_the_other_charts(
    sales: Any, account_names: dict[str, str], gmv: dict[str, Decimal], shot: Any
) -> None:
    assert headline(sales) == dollars(gmv["company"])
    account = max(account_names, key=lambda one: gmv.get(one, Decimal(0)))
    cell = chart(sales, TABLE).get_by_role("cell", name=account_names[account], exact=True)
    asked = after(sales, cell.click)
    assert filters_of(asked) == {(name, account_names[account]) for name in others(sales, TABLE)}
    assert headline(sales) == dollars(gmv[account])
    shot(sales, "dashboard-cross-filter-row")
    asked = after(sales, cell.click)  # again, and the filter is gone
    assert filters_of(asked) == set()
    assert headline(sales) == dollars(gmv["company"])


def test_a_bar_filters_the_other_charts(
    sales: Any, account_names: dict[str, str], gmv: dict[str, Decimal], shot: Any
) -> None:
    asked = after(sales, lambda: click_a_bar(sales, chart(sales, BARS)))
    filtered = filters_of(asked)
    ((account, name),) = {(key, name) for key, name in account_names.items() if name in dict(map(reversed, filtered))}
    assert filtered == {(other, name) for other in others(sales, BARS)}
    assert headline(sales) == dollars(gmv[account])
    shot(sales, "dashboard-cross-filter-bar")


@pytest.fixture
def sales(open_as: Callable[..., Any]) -> Any:
    """The dashboard's first tab, drawn; ``page.asked`` collects what its charts ask for."""
    page = open_as("viewer", height=2600)
    page.asked = []
    page.on(
        "request", lambda request: "/api/v1/chart/data" in request.url and page.asked.append(request.post_data_json)
    )
    page.goto("/superset/dashboard/kpi-sales/")
    title, count = next(iter(charts_by_tab(SALES).items()))
    shown = open_tab(page, 0, title, count)
    assert shown.locator(ERRORS).all_inner_texts() == []
    return page


@pytest.fixture(scope="module")
def account_names(superset: Callable[[str], Any]) -> dict[str, str]:
    """Accounts' names by their entity id."""
    rows = superset("viewer").call("GET", "/api/v1/kpi/entities/?kind=account&page_size=500")["result"]
    return {row["entity_id"]: row["entity_name"] for row in rows}


@pytest.fixture(scope="module")
def gmv(sandbox: Any) -> dict[str, Decimal]:
    """The true GMV of the month that the dashboard opens with, of the company and of each account."""
    month = sandbox.call("GET", "/sandbox/health")["last_day"][:8] + "01"
    return {
        row["entity_id"]: Decimal(row["value"])
        for row in truth_after_regular_runs(sandbox)
        if row["kpi_id"] == "gmv" and row["period_start"] == month and row["entity_kind"] in ("company", "account")
    }


def chart(page: Any, name: str) -> Any:
    """A chart's card by its title."""
    title = page.locator('[data-test="editable-title"]').get_by_text(name, exact=True)
    return page.locator(f"{HOLDER}:visible").filter(has=title).first


def headline(page: Any) -> str:
    return chart(page, HEADLINE).locator(".header-line").inner_text()


def dollars(amount: Decimal) -> str:
    return f"${amount:,.0f}"


def after(page: Any, act: Callable[[], Any]) -> list[dict[str, Any]]:
    """What the charts ask for because of an action, once all have answered."""
    page.asked.clear()
    act()
    deadline, quiet = time.monotonic() + 120, 0
    while quiet < 3:
        assert time.monotonic() < deadline, "charts are still loading, or nothing was asked"
        before = len(page.asked)
        page.wait_for_timeout(700)
        is_loading = page.locator(f'{HOLDER}:visible [data-test="loading-indicator"]').count() > 0
        quiet = quiet + 1 if page.asked and len(page.asked) == before and not is_loading else 0
    assert page.locator(f"{HOLDER}:visible").locator(ERRORS).all_inner_texts() == []
    return list(page.asked)


def filters_of(asked: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Chart and account of each filter by account; every query of a chart carries it, or none does."""
    found = set()
    for context in asked:
        carried = [
            {value for item in query["filters"] if item["col"] == "account_name" for value in item["val"]}
            for query in context["queries"]
        ]
        assert all(values == carried[0] for values in carried), context["form_data"]["slice_name"]
        found |= {(context["form_data"]["slice_id"], value) for value in carried[0]}
    return found


def others(page: Any, name: str) -> Iterator[int]:
    """The numbers of the tab's charts but one."""
    for card in page.locator(f"{HOLDER}:visible [data-test-chart-id]").all():
        if card.get_attribute("data-test-chart-name") != name:
            yield int(card.get_attribute("data-test-chart-id"))


def click_a_bar(page: Any, card: Any) -> None:
    """Click where the pointer shows that something can be clicked: a bar, which the canvas doesn't name."""
    card.scroll_into_view_if_needed()
    box = card.locator("canvas").first.bounding_box()
    pointed = card.locator("div:has(> canvas)").first
    for x in range(int(box["width"] * 0.3), int(box["width"] * 0.9), STEP):
        page.mouse.move(box["x"] + x, box["y"] + box["height"] * 0.8)
        if pointed.evaluate("box => box.style.cursor") == "pointer":
            page.mouse.click(box["x"] + x, box["y"] + box["height"] * 0.8)
            return
    pytest.fail("no bar was found in the chart")
