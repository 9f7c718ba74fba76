"""Evaluation on a real PostgreSQL: what fires, what doesn't, what is enqueued, and two evaluators at once."""

from __future__ import annotations

import threading
from datetime import datetime
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest

from superset_kpi_plugin.errors import WarehouseUnavailable
from tests.plugin.alerts.conftest import AURORA, BOREALIS, NOON, later


@pytest.fixture(autouse=True)
def two_channels(site: Any) -> None:
    site.channels(mail="mailto://127.0.0.1/?from=kpi@example.com&to=ops@example.com", hook="json://127.0.0.1/alerts")


def naive(instant: datetime) -> datetime:
    return instant.replace(tzinfo=None)


def test_the_planted_breach_fires_and_nothing_else(site: Any) -> None:
    site.plant_breach()
    site.rule(channels=["mail", "hook"])
    counts = site.evaluate()
    assert counts == {
        "rules": 1, "evaluated": 2, "firing": 1, "pending": 0, "resolved": 0, "enqueued": 2, "failed": 0,
    }  # fmt: skip
    assert site.states() == {AURORA: "ok", BOREALIS: "firing"}
    (row,) = site.rows(f"select * from kpi_alert_instance where entity_id = '{BOREALIS}'")
    # Half of November is over: the breach limit is 85 % of half of 40,000.
    assert (row["value"], row["limit_value"], row["target_value"]) == (Decimal(12000), Decimal(17000), Decimal(40000))
    assert (row["entity_name"], row["owner"], row["currency"]) == ("Borealis US", "Jon Ek", "USD")
    assert row["firing_since"] == naive(NOON)
    (rule,) = site.rows("select last_evaluated_at from kpi_alert_rule")
    assert rule["last_evaluated_at"] == naive(NOON)
    assert [(m["channel"], m["recipient"], m["event"], m["state"]) for m in site.outbox()] == [
        ("mail", "ops@example.com", "fired", "pending"),
        ("hook", "hook", "fired", "pending"),
    ]


def test_the_owner_is_shown_by_name_where_the_target_names_an_employee(site: Any) -> None:
    site.target("gmv", BOREALIS, "2026-11-01", "40000", "e001")
    site.rule(owner="somebody else")
    site.evaluate()
    (row,) = site.rows("select owner, owner_name from kpi_alert_instance")
    assert row == {"owner": "e001", "owner_name": "Mei Lin"}


def test_evaluating_again_enqueues_nothing_more(site: Any) -> None:
    site.plant_breach()
    site.rule(channels=["mail", "hook"])
    site.evaluate()
    assert site.evaluate(5)["enqueued"] == 0
    assert len(site.outbox()) == 2
    assert site.events() == ["fired"]


def test_for_duration_is_waited_out(site: Any) -> None:
    site.plant_breach()
    site.rule(channels=["hook"], for_minutes=60)
    assert site.evaluate()["pending"] == 1
    assert site.evaluate(59) == {
        "rules": 1, "evaluated": 2, "firing": 0, "pending": 1, "resolved": 0, "enqueued": 0, "failed": 0,
    }  # fmt: skip
    assert site.evaluate(60)["enqueued"] == 1
    assert site.events() == ["pending", "fired"]


def test_resolves_once_with_a_message_and_a_new_incident_has_new_keys(site: Any) -> None:
    site.plant_breach()
    site.rule(channels=["hook"])
    site.evaluate()
    site.value("gmv", BOREALIS, "2026-11-01", "19900")
    assert (site.evaluate(10)["resolved"], site.evaluate(20)["resolved"]) == (1, 0)
    assert site.states()[BOREALIS] == "resolved"
    site.value("gmv", BOREALIS, "2026-11-01", "12000")
    site.evaluate(30)
    assert [m["event"] for m in site.outbox()] == ["fired", "resolved", "fired"]
    assert len({m["key"] for m in site.outbox()}) == 3


def test_keep_firing_outlasts_a_short_recovery(site: Any) -> None:
    site.plant_breach()
    site.rule(channels=["hook"], keep_firing_minutes=30)
    site.evaluate()
    site.value("gmv", BOREALIS, "2026-11-01", "19900")
    assert site.evaluate(10)["firing"] == 1
    assert site.evaluate(39)["firing"] == 1
    assert site.evaluate(40)["resolved"] == 1


def test_no_data_is_not_ok_and_resolves_nothing(site: Any) -> None:
    site.plant_breach()
    site.rule(channels=["hook"])
    site.evaluate()
    site.value("gmv", AURORA, "2026-11-01", None)
    site.value("gmv", BOREALIS, "2026-11-01", None)
    assert site.evaluate(10)["resolved"] == 0
    assert site.states() == {AURORA: "no_data", BOREALIS: "firing"}
    shown = site.rows("select entity_id, status from kpi_alert_instance order by entity_id")
    assert [row["status"] for row in shown] == ["no_data", "no_data"]


def test_not_a_number_is_no_data(site: Any) -> None:
    site.plant_breach()
    site.rule()
    site.value("gmv", AURORA, "2026-11-01", "NaN")
    site.evaluate()
    assert site.states()[AURORA] == "no_data"


def test_a_new_month_that_is_still_provisional_resolves_nothing(site: Any) -> None:
    site.target("gmv", BOREALIS, "2026-10-01", "60000")  # 40,000 of 60,000: a breach
    site.target("gmv", BOREALIS, "2026-11-01", "40000")
    site.warehouse.execute("delete from kpi.kpi_values where period_start = '2026-11-01'")
    site.rule(channels=["hook"])
    assert site.evaluate()["firing"] == 1
    site.warehouse.execute(
        "insert into kpi.kpi_values values ('gmv', 'account', %s, 'month', '2026-11-01', '2026-11-30', 3000, null,"
        " 3000, 'USD', false, '2026-11-02')",
        (BOREALIS,),
    )
    assert site.evaluate(10)["resolved"] == 0
    (row,) = site.rows("select state, period_start from kpi_alert_instance")
    assert (row["state"], str(row["period_start"])) == ("firing", "2026-10-01")
    # The third day is settled on the fifth: 9,000 is more than its pace of 40,000 x 5/30.
    site.warehouse.execute(
        "update kpi.kpi_values set value = 9000, covered_through = '2026-11-05' where period_start = '2026-11-01'"
        " and entity_id = %s",
        (BOREALIS,),
    )
    assert site.evaluate(20)["resolved"] == 1
    (row,) = site.rows("select state, period_start from kpi_alert_instance")
    assert (row["state"], str(row["period_start"])) == ("resolved", "2026-11-01")


def test_a_target_of_the_future_is_no_missing_data(site: Any) -> None:
    site.plant_breach()
    site.target("gmv", AURORA, "2026-12-01", "100000")
    site.rule()
    site.evaluate()
    assert site.states()[AURORA] == "ok"


@pytest.mark.parametrize(("data_through", "state"), [("2026-12-03", "firing"), ("2026-12-04", "stale")])
def test_a_target_that_nobody_renewed_is_stale_and_does_not_fire(site: Any, data_through: str, state: str) -> None:
    """October ended on the 31st; 31 days of a successor and 2 days of settling later it has had its time."""
    site.target("gmv", BOREALIS, "2026-10-01", "60000")
    site.warehouse.execute("update kpi.kpi_freshness set covered_through = %s", (data_through,))
    site.rule()
    site.evaluate()
    assert site.states() == {BOREALIS: state}


def test_a_target_that_vanishes_leaves_a_firing_alert_firing(site: Any) -> None:
    site.plant_breach()
    site.rule()
    site.evaluate()
    site.warehouse.execute("delete from kpi.kpi_targets")
    assert site.evaluate(10)["firing"] == 1
    assert site.states() == {AURORA: "stale", BOREALIS: "firing"}


def test_only_the_selected_entities_are_watched(site: Any) -> None:
    site.plant_breach()
    site.rule(entity_ids=[AURORA])
    site.evaluate()
    assert site.states() == {AURORA: "ok"}


def test_lower_is_better_and_ratios_have_no_pace(site: Any) -> None:
    site.target("acos", "ad_group:aurora_us/ag1", "2026-11-01", "0.25")
    site.target("acos", "ad_group:aurora_us/ag2", "2026-11-01", "0.30")
    site.rule(kpi_id="acos", entity_kind="ad_group")
    site.evaluate()
    assert site.states() == {"ad_group:aurora_us/ag1": "ok", "ad_group:aurora_us/ag2": "firing"}
    (row,) = site.rows("select value, limit_value from kpi_alert_instance where state = 'firing'")
    assert (row["value"], row["limit_value"]) == (Decimal("0.6"), Decimal("0.345"))


def test_a_warn_rule_fires_on_a_warning(site: Any) -> None:
    site.target("gmv", AURORA, "2026-11-01", "110000")  # 50,000 of a pace of 55,000: warn below 52,250
    site.rule(condition="warn")
    site.evaluate()
    (row,) = site.rows("select state, status, limit_value from kpi_alert_instance")
    assert (row["state"], row["status"], row["limit_value"]) == ("firing", "warn", Decimal(52250))


def test_a_disabled_rule_is_not_evaluated(site: Any) -> None:
    site.plant_breach()
    site.rule(is_enabled=False)
    assert site.evaluate()["rules"] == 0
    assert site.states() == {}


def test_a_second_firing_asks_for_a_second_acknowledgement(site: Any) -> None:
    from superset_kpi_plugin.alerts.commands.acknowledge import acknowledge

    site.plant_breach()
    site.rule()
    site.evaluate()
    (row,) = site.rows("select id from kpi_alert_instance where state = 'firing'")
    with site.app.app_context():
        acknowledge(row["id"], "mei", "ads are being cut")
    site.evaluate(5)
    (row,) = site.rows("select * from kpi_alert_instance where state = 'firing'")
    assert (row["acknowledged_by"], row["comment"]) == ("mei", "ads are being cut")
    for minutes, value in ((10, "19900"), (20, "12000")):
        site.value("gmv", BOREALIS, "2026-11-01", value)
        site.evaluate(minutes)
    (row,) = site.rows("select * from kpi_alert_instance where state = 'firing'")
    assert (row["acknowledged_by"], row["acknowledged_at"], row["comment"]) == (None, None, None)


def test_a_channel_with_several_addresses_has_a_message_for_each(site: Any) -> None:
    site.channels(
        mail="mailto://127.0.0.1/?from=kpi@example.com&to=a@example.com,b@example.com",
        hooks=["json://127.0.0.1/one", "json://127.0.0.1/two"],
    )
    site.plant_breach()
    site.rule(channels=["mail", "hooks", "renamed"])
    site.evaluate()
    assert [m["recipient"] for m in site.outbox()] == [
        "a@example.com", "b@example.com", "hooks #1", "hooks #2", "renamed",
    ]  # fmt: skip


def test_one_broken_rule_does_not_stop_the_others(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from superset_kpi_plugin.alerts.commands import evaluate
    from superset_kpi_plugin.warehouse import Warehouse

    class Flaky(Warehouse):
        def read(self, sql: str, params: Any = None) -> list[dict[str, Any]]:
            if (params or {}).get("kpi_id") == "acos":
                raise WarehouseUnavailable()
            return super().read(sql, params)

    site.plant_breach()
    site.rule(name="a", kpi_id="acos", entity_kind="ad_group")
    site.rule(name="b")
    with site.app.app_context():
        counts = evaluate(now=NOON, warehouse=Flaky())
    assert (counts["rules"], counts["failed"], counts["firing"]) == (2, 1, 1)


def test_a_warehouse_that_is_down_is_an_error_and_changes_no_state(site: Any) -> None:
    site.plant_breach()
    site.rule()
    site.evaluate()
    site.app.config["KPI_WAREHOUSE_DATABASE"] = "no such connection"
    with pytest.raises(WarehouseUnavailable):
        site.evaluate(10)
    assert site.states() == {AURORA: "ok", BOREALIS: "firing"}


def test_a_crash_while_writing_leaves_neither_state_nor_message(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from superset_kpi_plugin.alerts.commands.evaluate import _Evaluation

    site.plant_breach()
    site.rule(channels=["hook"])
    with monkeypatch.context() as patch:
        patch.setattr(_Evaluation, "_messages", lambda *args: (_ for _ in ()).throw(RuntimeError("killed")))
        with pytest.raises(RuntimeError):
            site.evaluate()
    assert (site.states(), site.outbox(), site.events()) == ({}, [], [])
    assert site.evaluate(1)["enqueued"] == 1


def test_two_evaluators_at_once_enqueue_once(site: Any) -> None:
    """The second starts while the first has read the warehouse and not yet written."""
    from superset_kpi_plugin.alerts.commands import evaluate
    from superset_kpi_plugin.warehouse import Warehouse

    has_read, may_write = threading.Event(), threading.Event()

    class Slow(Warehouse):
        def read(self, sql: str, params: Any = None) -> list[dict[str, Any]]:
            rows = super().read(sql, params)
            if "kpi_calendar" in sql:  # read before any rule is locked
                return rows
            has_read.set()
            assert may_write.wait(20)
            return rows

    counts: dict[str, Any] = {}

    def run(name: str, warehouse: Warehouse, minutes: int) -> None:
        with site.app.app_context():
            counts[name] = evaluate(now=later(minutes), warehouse=warehouse)

    site.plant_breach()
    site.rule(channels=["mail", "hook"])
    first = threading.Thread(target=run, args=("first", Slow(), 0))
    second = threading.Thread(target=run, args=("second", Warehouse(), 1))
    first.start()
    assert has_read.wait(20)
    second.start()
    second.join(1)
    assert second.is_alive(), "the second evaluator did not wait for the first"
    may_write.set()
    first.join(20)
    second.join(20)
    assert (counts["first"]["enqueued"], counts["second"]["enqueued"]) == (2, 0)
    assert len(site.outbox()) == 2
    assert site.events() == ["fired"]


def test_many_evaluators_in_a_race_enqueue_once(site: Any) -> None:
    from superset_kpi_plugin.alerts.commands import evaluate

    site.plant_breach()
    site.rule(channels=["hook"])
    failures: list[BaseException] = []

    def run() -> None:
        try:
            with site.app.app_context():
                for _ in range(5):
                    evaluate(now=NOON)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert site.events() == ["fired"]
    assert len(site.outbox()) == 1


def test_each_of_many_rules_has_an_instance_of_each_entity(site: Any) -> None:
    site.warehouse.execute(
        "insert into kpi.kpi_values select 'gmv', 'sku', 'sku:x/' || n, 'month', '2026-11-01', '2026-11-30', n, null,"
        " n, 'USD', false, '2026-11-15' from generate_series(1, 500) as n"
    )
    site.warehouse.execute(
        "insert into kpi.kpi_targets (target_id, version, kpi_id, entity_kind, entity_id, grain, period_start,"
        " target_value) select 't' || n, 1, 'gmv', 'sku', 'sku:x/' || n, 'month', '2026-11-01', 1000"
        " from generate_series(1, 500) as n"
    )
    for number in range(5):
        site.rule(name=f"rule {number}", entity_kind="sku", channels=["hook"])
    first, second = site.evaluate(), site.evaluate(5)
    assert (first["evaluated"], second["evaluated"]) == (2500, 2500)
    # Half of the month is over: a breach is less than 85 % of 500, so 1 to 424 fire, for each of five rules.
    assert (first["firing"], second["firing"]) == (5 * 424, 5 * 424)


@pytest.mark.parametrize(
    "odd",
    [
        {"entity_id": "account:" + "x" * 400},
        {"account_id": "a" * 200},
        {"team_id": "t" * 200},
        {"currency": "EURO"},
    ],
    ids=lambda odd: next(iter(odd)),
)
def test_an_entity_that_cannot_be_kept_stops_no_other(
    site: Any, odd: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    site.plant_breach()
    for table in ("kpi_values", "kpi_targets") if "entity_id" in odd or "currency" in odd else ():
        (column,) = odd
        site.warehouse.execute(f"update kpi.{table} set {column} = %s where entity_id = %s", (odd[column], AURORA))
    (column,) = odd
    site.warehouse.execute(f"update kpi.kpi_entities set {column} = %s where entity_id = %s", (odd[column], AURORA))
    site.rule(channels=["mail"])
    counts = site.evaluate()
    assert (counts["evaluated"], counts["firing"], counts["failed"]) == (1, 1, 0)
    assert site.states() == {BOREALIS: "firing"}
    assert f"its {column} is too long" in caplog.text


def test_a_number_that_cannot_be_kept_stops_no_other(site: Any) -> None:
    site.plant_breach()
    site.value("gmv", AURORA, "2026-11-01", "-1e30")
    site.rule(channels=["mail"])
    assert site.evaluate()["firing"] == 1
    assert site.states() == {BOREALIS: "firing"}


def test_names_longer_than_their_columns_are_cut_and_told(site: Any) -> None:
    site.plant_breach()
    names = {"entity_name": "n" * 5000, "account_name": "a" * 5000, "owner_name": "o" * 5000}
    for column, name in names.items():
        site.warehouse.execute(f"update kpi.kpi_entities set {column} = %s where entity_id = %s", (name, BOREALIS))
    site.warehouse.execute("update kpi.kpi_catalogue set name_en = %s, name_zh = %s", ("k" * 5000, "指" * 5000))
    site.warehouse.execute("update kpi.kpi_targets set owner = %s", ("w" * 255,))
    site.rule(channels=["mail"])
    counts = site.evaluate()
    assert (counts["evaluated"], counts["firing"], counts["failed"]) == (2, 1, 0)
    (row,) = site.rows("select * from kpi_alert_instance where state = 'firing'")
    assert row["entity_name"] == "n" * 499 + "…"
    assert row["kpi_name_zh"] == "指" * 249 + "…"
    assert row["owner"] == "w" * 199 + "…"
    writes = site.rows("select changed_at from kpi_alert_rule")
    assert site.evaluate(5)["failed"] == 0
    assert site.rows("select changed_at from kpi_alert_rule") == writes


def test_a_rule_that_the_database_refuses_stops_no_other(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.exc import DataError

    module = import_module("superset_kpi_plugin.alerts.commands.evaluate")
    site.plant_breach()
    site.rule(name="first", channels=["mail"])
    site.rule(name="second", channels=["mail"])
    original = module.evaluate_rule

    def evaluate_rule(rule_id: int, *arguments: Any) -> Any:
        if rule_id == 1:
            raise DataError("insert", {}, Exception("value too long"))
        return original(rule_id, *arguments)

    monkeypatch.setattr(module, "evaluate_rule", evaluate_rule)
    counts = site.evaluate()
    assert (counts["failed"], counts["firing"]) == (1, 1)
