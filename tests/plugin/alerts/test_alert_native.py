"""A rule as one of Superset's own alerts, run by Superset's own command."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

AG2 = "ad_group:aurora_us/ag2"


@pytest.fixture
def overview(site: Any) -> Any:
    """A dashboard to send; whatever alerts a test writes are gone after it."""
    site.rows("delete from report_recipient")
    site.rows("delete from report_schedule_user")
    site.rows("delete from report_schedule")
    site.rows("delete from dashboards where slug = 'native-test'")
    site.rows(
        "insert into dashboards (slug, dashboard_title, uuid) values ('native-test', 'Overview', gen_random_uuid())"
    )
    yield site
    site.rows("delete from report_recipient")
    site.rows("delete from report_schedule_user")
    site.rows("delete from report_schedule")
    site.rows("delete from dashboards where slug = 'native-test'")


def written(site: Any, name: str) -> dict[str, Any]:
    from superset_kpi_plugin.cli import kpi

    arguments = ["rules", "native", name, "--owner", "superadmin", "--mail", "ops@example.com"]
    result = site.app.test_cli_runner().invoke(kpi, [*arguments, "--dashboard", "native-test"])
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.output.strip().splitlines()[-1]))


def triggered(site: Any, number: int) -> tuple[bool, float | None]:
    with site.app.app_context():
        from superset.commands.report.alert import AlertCommand
        from superset.extensions import db
        from superset.reports.models import ReportSchedule

        alert = db.session.get(ReportSchedule, number)
        return AlertCommand(alert, uuid4()).run()[0], alert.last_value


def test_superset_counts_what_the_rule_would_fire_on(overview: Any) -> None:
    overview.rule(name="It's a line", kpi_id="acos", entity_kind="ad_group", condition="limit",
                  parameters={"limit": "0.4"}, playbook_en="Lower the bids.")  # fmt: skip
    first = written(overview, "It's a line")
    assert (first["name"], first["is_new"]) == ("KPI: It's a line", True)
    assert ":kpi_id" not in first["sql"]
    assert triggered(overview, first["id"]) == (True, 1.0)
    overview.value("acos", AG2, "2026-11-01", "0.3")
    assert triggered(overview, first["id"]) == (False, 0.0)
    overview.rows("""update kpi_alert_rule set parameters = '{"limit": "0.1"}'""")
    again = written(overview, "It's a line")
    assert (again["id"], again["is_new"]) == (first["id"], False)
    assert triggered(overview, first["id"]) == (True, 2.0)
    (sent,) = overview.rows("select recipient_config_json from report_recipient")
    assert json.loads(sent["recipient_config_json"]) == {"target": "ops@example.com"}


def test_a_rule_on_targets_is_counted_too(overview: Any) -> None:
    overview.plant_breach()
    overview.rule(name="pace", entity_ids=["account:borealis_us", "account:o'hara"])
    assert triggered(overview, written(overview, "pace")["id"]) == (True, 1.0)


@pytest.mark.parametrize(("name", "owner", "dashboard"), [("none", "superadmin", "native-test"),
                         ("line", "nobody", "native-test"), ("line", "superadmin", "none")])  # fmt: skip
def test_what_is_not_there_is_named(overview: Any, name: str, owner: str, dashboard: str) -> None:
    from superset_kpi_plugin.cli import kpi

    overview.rule(name="line", kpi_id="acos", entity_kind="ad_group", condition="limit", parameters={"limit": "0.4"})
    arguments = ["rules", "native", name, "--owner", owner, "--mail", "a@example.com", "--dashboard", dashboard]
    result = overview.app.test_cli_runner().invoke(kpi, arguments)
    assert result.exit_code == 1
    assert "There is no" in result.output
    assert overview.rows("select * from report_schedule") == []


def test_a_text_that_superset_would_take_for_a_template_is_refused(overview: Any) -> None:
    from superset_kpi_plugin.alerts.commands.native import _literal
    from superset_kpi_plugin.errors import ValidationFailed
    from tests.plugin.alerts.conftest import NOON

    with pytest.raises(ValidationFailed):
        _literal("sku:{{ current_user() }}", NOON.date())
