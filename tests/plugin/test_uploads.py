"""Uploads through the API: looked through first, refused with each row's error, handed over whole."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.plugin.conftest import error_of

GOOD = b"sku,valid_from,valid_to,unit_cost,currency\nA,2026-01-01,,3.20,USD\nB,2026-02-01,,4.10,USD\n"
BAD = b"sku,valid_from,valid_to,unit_cost,currency\nA,2026-01-01,,3.20,USD\nB,yesterday,,4.10,USD\n"
COSTS = {"account": "erp_main", "platform": "erp", "stream": "unit_costs"}


@pytest.fixture
def folder(app: Any, tmp_path: Path) -> Iterator[Path]:
    app.config["KPI_UPLOAD_DIR"] = str(tmp_path)
    yield tmp_path
    app.config["KPI_UPLOAD_DIR"] = None


def send(client: Any, path: str, content: bytes | None, name: str = "costs.csv", **form: str) -> Any:
    data: dict[str, Any] = dict(form)
    if content is not None:
        data["file"] = (io.BytesIO(content), name)
    return client.raw.post(
        f"/api/v1/kpi/{path}",
        data=data,
        content_type="multipart/form-data",
        headers={"X-CSRFToken": client.token},
    )


def test_a_file_is_recognised_and_shown_before_anything_is_written(approver: Any, folder: Path) -> None:
    answer = send(approver, "uploads/preview/", GOOD, account="erp_main")
    assert answer.status_code == 200, answer.get_json()
    seen = answer.get_json()
    assert (seen["platform"], seen["stream"], seen["rows_good"], seen["rows_refused"]) == ("erp", "unit_costs", 2, 0)
    assert seen["sample"][1][seen["columns"].index("unit_cost")] == "4.10"
    assert list(folder.rglob("*")) == []


def test_a_csv_of_chinese_excel_is_read_and_says_so(approver: Any, folder: Path) -> None:
    content = GOOD.replace(b"A,2026", "蓝灯,2026".encode("gbk"))
    seen = send(approver, "uploads/preview/", content, account="erp_main").get_json()
    assert (seen["encoding"], seen["rows_refused"]) == ("gb18030", 0)
    assert "蓝灯" in [row[seen["columns"].index("sku")] for row in seen["sample"]]
    assert send(approver, "uploads/preview/", GOOD, account="erp_main").get_json()["encoding"] == "utf-8"


def test_a_broken_row_is_named_and_nothing_is_handed_over(approver: Any, folder: Path) -> None:
    seen = send(approver, "uploads/preview/", BAD, account="erp_main").get_json()
    assert (seen["rows_good"], seen["rows_refused"]) == (1, 1)
    assert seen["errors"][0]["row"] == 2
    assert "yesterday" in seen["errors"][0]["reason"]
    error = error_of(send(approver, "uploads/", BAD, **COSTS), 409)
    assert error["message"].startswith("1 of 2 rows are refused, so nothing was loaded")
    assert error["details"]["errors"][0]["row"] == 2
    assert list(folder.rglob("*")) == []


def test_a_good_file_is_handed_over_whole_and_listed(approver: Any, folder: Path) -> None:
    answer = send(approver, "uploads/", GOOD, name="成本 11月.csv", **COSTS)
    assert answer.status_code == 202, answer.get_json()
    upload_id = answer.get_json()["upload_id"]
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
    assert [path.read_bytes() for path in files] == [GOOD]
    assert files[0].parent == folder / "erp_main" / "erp" / "unit_costs"
    listed = approver.get("uploads/").get_json()["result"]
    assert [(one["upload_id"], one["file"], one["state"], one["by"]) for one in listed] == [
        (upload_id, "成本 11月.csv", "waiting", "approver")
    ]


def test_results_of_the_pipeline_are_listed(approver: Any, folder: Path) -> None:
    place = folder / "refused" / "2026-11-23"
    place.mkdir(parents=True)
    told = {"upload_id": "x", "file": "a.csv", "state": "refused", "reason": "a.csv is empty; nothing was changed"}
    (place / "a.csv.result.json").write_text(json.dumps(told))
    assert approver.get("uploads/").get_json()["result"] == [told]


def test_choices_name_platforms_streams_and_accounts(approver: Any, folder: Path, clean: Any) -> None:
    choices = approver.get("uploads/choices/").get_json()
    streams = {(one["platform"], each["stream"]) for one in choices["platforms"] for each in one["streams"]}
    assert {("erp", "unit_costs"), ("amazon_sp", "orders")} <= streams
    assert choices["accounts"]
    assert choices["max_mb"] == 50


@pytest.mark.parametrize(
    ("content", "form", "status"),
    [
        (None, COSTS, 400),
        (GOOD, {**COSTS, "account": "../../etc"}, 400),
        (GOOD, {**COSTS, "account": ""}, 400),
        (GOOD, {**COSTS, "platform": "../erp"}, 400),
        (GOOD, {**COSTS, "stream": "--help"}, 400),
        (GOOD, {"account": "erp_main"}, 400),
        (b"", COSTS, 422),
        (b"\x00\xff\xfe\x01" * 500, COSTS, 422),
        (b"breakfast,lunch\neggs,rice\n", COSTS, 422),
    ],
)
def test_what_can_not_be_is_refused(
    approver: Any, folder: Path, content: bytes | None, form: dict[str, str], status: int
) -> None:
    error_of(send(approver, "uploads/", content, **form), status)
    assert list(folder.rglob("*")) == []


def test_a_file_that_is_too_large_is_refused(app: Any, approver: Any, folder: Path) -> None:
    app.config["KPI_UPLOAD_MAX_MB"] = 1
    try:
        error_of(send(approver, "uploads/preview/", b"x" * (1024**2 + 1), account="a"), 413)
        error_of(send(approver, "uploads/preview/", b"x" * 5 * 1024**2, account="a"), 413)
    finally:
        app.config["KPI_UPLOAD_MAX_MB"] = 50


def test_without_a_folder_it_says_what_to_set(app: Any, approver: Any) -> None:
    assert "KPI_UPLOAD_DIR" in error_of(approver.get("uploads/"), 503)["message"]


def test_only_those_who_may_load_can(viewer: Any, owner: Any, folder: Path, approver: Any) -> None:
    for client in (viewer, owner):
        error_of(send(client, "uploads/", GOOD, **COSTS), 403)
        error_of(client.get("uploads/"), 403)
    token, approver.token = approver.token, "wrong"
    try:
        error_of(send(approver, "uploads/", GOOD, **COSTS), 400)
    finally:
        approver.token = token
    assert list(folder.rglob("*")) == []


def test_the_reading_process_gets_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    import subprocess

    from superset_kpi_plugin.uploads.inspection import inspect

    seen: dict[str, Any] = {}
    real = subprocess.run

    def run(*args: Any, **options: Any) -> Any:
        seen.update(options["env"])
        return real(*args, **options)

    monkeypatch.setenv("SUPERSET_SECRET_KEY", "canary")
    monkeypatch.setattr(subprocess, "run", run)
    assert inspect(GOOD, "costs.csv", account="erp_main", platform="", stream="")["rows_good"] == 2
    assert "canary" not in str(seen)
    assert not any(name.startswith(("SUPERSET", "KPI_")) for name in seen)
