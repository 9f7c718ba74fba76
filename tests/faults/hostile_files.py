"""Files that nobody should be able to break a reader with: the n-th of them is always the same.

Kinds: tables of text in every encoding and delimiter, with cells without end, a million columns, NUL, marks, lines that
don't split; JSON that is deep, wide, cut or none; gzip and zip that are damaged, cut, or grow without end; workbooks
that claim absurd sizes, declare document types or refer to files of this machine; bytes at random.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import lru_cache

from airflow_dags.contracts import Contract
from airflow_dags.registry import contracts

MIB = 1024**2
CELLS = (
    "",
    " ",
    "0",
    "-1.50",
    "1e400",
    "9" * 400,
    "NaN",
    "2026-11-01",
    "2026-13-45",
    "2026-11-01T10:00:00Z",
    "2026-11-01 10:00:00 UTC",
    "99999-01-01T00:00:00+00:00",
    "true",
    "Lämpchen – 5″",
    "ランプ",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "=cmd|' /C calc'!A0",
    "' or 1=1; drop table raw.accounts; --",
    "a\x00b",
    '"',
    '""',
    "\u2028",
    *("\x1f", "null", "[]", "{}"),
)
ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-32", "cp932", "latin-1", "utf-7")


def hostile_file(number: int) -> tuple[str, bytes]:
    """Name and content of the n-th file."""
    dice = random.Random(f"hostile/{number}")
    dice.contract = contract_of(number)  # type: ignore[attr-defined]
    # The heavy kinds take a second each, and a few hundred of them are enough.
    kinds = HEAVY if number % 250 == 0 else LIGHT
    kind = dice.choice(kinds)
    content = kind(dice)
    if kinds is LIGHT and dice.random() < 0.25:
        content = _damaged(dice, content)
    return f"{kind.__name__.lstrip('_')} {number}", content


# Text


def contract_of(number: int) -> Contract:
    """Whose columns the n-th file uses, if it has columns."""
    return random.Random(f"contract/{number}").choice(_contracts())


@lru_cache(maxsize=1)
def _contracts() -> list[Contract]:
    return sorted(contracts(), key=lambda contract: contract.title)


FITTING = {
    "text": ["A-1", "Lamp", "USD"],
    "integer": ["1", "20"],
    "bigint": ["1", "123456789012"],
    "numeric": ["1.50", "-2", "0.1234"],
    "date": ["2026-11-01", "2026-11-02"],
    "timestamp": ["2026-11-01T10:00:00Z"],
    "boolean": ["true", "no"],
}


def _table(dice: random.Random) -> tuple[list[str], list[list[str]]]:
    """A contract's columns, some missing, doubled or unknown, with cells that mostly fit or mostly don't."""
    columns = list(dice.contract.columns)  # type: ignore[attr-defined]
    if dice.random() < 0.2:
        columns = dice.sample(columns, dice.randint(1, len(columns)))
    names = [dice.choice(column.names) for column in columns]
    kinds = [column.type for column in columns]
    if dice.random() < 0.2:
        names, kinds = [*names, names[0], "", "x" * 300], [*kinds, "text", "text", "text"]
    fitting = dice.choice([0.0, 0.9, 1.0])
    rows = [
        [dice.choice(FITTING[kind]) if dice.random() < fitting else dice.choice(CELLS) for kind in kinds]
        for _ in range(dice.randint(0, 12))
    ]
    return names, rows


def _encoded(dice: random.Random, text: str) -> bytes:
    return text.encode(dice.choice(ENCODINGS), "replace")


def delimited(dice: random.Random) -> bytes:
    names, rows = _table(dice)
    delimiter, end = dice.choice("\t,;|"), dice.choice(["\n", "\r\n", "\r", "\n\r"])
    lines = [delimiter.join(line) for line in [names, *rows]]
    return _encoded(dice, end.join(lines) + dice.choice(["", end]))


def ragged(dice: random.Random) -> bytes:
    names, rows = _table(dice)
    lines = [names, *(row[: dice.randint(0, len(row))] * dice.randint(1, 3) for row in rows)]
    return _encoded(dice, "\n".join(dice.choice("\t,").join(line) for line in lines))


def mixed_encodings(dice: random.Random) -> bytes:
    return b"\n".join(
        _encoded(dice, "\t".join(dice.choice(CELLS) for _ in range(3))) for _ in range(dice.randint(1, 8))
    )


def quotes_without_end(dice: random.Random) -> bytes:
    return b'sku,name\n1,"' + b'a,"b\n' * dice.randint(1, 2000)


def random_bytes(dice: random.Random) -> bytes:
    start = dice.choice([b"", b"\x1f\x8b\x08", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf", b"[", b"{", b"<", b"\x00"])
    return start + dice.randbytes(dice.randint(0, 4000))


def huge_cell(dice: random.Random) -> bytes:
    size = dice.randint(1, 12) * MIB
    return b"sku\tname\n1\t" + b"x" * size + dice.choice([b"", b"\n2\ty\n"])


def million_columns(dice: random.Random) -> bytes:
    header = dice.choice(["\t", ","]).join(f"c{number}" for number in range(1_000_000))
    return dice.choice([header + "\n1\n", "sku\n" + "\t" * 1_000_000 + "\n", header]).encode()


def broken_lines(dice: random.Random) -> bytes:
    return b"sku\tunits\n" + b"a\tb\tc\n" * dice.randint(10_000, 200_000)


def nearly_empty_cells(dice: random.Random) -> bytes:
    line = b"," * dice.choice([1, 30, 900])
    return line + b"\n" + (line + b"\n") * (12 * MIB // len(line))


# JSON


def json_rows(dice: random.Random) -> bytes:
    names, rows = _table(dice)
    objects: list[object] = [dict(zip(names, row, strict=True)) for row in rows]
    if dice.random() < 0.4:
        objects.insert(0, dice.choice([None, 1, "x", [], {"a": {"b": [1, {"c": None}]}}, {"": "\ud800"}]))
    return json.dumps(dice.choice([objects, {"rows": objects}, {"payload": {"data": objects}}])).encode()


def json_value(dice: random.Random) -> bytes:
    return json.dumps(_value(dice, 5)).encode()


def _value(dice: random.Random, depth: int) -> object:
    kind = dice.randint(0, 7 if depth else 4)
    if kind > 5:
        return {dice.choice(["data", "rows", "reportSpecification", "x"]): _value(dice, depth - 1) for _ in range(3)}
    if kind > 4:
        return [_value(dice, depth - 1) for _ in range(dice.randint(0, 3))]
    return (None, True, dice.random() * 10 ** dice.randint(-300, 300), dice.choice(CELLS), 10**300)[kind]


def json_deep(dice: random.Random) -> bytes:
    depth = dice.choice([50, 200, 5000, 100_000])
    return dice.choice(['{"a":', "[", '[{"a":[']).encode() * depth + dice.choice([b"", b"1" + b"]" * depth])


def json_wide(dice: random.Random) -> bytes:
    cell = dice.choice([b"10,", b"[],", b"{},", b'{"a":{}},', b'"xy",'])
    return b"[" + cell * (6 * MIB // len(cell)) + b"1]"


def json_million_names(dice: random.Random) -> bytes:
    objects = [{f"c{number}": 1 for number in range(200_000)}]
    return json.dumps(objects if dice.random() < 0.5 else [{f"c{number}": 1} for number in range(20_000)]).encode()


# gzip


def zipped(dice: random.Random) -> bytes:
    content = dice.choice([delimited, json_rows, json_value, ragged])(dice)
    for _ in range(dice.randint(1, 3)):
        content = gzip.compress(content, 1, mtime=0)
    return content + dice.choice([b"", b"", b"\x00" * 512, b"rest", content])


def gzip_bomb(dice: random.Random) -> bytes:
    return _bomb(dice.choice([b"\x00", b"a\t", b"\n", b",", b"[", b'{"a":1},\n']), dice.choice([64, 300, 1500]))


@lru_cache(maxsize=24)
def _bomb(unit: bytes, size: int) -> bytes:
    """``size`` MiB of one thing in a thousandth of that."""
    zip_ = zlib.compressobj(6, wbits=31)
    block = unit * (MIB // len(unit))
    return b"".join(zip_.compress(block) for _ in range(size)) + zip_.flush()


# Workbooks

_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="{office}/{kind}" Target="{target}"/></Relationships>'
)
_BOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="{office}"><sheets>'
    '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{dimension}<sheetData>{rows}</sheetData></worksheet>'
LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY i SYSTEM "file:///etc/passwd">]>'


def _book(rows: str, dimension: str = "", doctype: str = "", more: dict[str, str] | None = None) -> bytes:
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _RELATIONS.format(office=_OFFICE, kind="officeDocument", target="xl/workbook.xml"),
        "xl/workbook.xml": _BOOK.format(office=_OFFICE),
        "xl/_rels/workbook.xml.rels": _RELATIONS.format(
            office=_OFFICE, kind="worksheet", target="worksheets/sheet1.xml"
        ),
        "xl/worksheets/sheet1.xml": doctype + _SHEET.format(dimension=dimension, rows=rows),
        **(more or {}),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name, text in parts.items():
            book.writestr(name, text)
    return buffer.getvalue()


def _text_cell(place: str, text: str) -> str:
    safe = "".join(c for c in text if c >= " ").replace("&", "&amp;").replace("<", "&lt;")
    return f'<c r="{place}" t="inlineStr"><is><t>{safe}</t></is></c>'


def workbook(dice: random.Random) -> bytes:
    names, rows = _table(dice)
    lines = []
    for number, row in enumerate([names, *rows], start=dice.choice([1, 1, 5])):
        cells = "".join(_text_cell(f"{chr(65 + place % 26)}{number}", cell) for place, cell in enumerate(row[:26]))
        lines.append(f'<row r="{number}">{cells}</row>')
    return _book("".join(lines), dimension='<dimension ref="A1:XFD1048576"/>' if dice.random() < 0.3 else "")


def workbook_of_numbers(dice: random.Random) -> bytes:
    values = ["1", "1e308", "9" * 5000, "nan", "-1", "2958466", "1e9", ""]
    cells = "".join(
        f'<c r="{dice.choice("ABC")}{dice.randint(1, 9)}" t="{dice.choice("nsbd")}" s="{dice.randint(0, 3)}">'
        f"<v>{dice.choice(values)}</v></c>"
        for _ in range(9)
    )
    return _book(f"<row>{cells}</row>" * dice.randint(1, 4))


def workbook_of_far_cells(dice: random.Random) -> bytes:
    cell, row = (
        dice.choice(["XFD1", "ZZZZ9", "A1048576", "A99999999", "1", "-1", "Ä1"]),
        dice.choice(["1", "1048576", "1048577", "99999999999", "-5", "1.5", "x"]),
    )
    return _book(f'<row r="1">{_text_cell("A1", "sku")}</row><row r="{row}">{_text_cell(cell, "x")}</row>')


def workbook_with_entities(dice: random.Random) -> bytes:
    doctype, use = dice.choice(
        [(LAUGHS, "&i;"), (OUTSIDE, "&i;"), ('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">', "x")]
    )
    rows = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{use}</t></is></c></row>'
    if dice.random() < 0.3:
        return _book("", more={"xl/sharedStrings.xml": f"{doctype}<sst><si><t>{use}</t></si></sst>"})
    return _book(rows, doctype=doctype)


def zip_with_wrong_sizes(dice: random.Random) -> bytes:
    content = bytearray(workbook(dice))
    place = content.rfind(b"PK\x01\x02")
    while place >= 0:
        if dice.random() < 0.5:
            struct.pack_into("<I", content, place + 24, dice.choice([0, 1, 0x7FFFFFFF, 0xFFFFFFFE]))
        place = content.rfind(b"PK\x01\x02", 0, place)
    return bytes(content)


def zip_of_anything(dice: random.Random) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as parts:
        for _ in range(dice.randint(0, 5)):
            name = dice.choice(["a.csv", "../../etc/passwd", "xl/workbook.xml", "[Content_Types].xml", "x" * 200, "y"])
            parts.writestr(name, dice.choice([delimited, json_rows, random_bytes])(dice))
    return buffer.getvalue()


def workbook_bomb(dice: random.Random) -> bytes:
    kind = dice.randint(0, 5)
    if kind == 0:
        return _book(f"<row>{'<c/>' * 2_500_000}</row>")
    if kind == 1:
        return _book("<row/>" * 3_500_000)
    if kind == 2:
        return _book("", more={"xl/sharedStrings.xml": "<sst>" + "<si><t>x</t></si>" * 1_200_000 + "</sst>"})
    if kind == 3:
        return _book("", more={"xl/styles.xml": "<styleSheet>" + "<xf/>" * 1_500_000 + "</styleSheet>"})
    if kind == 4:
        return _book(" " * 300 * MIB)
    row = "".join(_text_cell(f"{chr(65 + place)}1", "12345") for place in range(20))
    return _book(f"<row>{row}</row>" * 60_000)


def many_parts(dice: random.Random) -> bytes:
    return _book("", more={f"xl/worksheets/sheet{number}.xml": "<worksheet/>" for number in range(2, 7000)})


# Damage


def _damaged(dice: random.Random, content: bytes) -> bytes:
    """Cut, flip, insert, repeat or drop some bytes."""
    damaged = bytearray(content)
    for _ in range(dice.randint(1, 4)):
        if not damaged:
            break
        place, length = dice.randrange(len(damaged)), dice.choice([1, 1, 4, 100])
        action = dice.randint(0, 4)
        if action == 0:
            del damaged[place:]
        elif action == 1:
            damaged[place] ^= 1 << dice.randint(0, 7)
        elif action == 2:
            damaged[place:place] = dice.randbytes(length)
        elif action == 3:
            damaged[place:place] = damaged[place : place + length] * 3
        else:
            del damaged[place : place + length]
    return bytes(damaged)


Kind = Callable[[random.Random], bytes]
LIGHT: list[Kind] = [
    delimited,
    delimited,
    ragged,
    mixed_encodings,
    quotes_without_end,
    random_bytes,
    json_rows,
    json_rows,
    json_value,
    json_deep,
    zipped,
    workbook,
    workbook,
    workbook_of_numbers,
    workbook_of_far_cells,
    workbook_with_entities,
    zip_with_wrong_sizes,
    zip_of_anything,
]
HEAVY: list[Kind] = [
    huge_cell,
    million_columns,
    broken_lines,
    nearly_empty_cells,
    json_wide,
    json_million_names,
    gzip_bomb,
    gzip_bomb,
    workbook_bomb,
    workbook_bomb,
    many_parts,
]
