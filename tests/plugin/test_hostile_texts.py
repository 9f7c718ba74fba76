"""Whatever people type stays text: in the API's answers, in files and in what other slices mail."""

from __future__ import annotations

import csv
import io
import random
from typing import Any

from superset_kpi_plugin.targets.sheets import FORMULA, SKIPPED
from tests.plugin.conftest import run_sql
from tests.plugin.test_targets_api import GMV, listed, save

COUNT = 500
PARTS = (
    "'; drop table kpi_target; --", '" or 1=1 --', "\\'; select pg_sleep(9)", "%s%(x)s", ":name", "{{ 7*7 }}",
    "{% raw %}", "{0.__class__}", "{owner}", "{", "}", "${7*7}", "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>", "&lt;", "\u202e", "=1+1", "+1+1", "-1+2", "@SUM(A1)", "\u200b=1", "\ufeff=1", "＝1",
    "|calc", "'", "''", '"', ",", ";", "\\", "李", "🎯", " ",
)  # fmt: skip


def texts() -> list[str]:
    """500 different ones, the same every time."""
    source = random.Random(5)
    found: dict[str, None] = dict.fromkeys(PARTS)
    while len(found) < COUNT:
        found["".join(source.choices(PARTS, k=source.randint(2, 4)))] = None
    return [text for text in found if text.strip()][:COUNT]


def test_owners_reasons_and_comments_stay_text(owner: Any, approver: Any, clean: Any, metadata_uri: str) -> None:
    hostile = texts()
    assert len(hostile) >= COUNT - 1
    clean.execute(
        "insert into kpi.kpi_entities (entity_id, entity_kind, entity_name, currency, is_active) "
        "select 'account:h' || n, 'account', 'Account ' || n, 'USD', true from generate_series(0, %s) as n",
        (COUNT,),
    )
    rows = [
        {**GMV, "entity_id": f"account:h{place}", "target_value": "5", "owner": text, "reason": text}
        for place, text in enumerate(hostile)
    ]
    saved = save(owner, *rows)
    # The API gives back what was typed, as JSON.
    found = listed(owner, "&page_size=1000")
    for place, text in enumerate(hostile):
        draft = found["gmv", f"account:h{place}"]["draft"]
        assert (draft["owner"], draft["reason"]) == (text, text)
    # Files hold the same, guarded where a spreadsheet could take it for a formula.
    for query in ("csv", "xlsx"):
        answer = owner.get(f"targets/export?format={query}&grain=month&period_start=2026-11-01")
        owners = _owners(query, answer.get_data())
        assert len(owners) == len(hostile)
        for text in owners:
            assert text.lstrip(SKIPPED)[:1] not in tuple(FORMULA), text
    # Approved and published, they are values of columns, no SQL.
    ids = [row["id"] for row in saved]
    assert approver.post("targets/approve", {"ids": ids}).get_json()["publication"]["state"] == "done"
    assert sorted(row["owner"] for row in clean.targets()) == sorted(hostile)
    # Comments too, one for each.
    path = f"targets/{saved[0]['id']}/comments"
    for text in hostile[:: len(hostile) // 50]:
        answer = owner.post(path, {"text": text})
        assert (answer.status_code, answer.get_json()["result"]["text"]) == (201, text.strip())
        assert answer.mimetype == "application/json"
    assert len(run_sql(metadata_uri, "select id from kpi_target")) == len(hostile)


def _owners(kind: str, content: bytes) -> list[str]:
    if kind == "csv":
        return [row["owner"] for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))]
    import openpyxl

    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    head, *lines = sheet.iter_rows()
    place = next(cell.column for cell in head if cell.value == "owner") - 1
    assert {line[place].data_type for line in lines} == {"s"}
    return [line[place].value for line in lines]


def test_hostile_texts_in_errors_and_questions_are_text_too(owner: Any, admin: Any, clean: Any) -> None:
    for text in texts()[::25]:
        answer = owner.put("targets/", {"targets": [{**GMV, "kpi_id": text[:64], "target_value": "1"}]})
        assert (answer.status_code, answer.mimetype) == (422, "application/json")
        for path in ("targets/explain", "targets/feasibility", "targets/tree"):
            query = {"kpi_id": text, "entity_id": text, "grain": "month", "period_start": "2026-11-01"}
            answer = owner.get(path, query_string={**query, "from": "2026-11-01", "to": "2026-11-01"})
            assert (answer.status_code, answer.mimetype) == (404, "application/json")
        body = {"subject_kind": "user", "subject": text[:64], "entity_id": text}
        assert admin.post("scopes/", body).status_code == 422
        waiver = {"key": text, "reason": text, "ends_on": "2199-01-01"}
        answer = admin.post("targets/waivers", waiver)
        assert answer.status_code == 201, (text, answer.get_json())
        assert answer.get_json()["result"]["reason"] == text
