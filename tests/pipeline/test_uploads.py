"""Files by hand: recognised by their content, looked through before anything is written, loaded whole or not at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from airflow_dags.accounts import Account
from airflow_dags.cli import main
from airflow_dags.documents import Document
from airflow_dags.errors import AllRowsRefused, ConfigurationError, WarehouseUnavailable, WrongDocument
from airflow_dags.registry import platforms
from airflow_dags.uploads.folder import UploadFolder, safe_name
from airflow_dags.uploads.preview import preview
from airflow_dags.uploads.process import load_whole, process
from airflow_dags.uploads.recognise import candidates, ranked, the_one

from .conftest import Warehouse
from .samples import ad_row, ads_file, order, orders_file, traffic_file

ROOT = Path(__file__).resolve().parents[2]
OLD = time.time() - 60


def put(folder: Path, place: str, content: bytes) -> Path:
    """A file that was finished a minute ago."""
    path = folder / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (OLD, OLD))
    return path


def run(folder: Path, warehouse: Warehouse, connected: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    return process(UploadFolder(folder), warehouse.uri, Account, lambda platform: connected)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (orders_file([order()]), ("amazon_sp", "orders")),
        (traffic_file("2026-11-01", {"A": (1, "1")}), ("amazon_sp", "sales_and_traffic")),
        (ads_file([ad_row("2026-11-01")]), ("amazon_ads", "sp_campaigns")),
        (b"sku,valid_from,valid_to,unit_cost,currency\nA,2026-01-01,,3.20,USD\n", ("erp", "unit_costs")),
        (b"employee_id;employee_name;team_id\ne1;\xe9mile;t1\n", ("erp", "staff")),
    ],
)
def test_a_file_tells_which_report_it_is(content: bytes, expected: tuple[str, str]) -> None:
    document = Document("whatever.bin", content)
    chosen = the_one(document, candidates(document))
    assert (chosen.platform, chosen.stream) == expected


def test_every_streams_own_columns_are_recognised_as_its_own() -> None:
    """A table with a contract's first names is never taken for another stream's: it is found, or somebody is asked."""
    for platform in platforms().values():
        for stream in platform.streams.values():
            contract = stream.contract
            names = [column.names[0] for column in contract.columns] + sorted(contract.ignored)
            best = ranked(names)
            assert best, stream.contract.title
            top = [(one.platform, one.stream) for one in best if one.score == best[0].score]
            assert (platform.name, stream.name) in top, (stream.contract.title, best[:3])


def test_a_file_of_nothing_known_is_refused_with_what_to_do() -> None:
    document = Document("notes.csv", b"breakfast,lunch\neggs,rice\n")
    with pytest.raises(WrongDocument, match=r"notes\.csv is no report that is known here .* nothing was changed"):
        the_one(document, candidates(document))


def test_a_preview_tells_rows_days_and_each_rows_error_and_writes_nothing(warehouse: Warehouse) -> None:
    rows = [order("1"), order("2", quantity="two"), order("3", **{"item-price": "1,00"})]
    before = warehouse.ledger()
    seen = preview(Document("orders.txt", orders_file(rows)), "aurora_us")
    assert (seen.platform, seen.stream, seen.rows_read, seen.rows_good, seen.rows_refused) == (
        "amazon_sp",
        "orders",
        3,
        1,
        2,
    )
    assert [error["row"] for error in seen.errors] == [2, 3]
    assert "quantity" in seen.errors[0]["reason"]
    assert "item-price" in seen.errors[1]["reason"]
    assert seen.sample[0][seen.columns.index("item_price")] == "25.98"
    assert [str(seen.window.start), str(seen.window.end)] == ["2026-11-02", "2026-11-02"]
    assert warehouse.ledger() == before


def test_a_preview_names_a_key_that_occurs_twice() -> None:
    content = b"sku,valid_from,unit_cost,currency\nA,2026-01-01,3.20,USD\nA,2026-01-01,3.90,USD\n"
    seen = preview(Document("costs.csv", content), "erp_main")
    assert (seen.rows_good, seen.rows_refused) == (1, 1)
    assert "another row with" in seen.errors[0]["reason"]


def test_one_broken_row_refuses_the_whole_file(warehouse: Warehouse) -> None:
    rows = [order(str(number)) for number in range(50)] + [order("x", quantity="many")]
    with pytest.raises(AllRowsRefused, match=r"1 of 51 rows .* \(row 51: .*nothing was changed"):
        load_whole(
            Document("o.txt", orders_file(rows)), Account("amazon_sp", "a_us"), "amazon_sp", "orders", uri=warehouse.uri
        )
    assert warehouse.value("select count(*) from raw.amazon_sp__orders") == 0
    assert [row["state"] for row in warehouse.ledger()] == ["failed"]
    assert warehouse.value("select count(*) from raw.quarantine") == 1


def test_the_folder_is_emptied_into_done_and_refused(tmp_path: Path, warehouse: Warehouse) -> None:
    put(tmp_path, "aurora_us/orders.txt", orders_file([order("1"), order("2")]))
    put(tmp_path, "aurora_us/broken.txt", orders_file([order("3", quantity="?")]))
    put(tmp_path, "aurora_us/notes.csv", b"a,b\n1,2\n")
    put(tmp_path, "aurora_us/amazon_ads/sp_campaigns/ads.json", ads_file([ad_row("2026-11-01")]))
    results = {result["file"]: result for result in run(tmp_path, warehouse)}
    assert {name: result["state"] for name, result in results.items()} == {
        "orders.txt": "loaded",
        "broken.txt": "refused",
        "notes.csv": "refused",
        "ads.json": "loaded",
    }
    assert results["orders.txt"]["rows_loaded"] == 2
    assert results["broken.txt"]["errors"][0]["row"] == 1
    assert warehouse.value("select count(*) from raw.amazon_sp__orders where _account_id = 'aurora_us'") == 2
    assert {path.name for path in tmp_path.glob("done/*/*")} == {
        "orders.txt",
        "orders.txt.result.json",
        "ads.json",
        "ads.json.result.json",
    }
    told = json.loads(next(tmp_path.glob("refused/*/notes.csv.result.json")).read_text())
    assert "nothing was changed" in told["reason"]
    assert run(tmp_path, warehouse) == []


def test_a_file_at_the_top_is_the_one_accounts_or_is_refused(tmp_path: Path, warehouse: Warehouse) -> None:
    put(tmp_path, "one.txt", orders_file([order("1")]))
    assert run(tmp_path, warehouse, ("aurora_us",))[0]["account_id"] == "aurora_us"
    put(tmp_path, "two.txt", orders_file([order("2")]))
    refused = run(tmp_path, warehouse, ("aurora_us", "harbor_us"))[0]
    assert refused["state"] == "refused"
    assert "there are aurora_us, harbor_us on amazon_sp" in refused["reason"]


def test_files_under_way_are_left_alone(tmp_path: Path, warehouse: Warehouse) -> None:
    put(tmp_path, "aurora_us/orders.txt.part", orders_file([order("1")]))
    put(tmp_path, "aurora_us/.orders.txt", orders_file([order("1")]))
    (tmp_path / "aurora_us" / "now.txt").write_bytes(orders_file([order("1")]))
    assert run(tmp_path, warehouse) == []
    assert (tmp_path / "aurora_us" / "now.txt").exists()


def test_what_a_killed_run_left_is_taken_up_again(tmp_path: Path, warehouse: Warehouse) -> None:
    put(tmp_path, "aurora_us/orders.txt", orders_file([order("1")]))
    folder = UploadFolder(tmp_path)
    claimed = folder.claim(folder.waiting()[0])
    assert not (tmp_path / "aurora_us" / "orders.txt").exists()
    assert folder.history()[0]["state"] == "working"
    load_whole(
        Document.from_file(claimed.path), Account("amazon_sp", "aurora_us"), "amazon_sp", "orders", uri=warehouse.uri
    )
    results = run(tmp_path, warehouse)  # the first run was killed between its load and the move
    assert [result["state"] for result in results] == ["loaded"]
    assert warehouse.value("select count(*) from raw.amazon_sp__orders") == 1


def test_a_warehouse_that_is_away_keeps_the_file_for_the_next_run(tmp_path: Path, warehouse: Warehouse) -> None:
    put(tmp_path, "aurora_us/orders.txt", orders_file([order("1")]))
    with pytest.raises(WarehouseUnavailable):
        process(UploadFolder(tmp_path), "postgresql://nobody:x@127.0.0.1:1/nowhere", Account, lambda platform: ())
    assert [result["state"] for result in run(tmp_path, warehouse)] == ["loaded"]


def test_an_upload_keeps_its_name_its_owner_and_its_id(tmp_path: Path, warehouse: Warehouse) -> None:
    folder = UploadFolder(tmp_path)
    content = orders_file([order("1")])
    upload_id = folder.submit(
        content, "订单 11月.txt", account="aurora_us", platform="amazon_sp", stream="orders", by="amy"
    )
    assert [(one["state"], one["file"], one["by"]) for one in folder.history()] == [("waiting", "订单 11月.txt", "amy")]
    assert run(tmp_path, warehouse)[0]["upload_id"] == upload_id
    done = folder.history()
    assert [(one["state"], one["upload_id"], one["rows_loaded"]) for one in done] == [("loaded", upload_id, 1)]
    assert list(tmp_path.rglob("*.meta.json")) == []


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\amy\\orders (2).txt", "orders (2).txt"),
        ("..", "upload"),
        ("a\x00b\n.csv", "a_b_.csv"),
        ("x" * 500 + ".csv", "x" * 177 + ".csv"),
        ("李" * 200 + ".csv", "李" * 59 + ".csv"),  # a file system counts bytes
        ("李.x" + "y" * 500, "李.x" + "y" * 175),
    ],
)
def test_names_cannot_leave_the_folder(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_folder_that_is_not_there_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KPI_UPLOAD_DIR", raising=False)
    with pytest.raises(ConfigurationError, match="KPI_UPLOAD_DIR"):
        UploadFolder.of_environment()
    monkeypatch.setenv("KPI_UPLOAD_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(ConfigurationError, match="is not a folder"):
        UploadFolder.of_environment()


def test_the_command_line_empties_the_folder_too(
    tmp_path: Path, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KPI_UPLOAD_DIR", str(tmp_path))
    monkeypatch.setenv("KPI_WAREHOUSE_URI", warehouse.uri)
    put(tmp_path, "aurora_us/orders.txt", orders_file([order("1")]))
    assert main(["uploads"]) == 0
    put(tmp_path, "aurora_us/broken.txt", orders_file([order("2", quantity="?")]))
    assert main(["uploads"]) == 1
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["file"], one["state"]) for one in told] == [("orders.txt", "loaded"), ("broken.txt", "refused")]


def test_the_preview_runs_in_a_process_of_its_own(tmp_path: Path) -> None:
    path = put(tmp_path, "x.txt", orders_file([order("1")]))
    command = [sys.executable, "-m", "airflow_dags.uploads.preview", "--account", "aurora_us", str(path)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(told.stdout)["stream"] == "orders"
    refused = subprocess.run(
        [*command[:-1], str(put(tmp_path, "y", b""))], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert refused.returncode == 1
    assert "nothing was changed" in json.loads(refused.stdout)["error"]
