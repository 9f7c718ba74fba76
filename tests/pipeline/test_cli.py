"""``kpi``: one JSON object a load, one clear line an error, nothing changed by what is refused."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from airflow_dags.cli import main
from airflow_dags.registry import platforms

from .conftest import Warehouse
from .samples import ad_row, ads_file, order, orders_file, traffic_file

# Platform -> streams, by the folders.
STREAMS = {name: sorted(platform.streams) for name, platform in platforms().items()}
Run = Callable[..., tuple[int, list[dict[str, Any]], str]]


@pytest.fixture
def run(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Run:
    """Run ``kpi load`` on a content; returns exit code, JSON objects, standard error."""
    monkeypatch.setenv("KPI_WAREHOUSE_URI", warehouse.uri)
    monkeypatch.delenv("KPI_CONNECTIONS_FILE", raising=False)

    def load(
        stream: str, content: bytes | None, *more: str, account: str = "aurora_us", name: str = "report.txt"
    ) -> Any:
        platform, _, stream = stream.partition("/")
        arguments = ["load", "--platform", platform, "--stream", stream, "--account", account, *more]
        if content is not None:
            path = tmp_path / name
            path.write_bytes(content)
            arguments.append(str(path))
        capsys.readouterr()
        code = main(arguments)
        captured = capsys.readouterr()
        return code, [json.loads(line) for line in captured.out.splitlines()], captured.err

    return load


def test_a_load_prints_one_json_object(run: Run) -> None:
    code, [answer], error = run("amazon_sp/orders", gzip.compress(orders_file([order("1"), order("2", quantity="x")])))
    assert (code, error) == (0, "")
    assert answer.pop("load_id")
    assert answer == {
        "platform": "amazon_sp",
        "stream": "orders",
        "account": "aurora_us",
        "state": "loaded",
        "window": ["2026-11-02", "2026-11-02"],
        "rows_read": 2,
        "rows_loaded": 1,
        "rows_unchanged": 0,
        "rows_quarantined": 1,
        "unknown_columns": [],
        "file": "report.txt",
    }


def lacking(content: bytes, column: str) -> bytes:
    lines = [line.split("\t") for line in content.decode().split("\r\n") if line]
    at = lines[0].index(column)
    return "\r\n".join("\t".join(cells[:at] + cells[at + 1 :]) for cells in lines).encode()


GOOD_ORDERS = orders_file([order("1"), order("2")])
BAD_FILES = {
    "truncated gzip": (
        "amazon_sp/orders",
        gzip.compress(GOOD_ORDERS)[:-9],
        "report.txt is truncated: the gzip stream ends early",
    ),
    "missing column": (
        "amazon_sp/orders",
        lacking(GOOD_ORDERS, "item-price"),
        "report.txt lacks the column item-price of GET_FLAT_FILE",
    ),
    "orders as traffic": (
        "amazon_sp/sales_and_traffic",
        GOOD_ORDERS,
        "report.txt is not a GET_SALES_AND_TRAFFIC_REPORT (JSON)",
    ),
    "traffic as orders": (
        "amazon_sp/orders",
        traffic_file("2026-11-01", {"A": (1, "1")}),
        "report.txt is not a table of text",
    ),
    "another report type": (
        "amazon_sp/sales_and_traffic",
        traffic_file("2026-11-01", {"A": (1, "1")}, reportType="GET_VENDOR_TRAFFIC_REPORT"),
        "report.txt is a GET_VENDOR_TRAFFIC_REPORT, not a GET_SALES_AND_TRAFFIC_REPORT",
    ),
    "campaigns as advertised products": (
        "amazon_ads/sp_advertised_product",
        ads_file([ad_row("2026-11-01")]),
        "report.txt lacks the columns advertisedAsin, advertisedSku of spAdvertisedProduct",
    ),
    "ads as sales": (
        "erp/products",
        ads_file([ad_row("2026-11-01")]),
        "report.txt lacks the columns sku, product_name",
    ),
    "only text in amounts": (
        "amazon_sp/orders",
        orders_file([order(item_price="x")]),
        "not one of 1 rows meets the contract",
    ),
    "empty file": ("amazon_sp/orders", b"", "report.txt is empty"),
    "a web page": ("amazon_sp/orders", b"<html>Sign in</html>", "report.txt is not a table of text"),
    "broken JSON": ("amazon_ads/sp_campaigns", b'[{"date": ', "report.txt is not valid JSON"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_bad_input_is_one_clear_line_and_changes_nothing(run: Run, warehouse: Warehouse, case: str) -> None:
    stream, content, expected = BAD_FILES[case]
    code, answers, error = run(stream, content)
    assert (code, answers) == (1, [])
    assert error.startswith(f"kpi: {expected}")
    assert "nothing was changed" in error
    assert error.count("\n") == 1
    assert warehouse.table(stream.replace("/", "__")) == []
    [row] = warehouse.ledger()
    assert (row["state"], row["error"]) == ("failed", error.removeprefix("kpi: ").rstrip("\n"))


def test_a_file_of_another_account_is_one_clear_line(run: Run, warehouse: Warehouse) -> None:
    assert run("amazon_sp/orders", GOOD_ORDERS)[0] == 0
    code, _, error = run("amazon_sp/orders", GOOD_ORDERS, account="harbor_us")
    assert code == 1
    assert error == (
        "kpi: this very document was already loaded for account aurora_us; nothing was changed; load it with "
        "--account of "
        "the account that it was downloaded for, not harbor_us\n"
    )
    assert len(warehouse.table("amazon_sp__orders")) == 2


def changed_uri(uri: str, password: str = "", port: int = 0, database: str = "") -> str:
    parts = urlsplit(uri)
    password = password or str(parts.password)
    return (
        f"postgresql://{parts.username}:{password}@{parts.hostname}:{port or parts.port}/{database or parts.path[1:]}"
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"password": "wrong-canary-password"},
            "refused user 'postgres'; nothing was changed; check KPI_WAREHOUSE_URI",
        ),
        ({"port": 1}, "can't be reached; nothing was changed; start it or check KPI_WAREHOUSE_URI, then load again"),
        ({"database": "no_such_warehouse"}, "does not exist; create the database or check KPI_WAREHOUSE_URI"),
    ],
)
def test_an_unusable_warehouse_is_one_clear_line(
    run: Run, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], expected: str
) -> None:
    uri = changed_uri(warehouse.uri, **change)
    monkeypatch.setenv("KPI_WAREHOUSE_URI", uri)
    code, answers, error = run("amazon_sp/orders", GOOD_ORDERS)
    assert (code, answers) == (1, [])
    lines = [line for line in error.splitlines() if line.startswith("kpi: ")]
    assert len(lines) == 1
    assert expected in lines[0]
    assert str(urlsplit(uri).password) not in error


def test_wrong_names_and_days_are_one_clear_line(run: Run, tmp_path: Path) -> None:
    cases = [
        (("amazon_sq/orders", GOOD_ORDERS), "there is no platform 'amazon_sq'; there are amazon_ads, amazon_sp, "),
        (
            ("amazon_sp/ordres", GOOD_ORDERS),
            f"platform amazon_sp has no stream 'ordres'; it has {', '.join(sorted(STREAMS['amazon_sp']))}\n",
        ),
        (("amazon_sp/orders", None), "there is no connection of type amazon_sp for account aurora_us"),
        (("amazon_sp/orders", None, str(tmp_path / "no.txt")), "no.txt can't be read (No such file or directory)"),
    ]
    for arguments, expected in cases:
        code, _, error = run(*arguments)
        assert code == 1
        assert error.startswith(f"kpi: {expected}")
    code, _, error = run("amazon_sp/orders", GOOD_ORDERS, account="Aurora US")
    assert error.startswith("kpi: account id 'Aurora US' must be lower case letters")
    code, _, error = run("amazon_sp/orders", GOOD_ORDERS, "--from", "2026-11-02", "--to", "2026-11-01")
    assert error == "kpi: --to 2026-11-01 is before --from 2026-11-02\n"


def test_one_bad_file_does_not_keep_the_others_from_loading(run: Run, tmp_path: Path) -> None:
    good = tmp_path / "good.txt"
    good.write_bytes(GOOD_ORDERS)
    code, answers, error = run("amazon_sp/orders", b"sku\nA\n", str(good))
    assert code == 1
    assert [answer["file"] for answer in answers] == ["good.txt"]
    assert error.startswith("kpi: report.txt lacks the columns amazon-order-id")


def test_platforms_lists_all_streams(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["platforms"]) == 0
    listed = {
        item["platform"]: sorted(item["streams"]) for item in map(json.loads, capsys.readouterr().out.splitlines())
    }
    assert listed == STREAMS
    assert {"amazon_ads", "amazon_sp", "erp", "shopify", "walmart", "tiktok_shop", "zendesk"} <= set(listed)


def test_without_a_warehouse_the_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("KPI_WAREHOUSE_URI", raising=False)
    assert main(["load", "--platform", "erp", "--stream", "staff", "--account", "erp_main"]) == 1
    assert capsys.readouterr().err == (
        "kpi: KPI_WAREHOUSE_URI is not set; set it to the warehouse's postgresql:// address\n"
    )


def test_a_file_that_was_downloaded_earlier_does_not_replace_what_is_known_later(
    run: Run, warehouse: Warehouse
) -> None:
    later, earlier = ("--as-of", "2026-11-10T08:00Z"), ("--as-of", "2026-11-09T23:00-08:00")
    day = ("--from", "2026-11-02", "--to", "2026-11-02")
    for instant, cost in ((earlier, "5.00"), (later, "3.00")):
        code, _, error = run("amazon_ads/sp_campaigns", ads_file([ad_row("2026-11-02", cost=cost)]), *day, *instant)
        assert (code, error) == (0, "")
    # 23:00 in Los Angeles on the 9th is 07:00 UTC on the 10th: before 08:00.
    run("amazon_ads/sp_campaigns", ads_file([ad_row("2026-11-02", cost="9.00")]), *day, *earlier)
    assert warehouse.value("select cost from raw.amazon_ads__sp_campaigns") == 3
    with pytest.raises(SystemExit):
        run("amazon_ads/sp_campaigns", b"", "--as-of", "2026-11-10T08:00")
