"""Targets out to a file, filled in, and back in; and files that are wrong or mean harm."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from superset_kpi_plugin.targets.sheets import FORMULA, SKIPPED, safe_text, to_csv, to_xlsx, without_guard
from tests.plugin.conftest import Client, error_of
from tests.plugin.test_targets_api import ACOS, GMV, listed, save

MONTH = "grain=month&period_start=2026-11-01"
HEAD = "kpi_id,entity_id,grain,period_start,target_value"
LINE = "gmv,account:aurora_us,month,2026-11-01,"


def send(client: Client, content: str | bytes, **form: str) -> Any:
    data = content.encode() if isinstance(content, str) else content
    return client.request("POST", "targets/import", data={"file": (io.BytesIO(data), "targets"), **form})


def exported(client: Client, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"targets/export?format=csv&{MONTH}{query}")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


def test_a_template_goes_out_is_filled_in_and_comes_back(owner: Any, clean: Any) -> None:
    save(owner, {**GMV, "target_value": "100", "owner": "=HYPERLINK(1)"})
    answer = owner.get(f"targets/export?{MONTH}&include=candidates&entity_kind=account&kpi_id=gmv")
    assert "attachment" in answer.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.get_data()))
    sheet = book.worksheets[0]
    places = {cell.value: cell.column for cell in sheet[1]}
    rows = {row[places["entity_id"] - 1].value: row for row in sheet.iter_rows(min_row=2)}
    assert set(rows) == {"account:aurora_us", "account:borealis_us"}
    assert rows["account:aurora_us"][places["owner"] - 1].value == "'=HYPERLINK(1)"
    rows["account:borealis_us"][places["target_value"] - 1].value = 1234.56
    filled = io.BytesIO()
    book.save(filled)

    seen = send(owner, filled.getvalue()).get_json()
    assert (seen["errors"], seen["counts"]) == ([], {"new": 1, "changed": 0, "unchanged": 1, "errors": 0})
    assert seen["diff"][0]["changes"] == {"target_value": {"from": None, "to": "1234.56"}}
    assert ("gmv", "account:borealis_us") not in listed(owner)  # a preview writes nothing
    assert send(owner, filled.getvalue(), apply="true").get_json() == {"saved": 2}
    found = listed(owner)
    assert found["gmv", "account:borealis_us"]["draft"]["target_value"] == "1234.56"
    assert (
        found["gmv", "account:aurora_us"]["draft"]["owner"],
        found["gmv", "account:aurora_us"]["draft"]["version"],
    ) == (
        "=HYPERLINK(1)",
        1,
    )


def test_columns_are_recognised_or_mapped(owner: Any, clean: Any) -> None:
    text = "指标;Entity;Period type;月份;Goal;Plan 2;note\ngmv;account:aurora_us;month;2026-11;7.5;8;x\n"
    seen = send(owner, text).get_json()
    assert [column["field"] for column in seen["columns"]] == [
        "kpi_id", "entity_id", "grain", "period_start", "target_value", None, None,
    ]  # fmt: skip
    assert seen["diff"][0]["changes"]["target_value"]["to"] == "7.5"
    mapped = send(owner, text, mapping=json.dumps({"Goal": "floor_value", "Plan 2": "target_value"})).get_json()
    assert mapped["diff"][0]["changes"] == {
        "floor_value": {"from": None, "to": "7.5"},
        "target_value": {"from": None, "to": "8"},
    }
    for mapping in ("[]", "{", '{"a": 1}'):
        error_of(send(owner, text, mapping=mapping), 400)


@pytest.mark.parametrize(
    "day", ["2026/11/1", "2026-11", "2026/11/01", "2026年11月1日", "2026年11月", "2026.11.1", "20261101"]
)
def test_a_date_is_read_as_a_spreadsheet_program_writes_it(owner: Any, clean: Any, day: str) -> None:
    seen = send(owner, f"{HEAD}\n{LINE.replace('2026-11-01', day)}7\n").get_json()
    assert (seen["errors"], seen["counts"]["new"]) == ([], 1)


@pytest.mark.parametrize("day", ["11/1/2026", "1.11.2026", "2026/13/1", "2026/11-1", "Nov-26", "46000"])
def test_a_date_of_two_meanings_is_refused(owner: Any, clean: Any, day: str) -> None:
    [error] = send(owner, f"{HEAD}\n{LINE.replace('2026-11-01', day)}7\n").get_json()["errors"]
    assert (error["row"], error["column"]) == (2, "period_start")


def test_errors_name_row_and_column_and_nothing_is_saved(owner: Any, clean: Any) -> None:
    text = "\n".join([HEAD, LINE + "5", "", LINE.replace("gmv", "joy") + "1", LINE.replace("11-01", "11-02") + "1"])
    answer = send(owner, text, apply="true")
    errors = error_of(answer, 422)["details"]["errors"]
    assert [(item["row"], item["column"]) for item in errors] == [(4, "kpi_id"), (5, "period_start")]
    bad = "\n".join([HEAD, LINE + "x", LINE.replace("month", "moon") + "1", "gmv,,month,2026-11-01,1", LINE + "1,2"])
    seen = send(owner, bad).get_json()
    assert [(item["row"], item["column"]) for item in seen["errors"]] == [
        (2, "target_value"), (3, "grain"), (4, "entity_id"),
    ]  # fmt: skip
    twice = send(owner, "\n".join([HEAD, LINE + "1", LINE + "2"])).get_json()
    assert [item["row"] for item in twice["errors"]] == [2, 3]
    missing = send(owner, "kpi_id,entity_id\ngmv,company\n").get_json()
    assert [item["column"] for item in missing["errors"]] == ["grain", "period_start"]
    assert listed(owner) == {}


def test_a_csv_of_chinese_excel_is_read_and_says_so(owner: Any, clean: Any) -> None:
    text = "指标,对象,周期类型,月份,目标,原因\ngmv,account:aurora_us,month,2026/11/1,7.5,旺季备货提前\n"
    seen = send(owner, text.encode("gbk")).get_json()
    assert (seen["errors"], seen["encoding"], seen["counts"]["new"]) == ([], "gb18030", 1)
    assert send(owner, text).get_json()["encoding"] == "utf-8"
    assert send(owner, text.encode("gbk"), apply="true").get_json() == {"saved": 1}
    assert listed(owner)["gmv", "account:aurora_us"]["draft"]["reason"] == "旺季备货提前"


def test_other_encodings_are_refused_and_not_guessed(owner: Any, clean: Any) -> None:
    line = f"{HEAD},owner\n{LINE}7,"
    for content in ((line + "Frau Köln\n").encode("cp1252"), (line + "Crème\n").encode("cp1252")):
        assert "UTF-8 or GB18030" in error_of(send(owner, content), 422)["message"]


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"PK\x03\x04rubbish", HEAD.encode(), b'a,"b\n', b"\x00\x01\x02"]
)
def test_a_file_that_is_none_is_refused_in_words(owner: Any, clean: Any, content: bytes) -> None:
    answer = send(owner, content)
    if answer.status_code == 200:
        assert answer.get_json()["errors"]
    else:
        error_of(answer, 422)


def test_too_many_rows_and_no_file(app: Any, owner: Any, clean: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(app.config, "KPI_MAX_IMPORT_ROWS", 1)
    error_of(send(owner, "\n".join([HEAD, LINE + "1", LINE + "2"])), 422)
    monkeypatch.setitem(app.config, "KPI_UPLOAD_MAX_MB", 0)
    error_of(send(owner, "x" * 100_000), 413)
    error_of(owner.request("POST", "targets/import", data={}), 400)
    error_of(owner.get(f"targets/export?format=pdf&{MONTH}"), 400)


def test_an_import_leaves_out_what_the_file_lacks_and_clears_empty_cells(owner: Any, clean: Any) -> None:
    save(owner, {**GMV, "target_value": "100", "floor_value": "80", "weight": "0.5"})
    assert send(owner, f"{HEAD},floor\n{LINE}120,\n", apply="true").status_code == 200
    draft = listed(owner)["gmv", "account:aurora_us"]["draft"]
    assert (draft["target_value"], draft["floor_value"], draft["weight"]) == ("120", None, "0.5")


def test_an_export_shows_what_is_known(owner: Any, clean: Any) -> None:
    save(owner, {**ACOS, "target_value": "0.25"})
    [row] = exported(owner)
    assert (row["kpi_name"], row["target_value"], row["state"], row["actual"]) == ("ACoS", "0.25", "draft", "0.6")


@given(prefix=st.text(SKIPPED, max_size=4), sign=st.sampled_from(FORMULA), rest=st.text(max_size=12))
def test_no_text_becomes_a_formula(prefix: str, sign: str, rest: str) -> None:
    text = prefix + sign + rest
    shown = safe_text(text)
    assert shown[:1] == "'" or shown.lstrip(SKIPPED)[:1] not in tuple(FORMULA) or float(shown) is not None
    for content in (to_csv([{"owner": text}], ["owner"]), None):
        if content is not None:
            [[head], [cell]] = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
            assert (head, cell) == ("owner", shown)


@given(text=st.text(max_size=20))
def test_the_guard_comes_off_again(text: str) -> None:
    kept = safe_text(text)
    gone = {chr(number) for number in (*range(32), 127, 0xFFFE, 0xFFFF)} - set("\t\n\r")
    printable = "".join(letter for letter in text if letter not in gone)
    assert without_guard(kept) == printable


def test_a_workbook_holds_no_formula() -> None:
    texts = ["=1+1", "+A1", "-2+3", "@SUM(1)", "\t=1", "\u200b=1", "\ufeff=1", "＝1", "a\x00b", "'x", "-5"]
    texts += ["\u2060=1", "\u180e=1", "\u2003=1", "\u3164=1", "\u202f\u200b\ufeff=1", "﹦1", "％x"]
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx([{"owner": text} for text in texts], ["owner"])))
    cells = [row[0] for row in book.worksheets[0].iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in cells][:4] == ["'=1+1", "'+A1", "'-2+3", "'@SUM(1)"]
    assert all(cell.value[0] == "'" for cell in cells[-7:])


def test_numbers_that_cannot_stand_together_refuse_the_import_by_row_and_column(owner: Any, clean: Any) -> None:
    text = f"{HEAD},floor\n{LINE}100,200\n"
    [shown] = send(owner, text).get_json()["errors"]
    error = error_of(send(owner, text, apply="true"), 422)
    assert (shown["row"], shown["column"]) == (2, "floor_value")
    assert error["details"]["errors"] == [shown]
    assert owner.get("targets/?grain=month&period_start=2026-11-01").get_json()["result"] == []
