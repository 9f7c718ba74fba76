"""Documents that are loaded piece by piece, and those that come late: what was known later stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pyarrow as pa
import pytest

from airflow_dags.assemble import assemble
from airflow_dags.contracts import Column, Contract, Extract, ReadAgain, Window
from airflow_dags.documents import Document, read_delimited
from airflow_dags.ingest import load_file
from airflow_dags.loader import LoadRequest, load_table
from airflow_dags.loader.copying import blocks_of
from airflow_dags.loader.pieces import pieces_ahead
from airflow_dags.parsing import Parsed, Pieces
from airflow_dags.streams import Stream, StreamSettings

from .conftest import Warehouse
from .samples import ad_row, ads_file, order, orders_file

CONTRACT_OF_STATES = Contract(
    platform="pieces",
    stream="states",
    mode="changes",
    key=("name",),
    unique=("name", "line"),
    columns=(
        Column("name", required=True, nullable=False),
        Column("line", "integer", required=True, nullable=False),
        Column("amount", "numeric", required=True),
    ),
)


class States(Stream):
    contract = CONTRACT_OF_STATES
    settings = StreamSettings()


def load_states(warehouse: Warehouse, rows: list[tuple[str, int, str]], known_at: datetime | None = None) -> Any:
    """Load a document in pieces of two rows each."""
    return load_pieces(warehouse, in_twos(rows), known_at)


def in_twos(rows: list[tuple[str, int, str]]) -> _InTwos:
    text = "name\tline\tamount\n" + "".join(f"{name}\t{line}\t{amount}\n" for name, line, amount in rows)
    return _InTwos(read_delimited(Document("states", text.encode()))[0])


def load_pieces(warehouse: Warehouse, pieces: Any, known_at: datetime | None = None) -> Any:
    extract = Extract(pieces)
    parsed, scopes, window = assemble(States(), [extract], None, "states")
    assert isinstance(parsed, Pieces)
    return load_table(
        warehouse.uri, parsed, LoadRequest(CONTRACT_OF_STATES, "a", window, tuple(scopes), known_at=known_at)
    )


class _InTwos:
    def __init__(self, table: Any) -> None:
        self.table = table

    def __iter__(self) -> Iterator[Any]:
        return ((self.table.slice(start, 2), []) for start in range(0, self.table.num_rows, 2))


class _Second:
    """Pieces that want to be read anew after some of them."""

    def __init__(self, first: Any, second: Any) -> None:
        self.ways = [second, first]

    def __iter__(self) -> Iterator[Any]:
        yield from self.ways[-1]
        if len(self.ways) > 1:
            self.ways.pop()
            raise ReadAgain


def states(warehouse: Warehouse) -> dict[str, list[str]]:
    rows = warehouse.rows("select name, array_agg(amount::text order by line) as a from raw.pieces__states group by 1")
    return {row["name"]: row["a"] for row in rows}


def test_a_document_in_pieces_replaces_its_keys_whole(warehouse: Warehouse) -> None:
    first = load_states(warehouse, [("x", 1, "1"), ("x", 2, "2"), ("x", 3, "3"), ("y", 1, "4"), ("z", 1, "5")])
    assert (first.rows_read, first.rows_loaded) == (5, 5)
    again = load_states(warehouse, [("x", 1, "7"), ("y", 1, "8"), ("y", 2, "9"), ("y", 3, "10"), ("y", 4, "11")])
    assert (again.rows_read, again.rows_loaded, again.rows_unchanged) == (5, 5, 0)
    assert states(warehouse) == {"x": ["7"], "y": ["8", "9", "10", "11"], "z": ["5"]}


def test_a_bad_row_in_a_later_piece_sets_aside_its_key_in_all_pieces(warehouse: Warehouse) -> None:
    load_states(warehouse, [("x", 1, "1"), ("y", 1, "2")])
    result = load_states(warehouse, [("x", 1, "5"), ("x", 2, "6"), ("y", 1, "7"), ("x", 3, "many"), ("y", 2, "8")])
    assert (result.rows_loaded, result.rows_quarantined, result.rows_read) == (2, 3, 5)
    assert states(warehouse) == {"x": ["1"], "y": ["7", "8"]}
    rows = warehouse.rows("select row_number, reason from raw.quarantine order by 1")
    assert [row["row_number"] for row in rows] == [1, 2, 4]
    assert rows[2]["reason"] == "amount: 'many' is not an amount"


def test_pieces_that_contradict_each_other_set_aside_their_key(warehouse: Warehouse) -> None:
    rows = [("x", 1, "5"), ("y", 1, "6"), ("x", 1, "5"), ("y", 1, "7"), ("z", 1, "8")]
    result = load_states(warehouse, rows)
    assert states(warehouse) == {"x": ["5"], "z": ["8"]}
    assert (result.rows_read, result.rows_loaded, result.rows_unchanged, result.rows_quarantined) == (5, 2, 1, 2)


@pytest.mark.parametrize("amount", ["8", "many"])
def test_a_document_that_is_read_anew_is_loaded_as_it_is_then(warehouse: Warehouse, amount: str) -> None:
    """Also where a bad row had it looked through before."""
    load_states(warehouse, [("x", 1, "1"), ("z", 1, "1")])
    first = in_twos([("x", 9, "5"), ("y", 9, "6"), ("w", 9, amount)])
    result = load_pieces(warehouse, _Second(first, in_twos([("x", 1, "7"), ("y", 1, amount), ("y", 2, "9")])))
    good = amount == "8"
    assert states(warehouse) == {"x": ["7"], "z": ["1"]} | ({"y": ["8", "9"]} if good else {})
    assert (result.rows_read, result.rows_loaded, result.rows_quarantined) == ((3, 3, 0) if good else (3, 1, 2))


def test_keys_that_are_known_from_later_stay(warehouse: Warehouse) -> None:
    monday, tuesday = (datetime(2026, 11, day, tzinfo=timezone.utc) for day in (2, 3))
    load_states(warehouse, [("x", 1, "2"), ("x", 2, "2")], known_at=tuesday)
    late = load_states(warehouse, [("x", 1, "1"), ("y", 1, "1"), ("x", 2, "1"), ("x", 3, "1")], known_at=monday)
    assert states(warehouse) == {"x": ["2", "2"], "y": ["1"]}
    assert (late.rows_loaded, late.rows_unchanged) == (1, 3)


def test_days_that_are_known_from_later_stay_even_where_they_are_empty(warehouse: Warehouse) -> None:
    monday, tuesday = (datetime(2026, 11, day, tzinfo=timezone.utc) for day in (9, 10))
    window = Window(date(2026, 11, 1), date(2026, 11, 2))
    job = warehouse.job("amazon_ads", "sp_campaigns")
    emptied = Window(window.start, window.start)
    load_file(job, Document("restated", ads_file([])), emptied, tuesday)
    old = ads_file([ad_row("2026-11-01"), ad_row("2026-11-02")])
    result = load_file(job, Document("late", old), window, monday)
    assert (result.rows_loaded, result.rows_unchanged, result.days_skipped) == (1, 1, 1)
    assert [str(row["date"]) for row in warehouse.rows("select date from raw.amazon_ads__sp_campaigns")] == [
        "2026-11-02"
    ]


def test_nothing_is_known_before_it_happened(warehouse: Warehouse) -> None:
    """A clock that is ahead must not keep everything later out."""
    job = warehouse.job("amazon_ads", "sp_campaigns")
    future = datetime.now(timezone.utc) + timedelta(days=30)
    load_file(job, Document("ahead", ads_file([ad_row("2026-11-01", cost="1.00")])), None, future)
    load_file(job, Document("now", ads_file([ad_row("2026-11-01", cost="2.00")])))
    assert warehouse.value("select cost from raw.amazon_ads__sp_campaigns") == 2


def test_a_row_without_its_key_or_version_is_set_aside(warehouse: Warehouse) -> None:
    lines = [order("1"), order("2", last_updated_date="")]
    result = warehouse.load("amazon_sp", "orders", orders_file(lines))
    assert (result.rows_loaded, result.rows_quarantined) == (1, 1)
    assert warehouse.value("select reason from raw.quarantine") == "last-updated-date: empty"


def test_a_key_that_no_index_takes_is_set_aside(warehouse: Warehouse) -> None:
    result = load_states(warehouse, [("x", 1, "1"), ("y" * 3000, 1, "2")])
    assert (result.rows_loaded, result.rows_quarantined) == (1, 1)


def test_each_piece_gets_its_own_blocks_even_if_others_were_not_wanted() -> None:
    tables = [pa.table({"line": pa.array([line], pa.int32())}) for line in range(5)]
    tables[3] = tables[3].slice(0, 0)
    document = Pieces(lambda bad: (Parsed(table, rows_read=1) for table in tables), CONTRACT_OF_STATES)

    def columns_of(table: pa.Table) -> dict[str, Any]:
        return {"line": table.column("line")}

    found = []
    with pieces_ahead(document, lambda parsed: parsed, columns_of) as pieces:
        for piece in pieces:
            is_wanted = piece.table is not tables[1]
            found.append((piece.names, [bytes(block) for block in piece.blocks] if is_wanted else None))
    expected = [(("line",), [bytes(block) for block in blocks_of(columns_of(table))]) for table in tables]
    expected[1], expected[3] = (("line",), None), ((), [])
    assert found == expected


def test_what_goes_wrong_ahead_is_raised_where_the_pieces_are_taken() -> None:
    document = Pieces(lambda bad: (Parsed(pa.table({"line": [line]})) for line in range(100)), CONTRACT_OF_STATES)

    def place(parsed: Parsed) -> Parsed:
        if parsed.table.column("line")[0].as_py() == 1:
            raise ValueError("the second piece")
        return parsed

    taken = []
    with (
        pytest.raises(ValueError, match="the second piece"),
        pieces_ahead(document, place, lambda table: {"line": table.column("line")}) as pieces,
    ):
        taken += pieces
    assert len(taken) <= 1
