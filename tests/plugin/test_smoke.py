"""The plugin starts in a real Superset, and answers."""

from __future__ import annotations

from typing import Any


def test_the_catalogue_is_read_from_the_warehouse(viewer: Any, clean: Any) -> None:
    answer = viewer.get("catalogue/")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert [row["kpi_id"] for row in answer.get_json()["result"]] == ["gmv", "units", "conversion_rate", "acos"]


def test_the_page_stands_in_supersets_chrome(viewer: Any) -> None:
    page = viewer.get("/kpi/targets/")
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert text.index('id="app"') < text.index('id="kpi-root"')
    assert 'data-page="targets"' in text
