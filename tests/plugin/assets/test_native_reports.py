"""The dashboards as Superset's own reports: written, kept, run by Superset's own command, and taken out again."""

from __future__ import annotations

import email
import io
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email import policy
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from demo.mail_sink import MailSink
from superset_kpi_plugin import compat
from superset_kpi_plugin.assets.native import changes
from superset_kpi_plugin.assets.source import Source

TO_OPS = ("--owner", "viewer", "--mail", "ops@example.com")


@pytest.fixture(scope="module")
def all_installed(app: Any, connected: str) -> None:
    """Every dashboard, whatever the tests before took out again."""
    from superset_kpi_plugin.assets import install

    with app.app_context():
        install(connected)


@pytest.fixture(autouse=True)
def no_reports(all_installed: None, models: Any) -> Iterator[None]:
    """No report before and after a test."""
    from superset.reports.models import ReportExecutionLog, ReportSchedule

    def clear() -> None:
        models.db.session.rollback()
        models.db.session.query(ReportExecutionLog).delete()
        for report in models.db.session.query(ReportSchedule):
            models.db.session.delete(report)
        models.db.session.commit()

    clear()
    yield
    clear()


@pytest.fixture
def flags(monkeypatch: pytest.MonkeyPatch, app: Any) -> Callable[..., None]:
    """``flags(ALERT_REPORT_TABS=True)`` sets feature flags of Superset for the test."""
    from superset.extensions import feature_flag_manager

    def change(**wanted: bool) -> None:
        for name, value in wanted.items():
            monkeypatch.setitem(feature_flag_manager._feature_flags, name, value)

    change(ALERT_REPORTS=True, ALERT_REPORT_TABS=False)
    return change


@pytest.fixture
def run(flags: Any, app: Any, models: Any) -> Callable[..., str]:
    """Runs `superset kpi reports native` with these arguments; what it prints."""
    from superset_kpi_plugin.cli import kpi

    def command(*arguments: str, fails: bool = False) -> str:
        models.db.session.commit()
        result = app.test_cli_runner().invoke(kpi, ["reports", "native", *arguments])
        assert (result.exit_code != 0) is fails, result.output
        models.db.session.rollback()
        models.db.session.expire_all()
        return str(result.output)

    return command


def reports(models: Any) -> dict[str, Any]:
    from superset.reports.models import ReportSchedule

    return {report.name: report for report in models.db.session.query(ReportSchedule).order_by("id")}


def targets(report: Any) -> list[str]:
    return sorted(json.loads(one.recipient_config_json)["target"] for one in report.recipients)


def test_a_report_is_written_once_and_follows_the_next_call(run: Any, models: Any) -> None:
    said = run("kpi-overview", *TO_OPS, "--time-zone", "Asia/Shanghai")
    assert "1 new" in said
    report = reports(models)["KPI: KPI overview"]
    assert (report.type, report.crontab, report.timezone, report.report_format) == (
        "Report", "0 8 * * 1", "Asia/Shanghai", "PDF",
    )  # fmt: skip
    assert (report.dashboard.slug, report.chart_id, report.database_id) == ("kpi-overview", None, None)
    assert ([owner.username for owner in report.owners], targets(report)) == (["viewer"], ["ops@example.com"])
    assert report.active
    assert "1 unchanged" in run("kpi-overview", *TO_OPS, "--time-zone", "Asia/Shanghai")
    said = run("kpi-overview", *TO_OPS, "--mail", "boss@example.com", "--crontab", "0 9 * * *", "--format", "png")
    assert "update KPI: KPI overview: crontab, timezone, report_format, recipients" in said
    (again,) = reports(models).values()
    assert (again.id, again.crontab, again.timezone, again.report_format) == (report.id, "0 9 * * *", "UTC", "PNG")
    assert targets(again) == ["boss@example.com", "ops@example.com"]


def test_a_dry_run_shows_the_plan_and_writes_nothing(run: Any, models: Any, source: Source) -> None:
    said = run(*TO_OPS, "--dry-run")
    english = [board for board in source.dashboards.values() if not board.config["slug"].endswith("-zh")]
    assert f"Would write Superset's reports: {len(english)} new." in said
    assert all(f"create KPI: {board.config['dashboard_title']}" in said for board in english)
    assert reports(models) == {}
    assert "nothing to do" in run("--remove", "--dry-run")


def test_what_users_changed_stays(run: Any, models: Any, app: Any, superadmin: Any) -> None:
    run("kpi-overview", *TO_OPS)
    (report,) = reports(models).values()
    body = {
        "name": "Monday mail",
        "crontab": "0 7 * * 1",
        "active": False,
        "recipients": [{"type": "Email", "recipient_config_json": {"target": "me@example.com"}}],
    }
    answer = superadmin.put(f"/api/v1/report/{report.id}", body)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    said = run("kpi-overview", *TO_OPS, "--crontab", "0 6 * * *", "--format", "png")
    assert "update KPI: KPI overview" not in said
    assert "keep   Monday mail: name, crontab, recipients, as users have it" in said
    (after,) = reports(models).values()
    assert (after.id, after.name, after.crontab, after.active) == (report.id, "Monday mail", "0 7 * * 1", False)
    assert (after.report_format, targets(after)) == ("PNG", ["me@example.com"])
    assert "1 unchanged" in run("kpi-overview", *TO_OPS, "--crontab", "0 6 * * *", "--format", "png")


def test_a_report_that_lost_its_mark_is_taken_as_the_users(run: Any, models: Any) -> None:
    run("kpi-overview", *TO_OPS)
    (report,) = reports(models).values()
    report.extra, report.crontab = {}, "0 1 * * *"
    models.db.session.commit()
    assert "keep   KPI: KPI overview: crontab" in run("kpi-overview", *TO_OPS)
    (after,) = reports(models).values()
    assert (after.id, after.crontab) == (report.id, "0 1 * * *")


def test_each_edition_and_label_has_a_report_of_its_own_and_all_go(run: Any, models: Any) -> None:
    run("kpi-overview", "kpi-finance", *TO_OPS)
    run("kpi-overview", *TO_OPS, "--language", "zh")
    run("kpi-overview", *TO_OPS, "--label", "daily", "--crontab", "0 8 * * *")
    found = reports(models)
    assert set(found) == {"KPI: KPI overview", "KPI: Finance", "KPI: KPI 总览", "KPI: KPI overview (daily)"}
    assert found["KPI: KPI 总览"].dashboard.slug == "kpi-overview-zh"
    own = type(found["KPI: Finance"])(type="Report", name="Mine", crontab="0 8 * * 1", active=True,
                                      dashboard_id=found["KPI: Finance"].dashboard_id)  # fmt: skip
    models.db.session.add(own)
    models.db.session.commit()
    assert "remove KPI: KPI overview (daily)" in run("--remove", "--label", "daily")
    assert "1 removed" in run("kpi-finance", "--remove")
    assert set(reports(models)) == {"KPI: KPI overview", "KPI: KPI 总览", "Mine"}
    assert "2 removed" in run("--remove")
    assert set(reports(models)) == {"Mine"}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["kpi-nothing", *TO_OPS], "There is no dashboard 'kpi-nothing'; there are kpi-overview, "),
        (["kpi-overview", "--owner", "nobody", "--mail", "a@example.com"], "There is no user nobody."),
        (["kpi-overview", "--owner", "gamma", "--mail", "a@example.com"], "The user gamma may not see KPI overview"),
        (["kpi-overview"], "--owner USER --mail ADDRESS"),
        (["kpi-overview", *TO_OPS, "--crontab", "every day"], "Superset refused the report 'KPI: KPI overview'"),
        (["kpi-overview", *TO_OPS, "--time-zone", "Mars/Olympus"], "Superset refused the report 'KPI: KPI overview'"),
    ],
)
def test_what_cannot_be_is_refused_by_name(arguments: list[str], reason: str, run: Any, models: Any) -> None:
    assert reason in run(*arguments, fails=True)
    assert reports(models) == {}


def test_where_reports_are_off_it_says_what_to_set(flags: Any, run: Any, models: Any) -> None:
    flags(ALERT_REPORTS=False)
    assert "FEATURE_FLAGS = {'ALERT_REPORTS': True}" in run("kpi-overview", *TO_OPS, fails=True)
    assert reports(models) == {}


def test_another_report_of_the_name_is_not_taken_over(run: Any, models: Any) -> None:
    run("kpi-finance", *TO_OPS)
    (report,) = reports(models).values()
    report.name, report.extra = "KPI: KPI overview", {}
    models.db.session.commit()
    assert "Another report is already called 'KPI: KPI overview'" in run("kpi-overview", *TO_OPS, fails=True)
    assert "KPI overview (weekly)" in run("kpi-overview", *TO_OPS, "--label", "weekly")


@pytest.mark.parametrize(
    ("now", "written", "setting", "kept"),
    [
        ({"a": 1}, {"a": 1}, {"a": 2}, []),
        ({"a": 3}, {"a": 1}, {}, ["a"]),
        ({"a": 2}, {"a": 1}, {}, []),
        ({"a": 1}, {}, {}, ["a"]),
    ],
)
def test_a_field_follows_only_while_it_is_as_it_was_written(now: Any, written: Any, setting: Any, kept: Any) -> None:
    assert changes({"a": 2}, now, written) == (setting, kept)


@pytest.fixture
def mails(app: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """The folder of the mails that Superset sends."""
    sink = MailSink(0, tmp_path / "mail")
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    settings = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": sink.port, "SMTP_STARTTLS": False, "SMTP_SSL": False,
                "SMTP_USER": "", "SMTP_PASSWORD": "", "SMTP_MAIL_FROM": "bi@example.com"}  # fmt: skip
    for name, value in settings.items():
        monkeypatch.setitem(app.config, name, value)
    yield sink.folder
    sink.shutdown()
    sink.server_close()


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Stands in for the browser, which only a worker's host has: user and address of each picture that is asked for."""
    from PIL import Image
    from superset.utils.screenshots import DashboardScreenshot

    asked: list[tuple[str, str]] = []
    picture = io.BytesIO()
    Image.new("RGB", (16, 9), "white").save(picture, "PNG")

    def get_screenshot(self: Any, user: Any, window_size: Any = None, **_: Any) -> bytes:
        asked.append((user.username, self.url))
        return picture.getvalue()

    monkeypatch.setattr(DashboardScreenshot, "get_screenshot", get_screenshot)
    return asked


@pytest.mark.parametrize(("form", "signature"), [("pdf", b"%PDF"), ("png", b"\x89PNG")])
def test_superset_sends_it_as_its_owner(
    form: str, signature: bytes, run: Any, models: Any, mails: Path, drawn: Any
) -> None:
    run("kpi-overview", *TO_OPS, "--format", form)
    (report,) = reports(models).values()
    execute(report)
    [(user, address)] = drawn
    assert user == "viewer"
    assert f"/superset/dashboard/{report.dashboard.uuid}/" in address
    assert {log.state for log in report.logs} >= {"Success"}, [log.error_message for log in report.logs]
    [path] = mails.glob("*.eml")
    mail = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    assert mail["X-Envelope-To"] == "ops@example.com"
    assert "KPI overview" in mail["Subject"]
    files = [part.get_payload(decode=True) for part in mail.walk() if not part.is_multipart()]
    assert [file for file in files if file.startswith(signature)]


def execute(report: Any) -> None:
    from superset.commands.report.execute import AsyncExecuteReportScheduleCommand

    now = datetime.now(UTC).replace(tzinfo=None)  # Superset counts in UTC without saying so
    AsyncExecuteReportScheduleCommand(str(uuid4()), report.id, now).run()


def test_every_tab_is_sent_where_superset_can(flags: Any, run: Any, models: Any, mails: Path, drawn: Any) -> None:
    flags(ALERT_REPORT_TABS=True)
    said = run("kpi-finance", *TO_OPS)
    (report,) = reports(models).values()
    execute(report)
    assert report.last_state == "Success"
    if compat.reports_send_tabs():
        position = json.loads(report.dashboard.position_json)
        assert len(drawn) == len(position["TABS-main"]["children"]) > 1
        assert "only the first" not in said
    else:
        assert len(drawn) == 1
        assert "Of dashboards with tabs only the first is sent: Superset 5.0 sends them all." in said
    flags(ALERT_REPORT_TABS=False)
    said = run("kpi-finance", *TO_OPS)
    assert "Of dashboards with tabs only the first is sent" in said
    assert ("update KPI: Finance: tabs" in said) is compat.reports_send_tabs()
