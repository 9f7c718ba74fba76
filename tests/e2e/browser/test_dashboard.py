"""The dashboards in a browser: every chart drawn, none with an error; KPI overview wide and narrow, light and dark."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from superset_kpi_plugin.assets import bundle, source

#: A chart's card; the line of links to the glossary is Markdown, and not counted.
HOLDER = '[data-test="dashboard-component-chart-holder"]:not(.dashboard-markdown *)'
CHARTS = 12
ERRORS = '[role="alert"], .ant-alert-error, .missing-chart-container'
DRAWN = "canvas, table, .header-line"


BOARDS = {key: board for key, board in source.load().dashboards.items() if key != "kpi_overview"}


def open_dashboard(page: Any, seconds: float = 120) -> Any:
    """Open the dashboard and wait until no chart is loading for three looks in a row."""
    page.failures = []
    page.on("response", lambda answer: answer.status < 400 or page.failures.append(f"{answer.status} {answer.url}"))
    page.goto("/superset/dashboard/kpi-overview/")
    page.wait_for_selector(HOLDER)
    deadline, quiet = time.monotonic() + seconds, 0
    while quiet < 3:
        assert time.monotonic() < deadline, "charts are still loading"
        page.wait_for_timeout(700)
        is_drawn = page.locator(HOLDER).count() == CHARTS and page.locator(f"{HOLDER}:not(:has({DRAWN}))").count() == 0
        is_loading = page.locator(f'{HOLDER} [data-test="loading-indicator"]').count() > 0
        has_failed = page.locator(HOLDER).locator(ERRORS).count() > 0
        quiet = quiet + 1 if (is_drawn and not is_loading) or has_failed else 0
    return page


@pytest.mark.parametrize(
    ("user", "width", "is_dark"), [("viewer", 1440, False), ("admin", 1440, True), ("viewer", 390, False)]
)
def test_every_chart_is_drawn_without_an_error(
    open_as: Callable[..., Any], shot: Any, user: str, width: int, is_dark: bool
) -> None:
    # Charts are loaded when they come into view; a window as tall as the dashboard shows all of them.
    page = open_dashboard(open_as(user, width=width, height=2400 if width > 600 else 6000, is_dark=is_dark))
    shot(page, f"dashboard-{width}-{'dark' if is_dark else 'light'}")
    assert page.locator(HOLDER).locator(ERRORS).all_inner_texts() == []
    assert page.locator(HOLDER).count() == CHARTS
    assert page.failures == []
    assert page.script_errors == []


def test_headlines_show_figures_and_the_ad_groups_over_their_line_come_first(
    open_as: Callable[..., Any], superset: Callable[[str], Any], sandbox: Any
) -> None:
    page = open_dashboard(open_as("viewer", height=2400))
    headlines = page.locator(f"{HOLDER} .header-line").all_inner_texts()
    assert len(headlines) == 6
    assert all(any(letter.isdigit() for letter in text) for text in headlines), headlines
    cards = {card["kpi_id"]: card for card in superset("viewer").call("GET", "/api/v1/kpi/home/?edition=boss")["kpis"]}
    assert f"${Decimal(cards['gmv']['value']):,.0f}" in headlines, "Home shows another figure"
    assert f"{Decimal(cards['orders']['value']):,}" in headlines, "Home shows another figure"
    holder = page.locator(HOLDER).filter(has_text="ACoS line")
    text = holder.first.inner_text()
    month = sandbox.call("GET", "/sandbox/health")["last_day"][:8] + "01"
    path = f"/api/v1/kpi/targets/?grain=month&period_start={month}&kpi_id=acos&entity_kind=ad_group&page_size=500"
    statuses = [row["status"]["status"] for row in superset("viewer").call("GET", path)["result"]]
    assert set(statuses) <= {"ok", "warn", "breach", "provisional"}
    # Early in a month ad sales are not settled, and nothing is judged yet.
    assert statuses.count("breach") == (0 if "provisional" in statuses else 3)
    assert text.count("Off target") == statuses.count("breach"), text[:800]


def charts_by_tab(key: str) -> dict[str, int]:
    """How many charts each tab of a dashboard holds, by the tab's title, in the layout's order."""
    position = BOARDS[key].config["position"]
    items = bundle.chart_items(position)
    return {
        position[tab]["meta"]["text"]: sum(tab in item["parents"] for item in items)
        for tab in position["TABS-main"]["children"]
    }


def open_tab(page: Any, number: int, title: str, wanted: int) -> Any:
    """The charts of a tab of the dashboard that is open, once all are drawn or one has failed."""
    # A tab's accessible name holds that of its link too, so the place in the row tells it.
    page.locator('[role="tab"]').nth(number).click()
    shown = page.locator(f"{HOLDER}:visible")
    deadline, quiet = time.monotonic() + 120, 0
    while quiet < 2:
        assert time.monotonic() < deadline, f"{title}: {shown.count()} of {wanted} charts, or some are still loading"
        page.wait_for_timeout(500)
        is_drawn = shown.count() == wanted and page.locator(f"{HOLDER}:visible:not(:has({DRAWN}))").count() == 0
        is_loading = page.locator(f'{HOLDER}:visible [data-test="loading-indicator"]').count() > 0
        has_failed = shown.locator(ERRORS).count() > 0
        quiet = quiet + 1 if (is_drawn and not is_loading) or has_failed else 0
    return shown


@pytest.mark.parametrize("key", BOARDS)
def test_every_tab_of_every_dashboard_is_drawn_without_an_error(
    open_as: Callable[..., Any], shot: Any, key: str
) -> None:
    page = open_as("viewer", height=2600)
    page.failures = []
    page.on("response", lambda answer: answer.status < 400 or page.failures.append(f"{answer.status} {answer.url}"))
    page.goto(f"/superset/dashboard/{BOARDS[key].config['slug']}/")
    for number, (title, wanted) in enumerate(charts_by_tab(key).items()):
        shown = open_tab(page, number, title, wanted)
        shot(page, f"dashboard-{key}-{number}")
        assert shown.locator(ERRORS).all_inner_texts() == [], title
        if (key, number) == ("kpi_sales", 0):
            assert_clicks_filter(page, wanted)
            shot(page, "dashboard-cross-filter")
    assert page.failures == []
    assert page.script_errors == []


def assert_clicks_filter(page: Any, charts: int) -> None:
    """A row of the table *Accounts* filters every other chart of the tab, a bar of a mixed chart breaks none."""
    asked: list[dict[str, Any]] = []
    page.on("request", lambda request: "/api/v1/chart/data" in request.url and asked.append(request.post_data_json))
    click_a_bar(page, card_of(page, "GMV by month and account"))
    page.wait_for_timeout(1000)
    filters = [one for context in asked for query in context["queries"] for one in query["filters"]]
    assert all(one.get("val", True) for one in filters), filters
    assert page.locator(f"{HOLDER}:visible").locator(ERRORS).all_inner_texts() == []
    asked.clear()
    row = card_of(page, "Accounts").locator("tbody tr").first
    account, gmv = row.locator("td").first, row.locator("td").nth(2).inner_text()
    name = account.inner_text()
    account.click()
    headline = card_of(page, "GMV").locator(".header-line").get_by_text(gmv.split(".")[0])
    headline.wait_for(timeout=60_000)
    deadline = time.monotonic() + 60
    while len(asked) < charts - 1:
        assert time.monotonic() < deadline, f"{len(asked)} charts were asked anew"
        page.wait_for_timeout(200)
    for context in asked:
        for query in context["queries"]:
            assert {"col": "account_name", "op": "IN", "val": [name]}.items() <= filter_by(
                "account_name", query
            ).items()


def filter_by(column: str, query: dict[str, Any]) -> dict[str, Any]:
    """The query's filter on a column."""
    return next((one for one in query["filters"] if one["col"] == column), {})


def card_of(page: Any, name: str) -> Any:
    """A chart's card by its title."""
    title = page.locator('[data-test="editable-title"]').get_by_text(name, exact=True)
    return page.locator(f"{HOLDER}:visible").filter(has=title).first


def click_a_bar(page: Any, card: Any) -> None:
    """Click where the pointer shows that something can be clicked: a bar, which the canvas doesn't name."""
    card.scroll_into_view_if_needed()
    box = card.locator("canvas").first.bounding_box()
    pointed = card.locator("div:has(> canvas)").first
    for x in range(int(box["width"] * 0.3), int(box["width"] * 0.9), 6):
        page.mouse.move(box["x"] + x, box["y"] + box["height"] * 0.8)
        if pointed.evaluate("box => box.style.cursor") == "pointer":
            page.mouse.click(box["x"] + x, box["y"] + box["height"] * 0.8)
            return
    pytest.fail("no bar was found in the chart")
