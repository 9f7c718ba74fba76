"""Reports: what they say equals the contract, when they are made, who gets them, and what a template may do."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from superset_kpi_plugin.reports.calendar import BIWEEKLY, CADENCES, DAILY, MONTHLY, WEEKLY, containing, latest
from tests.plugin.conftest import Client, error_of, run_sql

AURORA = "account:aurora_us"
#: Two weeks and the ones before them: amounts of 100 and 200, ratios of 1/10 and 3/10, in the latter.
DAYS_SQL = """
insert into kpi.kpi_values
select kpi_id, 'account', 'account:aurora_us', 'week', start, start + 6, upper, lower, upper / coalesce(lower, 1),
    case kpi_id when 'gmv' then 'USD' end, true, start + 6
from (values
    ('gmv', date '2026-10-12', 50, null::numeric), ('gmv', '2026-10-19', 50, null),
    ('gmv', '2026-10-26', 100, null), ('gmv', '2026-11-02', 200, null),
    ('acos', '2026-10-12', 1, 10), ('acos', '2026-10-19', 1, 10), ('acos', '2026-10-26', 1, 10),
    ('acos', '2026-11-02', 9, 30)
) as v (kpi_id, start, upper, lower);
insert into kpi.kpi_targets (target_id, version, kpi_id, entity_kind, entity_id, grain, period_start, target_value,
    owner)
values ('t1', 1, 'gmv', 'account', 'account:aurora_us', 'month', '2026-11-01', 200000, 'e001'),
    ('t2', 1, 'acos', 'ad_group', 'ad_group:aurora_us/ag2', 'month', '2026-11-01', 0.3, 'e001'),
    ('t3', 1, 'gmv', 'account', 'account:borealis_us', 'month', '2026-11-01', 30000, 'e002');
update kpi.kpi_freshness set covered_through = '2026-11-08';
"""


@pytest.fixture
def business(clean: Any) -> Any:
    """The sample warehouse with weeks and targets."""
    clean.execute(DAYS_SQL)
    return clean


@pytest.fixture
def told(app: Any) -> Iterator[None]:
    """Channels for everybody, for somebody who sees Borealis only, and for the subject's owner."""
    before = {name: app.config[name] for name in ("KPI_CHANNELS", "KPI_OWNERS")}
    app.config["KPI_CHANNELS"] = {
        "mail": "mailto://127.0.0.1:1/?from=a@example.com&to=b@example.com,c@example.com",
        "hook": "json://127.0.0.1/hook",
        "outsider": {"url": "json://127.0.0.1/hook", "user": "owner_out"},
        "own": {"url": "mailto://127.0.0.1:1/?from=a@example.com", "to": "owner"},
    }
    app.config["KPI_OWNERS"] = {"e001": {"email": "mei@example.com", "locale": "zh"}}
    yield
    app.config.update(before)


def plan(client: Client, **fields: Any) -> dict[str, Any]:
    """A plan as the API answers it."""
    answer = client.post("report_plans/", {"name": "Aurora", "entity_id": AURORA, "cadence": BIWEEKLY, **fields})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return dict(answer.get_json()["result"])


def made(client: Client, plan_id: int, day: str = "2026-11-08") -> dict[str, Any]:
    """The plan's report of the window that holds the day, with its content."""
    answer = client.post(f"reports/?day={day}", {"plan_id": plan_id})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return dict(client.get(f"reports/{answer.get_json()['result']['id']}").get_json()["result"])


days = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@given(st.sampled_from(CADENCES), days)
def test_windows_cover_every_day_once(cadence: str, day: date) -> None:
    window = containing(cadence, day)
    assert window.start <= day <= window.end
    assert containing(cadence, window.start) == containing(cadence, window.end) == window
    assert window.before().end == window.start - timedelta(days=1)
    assert window.trend()[-1] == window.periods[-1]
    assert len(set(window.trend())) == len(window.trend())
    assert window.last_year().end < window.start
    if cadence in (WEEKLY, BIWEEKLY):
        assert window.start.weekday() == window.last_year().start.weekday() == 0


@given(st.sampled_from(CADENCES), days)
def test_the_latest_window_has_ended_and_the_next_has_not(cadence: str, day: date) -> None:
    window = latest(cadence, day)
    assert window.end <= day
    assert containing(cadence, window.end + timedelta(days=1)).end > day


def test_a_report_says_what_the_contract_says(approver: Client, business: Any) -> None:
    report = made(approver, plan(approver)["id"])
    content = report["content"]
    assert (report["period_start"], report["period_end"]) == ("2026-10-26", "2026-11-08")
    figures = {row["kpi_id"]: row for row in content["headlines"]}
    assert figures["gmv"]["value"] == "300"
    assert figures["gmv"]["before"] == "100"
    assert Decimal(figures["gmv"]["change_before"]) == 2
    # A ratio is the sum over the sum, 10/40, and its change is a difference.
    assert Decimal(figures["acos"]["value"]) == Decimal("0.25")
    assert Decimal(figures["acos"]["change_before"]) == Decimal("0.15")
    assert figures["gmv"]["last_year"] is None
    assert figures["gmv"]["change_last_year"] is None
    status = business.execute("select * from kpi.kpi_status where owner = 'e001' order by kpi_id")
    assert [(row["kpi_id"], row["entity_id"], row["status"]) for row in content["targets"]] == [
        ("acos", "ad_group:aurora_us/ag2", "breach"),
        ("gmv", AURORA, "breach"),
    ]
    assert {row["kpi_id"]: Decimal(row["attainment"]) for row in content["targets"]} == {
        row["kpi_id"]: row["attainment"] for row in status
    }
    assert "Borealis" not in str(content)
    assert "+200.0%" in report["html"]
    assert "+15.0 pp" in report["html"]


def test_every_figure_of_a_target_is_the_pages(approver: Client, business: Any) -> None:
    content = made(approver, plan(approver)["id"])["content"]
    target = {"kpi_id": "gmv", "entity_id": AURORA, "grain": "month", "period_start": "2026-11-01"}
    approver.put("targets/", {"targets": [{**target, "target_value": "200000"}]})  # the page lists what it keeps itself
    path = "targets/?grain=month&period_start=2026-11-01&entity_kind=account&page_size=100"
    page = approver.get(path).get_json()["result"]
    (status,) = [row["status"] for row in page if (row["kpi_id"], row["entity_id"]) == ("gmv", AURORA)]
    (told,) = [row for row in content["targets"] if row["kpi_id"] == "gmv"]
    assert told["status"] == status["status"]
    for name in ("value", "attainment", "expected_value"):
        assert _same(told[name], status[name]), (name, told[name], status[name])


def _same(one: str | None, other: str | None) -> bool:
    return one is other is None or (one is not None and other is not None and Decimal(one) == Decimal(other))


def test_a_part_that_fails_is_named_and_leaves_the_others(
    app: Any, approver: Client, business: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from superset.extensions import db

    from superset_kpi_plugin.reports import content as contents
    from superset_kpi_plugin.reports import message
    from superset_kpi_plugin.reports.models import Report

    whole = made(approver, plan(approver)["id"])["content"]
    monkeypatch.setattr(contents.figures, "trend", lambda *args: args[-1].read("select 1 / 0"))
    report = made(approver, plan(approver, name="Again")["id"])
    part = report["content"]
    assert (whole["failed"], part["failed"]) == ([], ["trend"])
    assert part["trend"] is None
    same = ("headlines", "targets", "causes", "parts", "margin", "outlook")
    assert {name: part[name] for name in same} == {name: whole[name] for name in same}
    assert "goes without: the chart over time." in report["html"]
    with app.app_context():
        told = message.write(
            "key", message.payload_of(db.session.get(Report, report["id"])), "en", "https://bi.example.com"
        )
    assert "goes without: the chart over time." in told.text
    assert 'href="https://bi.example.com/kpi/glossary/#gmv"' in told.html


def test_a_report_is_not_made_of_what_was_read_before_the_server_was_gone(
    approver: Client, business: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from superset_kpi_plugin.reports import content as contents

    gone = "select pg_terminate_backend(pg_backend_pid())"
    monkeypatch.setattr(contents.figures, "trend", lambda *args: args[-1].read(gone))
    answer = approver.post("reports/?day=2026-11-08", {"plan_id": plan(approver)["id"]})
    assert answer.status_code == 503, answer.get_data(as_text=True)


def test_what_a_window_lacks_is_no_value(approver: Client, business: Any) -> None:
    business.execute("delete from kpi.kpi_values where grain = 'week' and period_start = '2026-10-26'")
    content = made(approver, plan(approver)["id"])["content"]
    assert {row["kpi_id"]: row["value"] for row in content["headlines"]}["gmv"] is None
    assert content["trend"]["points"][-2]["value"] is None
    assert content["trend"]["points"][-1]["value"] == "200"


def test_a_person_answers_for_the_targets_that_name_them(approver: Client, business: Any) -> None:
    business.execute("update kpi.kpi_entities set owner_id = 'e001' where entity_id = 'person:e001'")
    content = made(approver, plan(approver, entity_id="person:e001", cadence=MONTHLY)["id"], "2026-11-15")["content"]
    assert {row["entity_id"] for row in content["targets"]} == {AURORA, "ad_group:aurora_us/ag2"}


def test_a_report_is_made_once_and_keeps_its_figures(approver: Client, business: Any) -> None:
    plan_id = plan(approver)["id"]
    first = made(approver, plan_id)
    business.execute("update kpi.kpi_values set value = 9, numerator = 9 where grain = 'week'")
    assert made(approver, plan_id) == first


def test_late_data_are_named(approver: Client, business: Any) -> None:
    business.execute("update kpi.kpi_freshness set covered_through = '2026-11-06' where stream = 'sp_campaigns'")
    report = made(approver, plan(approver)["id"])
    assert [row["stream"] for row in report["content"]["freshness"]["late"]] == ["sp_campaigns"]
    assert "aurora_us/sp_campaigns" in report["html"]


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_files_hold_the_figures(approver: Client, business: Any, locale: str) -> None:
    from openpyxl import load_workbook

    report = made(approver, plan(approver, locale=locale)["id"])
    path = f"reports/{report['id']}/file?format="
    book = load_workbook(io.BytesIO(approver.get(path + "xlsx").data))
    title = {"en": "Key figures", "zh": "关键指标"}[locale]
    rows = {row[0]: row[1:] for row in book[title].iter_rows(values_only=True)}
    name = {"en": "GMV", "zh": "成交总额"}[locale]
    assert rows[name][:3] == (300, 100, 2)
    pdf = approver.get(path + "pdf")
    assert pdf.data.startswith(b"%PDF")
    assert pdf.data.rstrip().endswith(b"%%EOF")
    page = approver.get(path + "html")
    assert name in page.get_data(as_text=True)
    assert page.headers["Content-Disposition"].startswith("attachment")
    error_of(approver.get(path + "docx"), 400)


def test_hostile_names_stay_text_everywhere(approver: Client, business: Any) -> None:
    from openpyxl import load_workbook

    hostile = "=1+1<script>alert(1)</script>{{7*191}}"
    business.execute("update kpi.kpi_entities set entity_name = %s where entity_id = %s", (hostile, AURORA))
    report = made(approver, plan(approver)["id"])
    approver.put(f"reports/{report['id']}/commentary", {"commentary": "<img src=x onerror=alert(1)>{{7*191}}"})
    html = approver.get(f"reports/{report['id']}").get_json()["result"]["html"]
    assert "<script" not in html
    assert "<img" not in html
    assert "1337" not in html
    book = load_workbook(io.BytesIO(approver.get(f"reports/{report['id']}/file?format=xlsx").data))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    assert approver.get(f"reports/{report['id']}/file?format=pdf").data.startswith(b"%PDF")


def test_wrong_plans_are_refused_field_by_field(approver: Client, business: Any) -> None:
    wrong = {
        "name": " ",
        "entity_id": "sku:aurora_us/AUD-001",
        "cadence": "hourly",
        "locale": "de",
        "channels": ["nowhere"],
        "template_id": 77,
        "needs_release": "yes",
        "colour": "red",
    }
    error = error_of(approver.post("report_plans/", wrong), 422)
    assert {item["field"] for item in error["details"]["errors"]} == set(wrong)
    assert approver.get("report_plans/").get_json()["result"] == []


def test_commentary_goes_with_the_report_and_ends_with_its_release(
    approver: Client, business: Any, told: None, metadata_uri: str
) -> None:
    report = made(approver, plan(approver, channels=["mail", "hook"])["id"])
    path = f"reports/{report['id']}"
    assert approver.put(f"{path}/commentary", {"commentary": "Prime Day moved."}).status_code == 200
    answer = approver.post(f"{path}/release").get_json()
    assert answer["left_out"] == []
    assert answer["result"]["state"] == "released"
    sent = run_sql(metadata_uri, "select * from kpi_outbox order by channel, recipient")
    assert [(row["channel"], row["recipient"]) for row in sent] == [
        ("hook", "hook"),
        ("mail", "b@example.com"),
        ("mail", "c@example.com"),
    ]
    assert all(row["payload"]["commentary"] == "Prime Day moved." for row in sent)
    for again in (approver.post(f"{path}/release"), approver.put(f"{path}/commentary", {"commentary": "no"})):
        error_of(again, 409)
    error_of(approver.delete(path), 409)
    assert len(run_sql(metadata_uri, "select 1 from kpi_outbox")) == 3


def test_nobody_is_sent_what_they_may_not_see(approver: Client, business: Any, told: None, metadata_uri: str) -> None:
    run_sql(
        metadata_uri,
        "insert into kpi_scope (subject_kind, subject, entity_id, may_edit, may_approve, created_by, created_at) "
        "values ('user', 'owner_out', 'account:borealis_us', true, true, 'test', now())",
    )
    report = made(approver, plan(approver, channels=["outsider", "hook"])["id"])
    answer = approver.post(f"reports/{report['id']}/release").get_json()
    assert [item["channel"] for item in answer["left_out"]] == ["outsider"]
    assert [row["channel"] for row in run_sql(metadata_uri, "select channel from kpi_outbox")] == ["hook"]


def test_a_channel_to_the_owner_reaches_the_subject(
    approver: Client, business: Any, told: None, metadata_uri: str
) -> None:
    report = made(approver, plan(approver, entity_id="person:e001", cadence=MONTHLY, channels=["own"])["id"])
    approver.post(f"reports/{report['id']}/release")
    assert [row["recipient"] for row in run_sql(metadata_uri, "select recipient from kpi_outbox")] == [
        "mei@example.com"
    ]


def test_a_released_report_arrives_with_its_files(
    app: Any, approver: Client, business: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import email
    import threading
    from email import policy

    from demo.mail_sink import MailSink
    from superset_kpi_plugin.alerts import commands
    from superset_kpi_plugin.reports import message

    drawn: list[str] = []
    draw = message.pdf.make
    monkeypatch.setattr(message.pdf, "make", lambda *args: drawn.append("pdf") or draw(*args))
    sink = MailSink(0, tmp_path)
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    address = f"mailto://127.0.0.1:{sink.port}/?from=kpi@example.com&to=b@example.com,c@example.com&mode=insecure"
    monkeypatch.setitem(app.config, "KPI_CHANNELS", {"post": address})
    report = made(approver, plan(approver, channels=["post"], locale="zh")["id"])
    approver.post(f"reports/{report['id']}/release")
    with app.app_context():
        assert commands.deliver()["sent"] == 2
        assert commands.deliver()["sent"] == 0
    path, other = sorted(tmp_path.glob("*.eml"))
    assert other.stat().st_size > 0
    assert drawn == ["pdf"], "a report's files are the same for all, and drawn up once"
    mail = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    assert mail["Subject"].startswith("Aurora US双周报")
    html = next(part for part in mail.walk() if part.get_content_type() == "text/html")
    assert "成交总额" in html.get_content()
    files = {part.get_filename(): part.get_content() for part in mail.iter_attachments() if part.get_filename()}
    assert {name.rpartition(".")[2] for name in files} == {"pdf", "xlsx"}
    assert next(content for name, content in files.items() if name.endswith("pdf")).startswith(b"%PDF")


def test_the_schedule_makes_each_report_once(
    app: Any, approver: Client, business: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from superset_kpi_plugin.reports import commands
    from superset_kpi_plugin.reports.commands import run
    from superset_kpi_plugin.warehouse import Warehouse

    asked: list[str] = []
    freshness = commands.queries.freshness
    monkeypatch.setattr(commands.queries, "freshness", lambda *args: asked.append("freshness") or freshness(*args))
    plan(approver)
    plan(approver, name="Read before", needs_release=True)
    plan(approver, name="Off", is_enabled=False)
    with app.app_context():
        first = run(Warehouse(), date(2026, 11, 9))
        second = run(Warehouse(), date(2026, 11, 10))
    assert first == {"made": 2, "released": 1, "waiting_for_data": 0, "failures": []}
    assert second == {"made": 0, "released": 0, "waiting_for_data": 0, "failures": []}
    assert asked == ["freshness"], "however many plans there are, and not at all where none is due"
    states = {row["name"]: row["state"] for row in approver.get("reports/").get_json()["result"]}
    assert states == {"Aurora": "released", "Read before": "waiting"}


def test_celery_makes_and_sends_where_there_is_no_airflow(
    app: Any, approver: Client, business: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from superset.extensions import celery_app

    from superset_kpi_plugin.alerts import commands
    from superset_kpi_plugin.reports.commands import run

    sent: list[str] = []
    monkeypatch.setattr(commands, "deliver", lambda: sent.append("outbox") or {"sent": 1})
    plan(approver)
    monkeypatch.setattr("superset_kpi_plugin.reports.commands.run", lambda house: run(house, date(2026, 11, 9)))
    found = celery_app.tasks["kpi.reports"].apply().get()
    assert (found["made"]["made"], found["made"]["released"], found["delivered"]) == (1, 1, {"sent": 1})
    monkeypatch.setitem(app.config, "KPI_WAREHOUSE_DATABASE", "nothing of this name")
    run_sql(app.config["SQLALCHEMY_DATABASE_URI"], "delete from kpi_report")
    found = celery_app.tasks["kpi.reports"].apply().get()
    assert [failure["name"] for failure in found["made"]["failures"]] == ["Aurora"]
    assert sent == ["outbox", "outbox"], "what an earlier run released goes out all the same"


def test_the_schedule_waits_for_data_and_not_for_ever(app: Any, approver: Client, business: Any) -> None:
    from superset_kpi_plugin.reports.commands import run
    from superset_kpi_plugin.warehouse import Warehouse

    plan(approver)
    business.execute("update kpi.kpi_freshness set covered_through = '2026-11-07'")
    with app.app_context():
        assert run(Warehouse(), date(2026, 11, 9))["waiting_for_data"] == 1
        assert run(Warehouse(), date(2026, 11, 11))["waiting_for_data"] == 1
        assert run(Warehouse(), date(2026, 11, 12))["made"] == 1


def test_one_plan_that_fails_stops_no_other(app: Any, approver: Client, business: Any, metadata_uri: str) -> None:
    from superset_kpi_plugin.reports.commands import run
    from superset_kpi_plugin.warehouse import Warehouse

    plan(approver, name="Broken")
    plan(approver)
    run_sql(metadata_uri, "update kpi_report_plan set entity_id = 'account:gone' where name = 'Broken'")
    with app.app_context():
        result = run(Warehouse(), date(2026, 11, 9))
    assert result["made"] == 1
    assert [failure["name"] for failure in result["failures"]] == ["Broken"]


def test_scopes_bound_plans_and_reports(approver: Client, clients: Any, business: Any, metadata_uri: str) -> None:
    report = made(approver, plan(approver)["id"])
    run_sql(
        metadata_uri,
        "insert into kpi_scope (subject_kind, subject, entity_id, may_edit, may_approve, created_by, created_at) "
        "values ('user', 'approver_out', 'account:borealis_us', true, true, 'test', now())",
    )
    outside = clients("approver_out")
    for path in ("reports/", "report_plans/"):
        assert outside.get(path).get_json()["result"] == []
    for answer in (
        outside.get(f"reports/{report['id']}"),
        outside.get(f"reports/{report['id']}/file?format=pdf"),
        outside.post(f"reports/{report['id']}/release"),
        outside.delete(f"report_plans/{report['plan_id']}"),
    ):
        error_of(answer, 404)
    error_of(outside.post("report_plans/", {"name": "x", "entity_id": AURORA, "cadence": DAILY}), 422)


TEMPLATE = (
    "<h1>{{ w.title(report) }}</h1>{% for row in report.headlines %}{{ w.name(row) }}={{ w.number(row) }};{% endfor %}"
)


def test_a_company_writes_its_own_template(admin: Client, business: Any) -> None:
    answer = admin.post("report_templates/", {"name": "Short", "body": TEMPLATE})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    template_id = answer.get_json()["result"]["id"]
    report = made(admin, plan(admin, template_id=template_id)["id"])
    assert "GMV=$300;" in report["html"]
    error_of(admin.delete(f"report_templates/{template_id}"), 409)
    changed = admin.put(f"report_templates/{template_id}", {"name": "Short", "body": "new {{ w.title(report) }}"})
    assert changed.status_code == 200
    # What was made keeps the form that it was made in.
    assert "GMV=$300;" in admin.get(f"reports/{report['id']}").get_json()["result"]["html"]
    error_of(admin.post("report_templates/", {"name": "Short", "body": TEMPLATE}), 422)


@pytest.mark.parametrize(
    "body",
    [
        "{{ w.__class__.__mro__ }}",
        "{{ w.words.__init__.__globals__ }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{{ bars.__globals__ }}",
        "{{ self.__init__ }}",
        "{{ cycler.__init__.__globals__.os.popen('id') }}",
        "{{ config }}",
        "{{ report.update({'a': 1}) }}",
        "{% include '/etc/passwd' %}",
        "{% for a in range(99999999) %}{% endfor %}",
        "{% for a in range(90000) %}{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' }}{% endfor %}",
        "{{ 1 / 0 }}",
        "{{ unknown }}",
        "{% if %}",
    ],
)
def test_a_template_reaches_nothing_else(admin: Client, business: Any, body: str) -> None:
    error = error_of(admin.post("report_templates/preview", {"body": body}), 422)
    assert "template" in error["message"].lower()
    error_of(admin.post("report_templates/", {"name": "Bad", "body": body}), 422)
    assert admin.get("report_templates/").get_json()["result"] == []
