"""A large settlement is read while it is loaded: what comes of it is what comes of reading it as a whole."""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Callable
from typing import Any

import pytest

from airflow_dags.accounts import Account
from airflow_dags.documents import Document
from airflow_dags.errors import PipelineError, WrongAccount
from airflow_dags.ingest import job_of, load_file
from airflow_dags.platforms.amazon_sp import settlement_in_order as in_order
from airflow_dags.registry import platform_of
from tests.pipeline.conftest import Warehouse

from .test_settlement import NAMES, SALE, TOTAL, file_of

Row = dict[str, str]
LINES = 400


def settlement(seed: int = 7) -> list[Row]:
    """A total's row and lines in the order of their posting: several of one instant, some of them equal."""
    dice = random.Random(seed)
    lines, cents, second = [], 0, 0
    for number in range(LINES):
        second += dice.choice([0, 0, 0, 1, 7])
        amount = dice.choice([-300, 1534, 99])
        cents += amount
        lines.append(
            SALE
            | {
                "order-id": f"111-{dice.randrange(40):07}",
                "amount": f"{amount / 100:.2f}",
                "amount-description": dice.choice(["Principal", "Commission", "Tax"]),
                "posted-date-time": f"2026-11-01 12:{second // 60:02}:{second % 60:02} UTC",
                "order-item-code": dice.choice(["", str(number)]),
            }
        )
    return [TOTAL | {"total-amount": f"{cents / 100:.2f}"}, *lines]


def text_of(*rows: Row, names: list[str] | None = None) -> bytes:
    return file_of(*rows, names=names).decode("cp1252").encode()


def shuffled(rows: list[Row]) -> list[Row]:
    return random.Random(3).sample(rows, len(rows))


def changed(place: int, **cells: str) -> list[Row]:
    rows = settlement()
    rows[place] = rows[place] | {name.replace("_", "-"): value for name, value in cells.items()}
    return rows


def european() -> bytes:
    rows = [
        {name: cell.replace(".", ",") if name.endswith("amount") else cell for name, cell in row.items()}
        for row in settlement()
    ]
    return file_of(*rows)


def two_settlements() -> list[Row]:
    return [*settlement(), *({**row, "settlement-id": "222"} for row in settlement(8))]


IN_ORDER = {
    "as it is": text_of(*settlement()),
    "gzip": gzip.compress(text_of(*settlement())),
    "byte order mark": "\ufeff".encode() + text_of(*settlement()),
    "NUL": text_of(*settlement()).decode().replace("Principal", "Prin\0cipal").encode(),
    "another instant": text_of(*changed(0, settlement_start_date="2026-10-18T20:17:00+00:00")),
    "names": text_of(*changed(200, sku="Lämpchen")),
    "own currency": text_of(*changed(9, currency="EUR")),
    "unknown column": text_of(*changed(200, note="kept"), names=[*NAMES, "note"]),
    "no amount": text_of(*changed(150, quantity_purchased="many")),
}
AS_A_WHOLE = {
    "another order": text_of(*settlement()[:1], *shuffled(settlement()[1:])),
    "total last": text_of(*settlement()[1:], settlement()[0]),
    "one line late": text_of(*settlement()[:30], *settlement()[31:], settlement()[30]),
    "character set, seen late": file_of(*settlement()[:-1], settlement()[-1] | {"sku": "Lämpchen"}),
    "European": european(),
    "two settlements": text_of(*two_settlements()),
    "another sum": text_of(*settlement()[:-1]),
    "two totals": text_of(*settlement(), settlement()[0] | {"total-amount": "1.00"}),
    "no total": text_of(*settlement()[1:]),
    "bad amount": text_of(*changed(300, amount="three"), *({**row, "settlement-id": "222"} for row in settlement())),
    "bad instant": text_of(*changed(300, posted_date_time="yesterday")),
    "a line that does not split": text_of(*settlement()) + b"\r\n111\tcut",
    "cut": gzip.compress(text_of(*settlement()))[:-9],
    "only the total": text_of(settlement()[0]),
}


def make_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is large, and pieces are small."""
    monkeypatch.setattr("airflow_dags.documents.content.CHUNK", 8192)
    monkeypatch.setattr("airflow_dags.documents.delimited.PIECE", 8192)
    monkeypatch.setattr("airflow_dags.platforms.amazon_sp.settlement_in_order.LARGE", 0)


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    make_large(monkeypatch)


def outcome(warehouse: Warehouse, content: bytes) -> dict[str, Any]:
    """What a load leaves: rows, those set aside, what the ledger says; or the error's line."""

    def plain(text: str) -> str:
        # Which row it was is known of a document that is in one piece.
        return re.sub(r"row \d+ of the same", "another row of the same", text)

    error = ""
    try:
        warehouse.load("amazon_sp", "settlement", content)
    except PipelineError as failed:
        error = plain(failed.message)
    wanted = ("state", "error", "checksum", "rows_read", "rows_loaded", "rows_quarantined", "unknown_columns")
    aside = warehouse.rows("select row_number, reason, row ->> 'amount' as amount from raw.quarantine order by 1, 2")
    return {
        "error": error,
        "rows": warehouse.table("amazon_sp__settlement"),
        "aside": [row | {"reason": plain(row["reason"])} for row in aside],
        "ledger": [{name: row[name] for name in wanted} for row in warehouse.ledger() if not error],
    }


@pytest.mark.parametrize("content", [*IN_ORDER.values(), *AS_A_WHOLE.values()], ids=[*IN_ORDER, *AS_A_WHOLE])
def test_it_comes_out_as_if_it_were_read_as_a_whole(
    content: bytes, warehouse: Warehouse, make_warehouse: Callable[[], Warehouse], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = outcome(warehouse, content)
    make_large(monkeypatch)
    assert outcome(make_warehouse(), content) == expected


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("name", IN_ORDER)
def test_a_settlement_in_order_is_never_held_as_a_whole(name: str, warehouse: Warehouse) -> None:
    lines = read(warehouse, IN_ORDER[name])
    pieces = [cells.num_rows for cells, _ in lines]
    assert sum(pieces) == LINES + 1
    assert len(pieces) > 5


@pytest.mark.usefixtures("large")
def test_another_order_is_noticed_with_the_first_lines(warehouse: Warehouse) -> None:
    lines = read(warehouse, AS_A_WHOLE["another order"])
    with pytest.raises(in_order.ReadAgain):
        next(iter(lines))
    assert sum(cells.num_rows for cells, _ in lines) == LINES + 1


def read(warehouse: Warehouse, content: bytes) -> in_order.LinesInOrder:
    job = warehouse.job("amazon_sp", "settlement")
    extract = job.stream.read(Document("report", content), job.account, job.today())
    assert isinstance(extract.table, in_order.LinesInOrder)
    return extract.table


@pytest.mark.usefixtures("large")
def test_what_is_refused_at_its_end_leaves_what_was_known(warehouse: Warehouse) -> None:
    warehouse.load("amazon_sp", "settlement", IN_ORDER["as it is"])
    before = warehouse.table("amazon_sp__settlement")
    for name in ("another sum", "two totals", "cut"):
        with pytest.raises(PipelineError, match="nothing was changed"):
            warehouse.load("amazon_sp", "settlement", AS_A_WHOLE[name])
        assert warehouse.table("amazon_sp__settlement") == before


@pytest.mark.usefixtures("large")
def test_the_very_document_of_another_account_is_refused(warehouse: Warehouse) -> None:
    warehouse.load("amazon_sp", "settlement", IN_ORDER["as it is"])
    other = job_of(platform_of("amazon_sp"), "settlement", Account("amazon_sp", "harbor_us"), warehouse.uri)
    with pytest.raises(WrongAccount, match="aurora_us"):
        load_file(other, Document("report", IN_ORDER["gzip"]))
    assert warehouse.value("select count(distinct _account_id) from raw.amazon_sp__settlement") == 1


@pytest.mark.usefixtures("large")
def test_lines_of_one_instant_without_end_are_not_waited_for(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_order, "MOST_HELD", 100)
    rows = [{**row, "posted-date-time": "2026-11-01 12:00:00 UTC"} for row in settlement()[1:]]
    warehouse.load("amazon_sp", "settlement", text_of(settlement()[0], *rows))
    assert warehouse.value("select count(*) from raw.amazon_sp__settlement") == LINES + 1
