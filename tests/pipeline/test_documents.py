"""Reading files: compression, encodings, delimiters, Excel and JSON, and what is refused."""

from __future__ import annotations

import gzip
import io
import json
from datetime import date, datetime

import pyarrow as pa
import pytest

from airflow_dags.documents import (
    Delimited,
    Document,
    NotUtf8,
    gunzip,
    read_delimited,
    read_json,
    read_table,
    read_workbook,
)
from airflow_dags.errors import DocumentBroken, WrongDocument


def rows_of(content: bytes, charset: str | None = None) -> list[dict[str, str | None]]:
    return read_delimited(Document("file.txt", content, charset))[0].to_pylist()


@pytest.mark.parametrize("cut", [1, 5, 20])
def test_a_truncated_gzip_is_refused_however_little_is_missing(cut: int) -> None:
    content = gzip.compress(b"sku\tunits\n" + b"LMP-001\t1\n" * 500)
    with pytest.raises(
        DocumentBroken, match=r"^orders.gz is truncated: the gzip stream ends early; nothing was changed"
    ):
        Document("orders.gz", content[:-cut]).plain()


def test_a_damaged_gzip_is_refused() -> None:
    content = bytearray(gzip.compress(b"sku\n" * 2000))
    content[-6] ^= 0xFF  # the checksum
    with pytest.raises(DocumentBroken, match="damaged"):
        gunzip(bytes(content), "orders.gz")


def test_a_gzip_bomb_is_refused_before_it_fills_the_memory() -> None:
    with pytest.raises(DocumentBroken, match="grows beyond"):
        gunzip(gzip.compress(b"\0" * 10_000_000), "bomb.gz", limit=1_000_000)


def test_concatenated_gzip_members_are_one_document() -> None:
    assert gunzip(gzip.compress(b"one ") + gzip.compress(b"two"), "x.gz") == b"one two"


def test_the_checksum_is_of_the_content_not_of_its_wrapping() -> None:
    assert Document("a", b"sku\nx\n").checksum == Document("b.gz", gzip.compress(b"sku\nx\n")).checksum


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_names_arrive_whole_in_every_encoding_amazon_uses(encoding: str) -> None:
    text = (
        "sku\tproduct-name\nLMP-1\tLämpchen – 5″ “größer”\n"
        if encoding != "cp1252"
        else "sku\tproduct-name\nLMP-1\tLämpchen – “größer”\n"
    )
    [row] = rows_of(text.encode(encoding))
    assert row == {"sku": "LMP-1", "product-name": text.rpartition("\t")[2].strip()}


def test_the_servers_charset_is_used_where_the_text_is_not_utf8() -> None:
    [row] = rows_of("sku\tname\n1\tランプ\n".encode("cp932"), "cp932")
    assert row["name"] == "ランプ"


def test_a_tab_file_takes_quotation_marks_as_they_are() -> None:
    assert rows_of(b'sku\tname\n1\tLamp 5" tall\n2\t"quoted"\n') == [
        {"sku": "1", "name": 'Lamp 5" tall'},
        {"sku": "2", "name": '"quoted"'},
    ]


def test_a_comma_file_keeps_line_breaks_and_commas_in_quotes() -> None:
    assert rows_of(b'sku,name\r\n1,"Lamp,\nsmall"\r\n') == [{"sku": "1", "name": "Lamp,\nsmall"}]


def test_lines_that_do_not_split_are_set_aside_by_number() -> None:
    table, broken = read_delimited(Document("f", b"sku\tunits\n1\t2\n3\n4\t5\t6\n7\t8\n"))
    assert table.num_rows == 2
    assert [(number, reason) for number, reason, _ in broken] == [
        (2, "1 cells where the header has 2"),
        (3, "3 cells where the header has 2"),
    ]


def test_nul_bytes_do_not_reach_the_warehouse() -> None:
    assert rows_of(b"sku\tname\n1\tLa\x00mp\n") == [{"sku": "1", "name": "Lamp"}]


def test_html_where_a_table_was_promised_is_refused() -> None:
    with pytest.raises(WrongDocument, match="not a table of text"):
        rows_of(b"<html><body>Sign in</body></html>")


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(DocumentBroken, match="is empty"):
        rows_of(b"")


def test_json_numbers_keep_their_digits() -> None:
    assert read_json(Document("f", b'{"amount": 0.10, "units": 3, "big": 12345678901234567890.12}')) == {
        "amount": "0.10",
        "units": "3",
        "big": "12345678901234567890.12",
    }


@pytest.mark.parametrize("content", [b"{", b'{"a": NaN}', b"[" * 100_000])
def test_json_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(DocumentBroken, match="nothing was changed"):
        read_json(Document("f.json", content))


def test_a_workbook_gives_the_digits_that_excel_shows() -> None:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.append([None, None])
    sheet.append(["sku", "unit_cost", "valid_from", "units", "checked_at"])
    sheet.append(["A", 0.1 + 0.2, date(2026, 11, 1), 3, datetime(2026, 11, 1, 12, 30)])  # noqa: DTZ001 (Excel has no time zones)
    sheet.append(["B", 12.5, datetime(2026, 11, 2), 3.0, None])  # noqa: DTZ001
    buffer = io.BytesIO()
    book.save(buffer)
    assert read_workbook(Document("costs.xlsx", buffer.getvalue())).to_pylist() == [
        {"sku": "A", "unit_cost": "0.3", "valid_from": "2026-11-01", "units": "3", "checked_at": "2026-11-01T12:30:00"},
        {"sku": "B", "unit_cost": "12.5", "valid_from": "2026-11-02", "units": "3", "checked_at": None},
    ]
    assert read_table(Document("costs.xlsx", buffer.getvalue()))[0].num_rows == 2


def test_a_broken_workbook_is_refused() -> None:
    with pytest.raises(DocumentBroken, match="can't be read as an Excel workbook"):
        read_table(Document("costs.xlsx", b"PK\x03\x04 and then nothing"))


def test_rows_of_nothing_but_delimiters_are_no_rows() -> None:
    assert rows_of(b"sku,name\n1,Lamp\n,\n,\n2,\n") == [{"sku": "1", "name": "Lamp"}, {"sku": "2", "name": None}]


def test_a_list_of_rows_is_read_in_parts_with_all_its_columns() -> None:
    """More rows than a part has; a column that comes late is there from the first row on."""
    rows = [{"n": number} if number < 7000 else {"n": number, "late": [1]} for number in range(7500)]
    table = read_table(Document("rows.json", json.dumps(rows).encode()))[0]
    assert (table.num_rows, table.column_names) == (7500, ["n", "late"])
    assert table.slice(6999, 2).to_pylist() == [{"n": "6999", "late": None}, {"n": "7000", "late": '["1"]'}]


@pytest.mark.parametrize(
    "content", [b"[1]", b"[{}, 1]", b'[{"a": 1}', b'[{"a": 1}] x', b'[{"a": 1},]', b'[{"a": NaN}]']
)
def test_a_list_of_something_else_is_refused(content: bytes) -> None:
    with pytest.raises((WrongDocument, DocumentBroken), match="nothing was changed"):
        read_table(Document("rows.json", content))


def test_half_characters_do_not_reach_the_warehouse() -> None:
    [row] = read_table(Document("rows.json", rb'[{"a": "x\ud800\u0000y"}]'))[0].to_pylist()
    assert row == {"a": "x?y"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b",".join(b"c%d" % n for n in range(3000)) + b"\n1\n", "more than 2000 columns"),
        (b"sku\tunits\n" + b"1\n" * 30_000, "lines that don't have the header's 2 cells"),
        (gzip.compress(b"\0" * (64 * 1024**2)), "more than 200 times its size"),
        (json.dumps([{f"c{n}": 1} for n in range(3000)]).encode(), "more than 2000 columns"),
        (b"[" + b"{}," * 2_000_000 + b"1]", "more values than|not a list of rows"),
    ],
    ids=["columns", "lines", "gzip", "names", "objects"],
)
def test_what_grows_without_end_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises((WrongDocument, DocumentBroken), match=reason):
        read_table(Document("file", content))


def test_a_document_is_read_piece_by_piece_as_it_is_as_a_whole() -> None:
    lines = [f"{number}\tLämpchen {number}" for number in range(400_000)]
    text = "\n".join(["sku\tname", *lines[:1000], "broken", *lines[1000:]]).encode("cp1252")
    document = Document("large.txt.gz", gzip.compress(text, 1))
    pieces = list(Delimited(document, numbered="line"))
    assert len(pieces) > 1
    assert [row for _, broken in pieces for row in broken] == [(1001, "1 cells where the header has 2", "broken")]
    whole, broken = read_delimited(document)
    assert broken == [(1001, "1 cells where the header has 2", "broken")]
    joined = pa.concat_tables([piece for piece, _ in pieces])
    assert joined.drop(["line"]).equals(whole)
    assert joined.column("line").to_pylist() == list(range(1, 400_001))


def test_utf8_is_read_without_having_been_looked_through() -> None:
    text = "sku\tname\n" + "".join(f"{number}\tLämp\0chen {number}\n" for number in range(300_000))
    content = gzip.compress(b"\xef\xbb\xbf" + text.encode(), 1)
    document = Document("large.txt.gz", content)
    lines = Delimited(document, is_utf8=True)
    assert "looked_through" not in document.__dict__
    found = pa.concat_tables([piece for piece, _ in lines])
    assert found.equals(read_delimited(Document("again", content))[0])
    assert document.checksum == Document("again", content).looked_through.checksum


def test_text_that_is_not_utf8_is_noticed_where_it_is_not() -> None:
    text = "sku\tname\n" + "1\tLamp\n" * 1_500_000 + "2\tLämpchen\n"
    document = Document("large.txt", text.encode("cp1252"))
    pieces = iter(Delimited(document, is_utf8=True))
    assert next(pieces)[0].num_rows
    with pytest.raises(NotUtf8):
        list(pieces)
    with pytest.raises(NotUtf8):
        Delimited(Document("short", "sku\tLämpchen\n".encode("utf-16")), is_utf8=True)
    assert read_delimited(document)[0].column("name")[-1].as_py() == "Lämpchen"


@pytest.mark.parametrize("encoding", ["gbk", "gb18030"])
def test_a_csv_of_chinese_excel_is_read_as_chinese(encoding: str) -> None:
    [row] = rows_of("sku,名称\nLMP-1,蓝色台灯（繁體：藍色檯燈）\n".encode(encoding))
    assert row == {"sku": "LMP-1", "名称": "蓝色台灯（繁體：藍色檯燈）"}


@pytest.mark.parametrize("name", ["Crème brûlée", "Köln", "Ølflaske", "Hääyöaie", "Señor Niño", "Größe", "l’été"])
def test_western_names_are_not_taken_for_chinese(name: str) -> None:
    [row] = rows_of(f"sku\tname\n1\t{name}\n".encode("cp1252"))
    assert row["name"] == name


def test_the_servers_charset_comes_before_chinese() -> None:
    [row] = rows_of("sku\tname\n1\t中文\n".encode("gbk"), "cp1252")
    assert row["name"] == "中文".encode("gbk").decode("cp1252")
