"""The upload page as its users see it: a file is recognised, looked through, handed over, and its end is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from demo.airflow import UPLOADS_DAG
from demo.http import JsonClient

HEAD = "date,from_currency,to_currency,rate\n"
GOOD = HEAD + "2024-02-01,SEK,USD,0.0961\n2024-02-02,SEK,USD,0.0957\n"
BAD = HEAD + "2024-02-01,SEK,USD,0.0961\n2024-02-02,SEK,USD,a lot\n"


def open_uploads(page: Any) -> Any:
    page.goto("/kpi/uploads/")
    page.wait_for_selector('[data-testid="uploads-page"]')
    account = page.locator("#kpi-upload-account")
    account.wait_for()
    account.fill("erp_main")
    account.press("Tab")
    return page


def choose(page: Any, folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    page.locator("input[type=file]").set_input_files(path)


def test_a_file_is_looked_through_loaded_and_its_end_is_told(
    open_as: Callable[..., Any], shot: Any, airflow: JsonClient, tmp_path: Path
) -> None:
    page = open_uploads(open_as("manager"))
    choose(page, tmp_path, "sek-broken.csv", BAD)
    page.wait_for_selector('[data-testid="upload-errors"]')
    assert "rate: 'a lot' is not an amount" in page.locator('[data-testid="upload-errors"]').inner_text()
    assert page.locator('[data-testid="upload-load"]').is_disabled()
    shot(page, "uploads-refused")
    choose(page, tmp_path, "sek.csv", GOOD)
    page.wait_for_selector('[data-testid="upload-sample"]')
    preview = page.locator('[data-testid="upload-preview"]').inner_text()
    assert "sek.csv: 2 rows, no errors" in preview
    assert "erp / fx_rates" in preview
    shot(page, "uploads-preview")
    page.locator('[data-testid="upload-load"]').click()
    page.locator('[data-testid="upload-history"]').get_by_text("sek.csv").first.wait_for()
    airflow.call("POST", f"/api/v2/dags/{UPLOADS_DAG}/dagRuns", {"logical_date": None})
    row = page.locator('[data-testid="upload-loaded"]').filter(has_text="sek.csv")
    row.first.wait_for(timeout=150_000)
    assert "2 rows loaded" in row.first.inner_text()
    assert page.script_errors == []
    shot(page, "uploads-loaded")


def test_the_page_fits_a_phone_in_the_dark_and_in_chinese(
    open_as: Callable[..., Any], shot: Any, tmp_path: Path
) -> None:
    page = open_uploads(open_as("manager", width=390, height=844, is_dark=True, locale="zh"))
    choose(page, tmp_path, "sek.csv", GOOD)
    page.wait_for_selector('[data-testid="upload-sample"]')
    assert "没有错误" in page.locator('[data-testid="upload-preview"]').inner_text()
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, "the page is wider than the phone"
    shot(page, "uploads-phone-dark-zh")
    assert page.script_errors == []


def test_who_may_not_load_is_not_shown_the_way(open_as: Callable[..., Any]) -> None:
    page = open_as("viewer")
    page.goto("/kpi/targets/")
    page.wait_for_selector('[data-testid="targets-page"]')
    assert page.locator('[data-testid="nav-uploads"]').count() == 0
    answer = page.goto("/kpi/uploads/")
    assert answer.status in (403, 404) or "/kpi/uploads" not in page.url
