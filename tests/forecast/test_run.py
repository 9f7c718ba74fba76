# ruff: noqa: E501 - SQL reads better on one line
"""``kpi forecast`` from the contract to the contract: what it writes, replaces, leaves, and says when it fails."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import psycopg
import pytest

from airflow_dags.cli import main
from airflow_dags.errors import ConfigurationError, TerminalError, WarehouseUnavailable
from airflow_dags.forecast import backtest, run, store
from airflow_dags.forecast.series import next_period
from airflow_dags.forecast.settings import MONTH, WEEK, Settings

from .made import seasonal

SCHEMAS = Path(__file__).resolve().parents[2] / "sql" / "macros" / "schemas.sql"
CONTRACT = """
create schema kpi;
create table kpi.kpi_catalogue (kpi_id text, unit text, is_additive boolean, display_order integer);
create table kpi.kpi_values (kpi_id text, entity_kind text, entity_id text, grain text, period_start date, numerator numeric, value numeric, currency text, is_settled boolean);
insert into kpi.kpi_catalogue values ('sales', 'money', true, 1), ('rate', 'ratio', false, 2), ('unused', 'count', true, 3);
"""


class Contract:
    """The relations of the contract that a forecast reads, filled by hand."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.connection = psycopg.connect(uri, autocommit=True)
        made = re.search(r"create_kpi_forecast\(\) -%\}(.*?)\{%-", SCHEMAS.read_text(encoding="utf-8"), re.DOTALL)
        assert made
        self.connection.execute(CONTRACT + made.group(1))

    def history(self, kpi_id: str, entity_id: str, grain: Any, first: date, values: Any, settled: int = 999) -> None:
        with self.connection.cursor() as cursor:
            cursor.executemany(
                "insert into kpi.kpi_values values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [
                    (
                        kpi_id,
                        entity_id.split(":", maxsplit=1)[0],
                        entity_id,
                        grain.name,
                        next_period(first, grain, n),
                        value,
                        value,
                        "USD" if kpi_id == "sales" else None,
                        n < settled,
                    )
                    for n, value in enumerate(values)
                ],
            )

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()


@pytest.fixture
def contract(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Contract]:
    monkeypatch.setenv("KPI_WAREHOUSE_URI", fresh_database)
    made = Contract(fresh_database)
    yield made
    made.connection.close()


def fill(contract: Contract) -> None:
    first = date(2024, 1, 1)
    (year,) = seasonal(1, 30, 12)
    # The 30th month is not settled yet.
    contract.history("sales", "company", MONTH, first, [round(v * 31, 2) for v in year], settled=29)
    contract.history("sales", "sku:a/short", MONTH, first, [5] * 8)
    contract.history("rate", "account:a", MONTH, date(2025, 1, 1), [0.2 + 0.01 * (n % 3) for n in range(14)])
    contract.history("sales", "company", WEEK, date(2025, 6, 2), [round(v * 7, 2) for v in seasonal(1, 40, 52)[0]])


def test_it_writes_a_year_of_months_and_half_a_year_of_weeks(
    contract: Contract, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(contract)
    assert main(["forecast"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["state"], told["series"], told["rows"]) == ("done", 3, 12 + 12 + 26)
    assert told["calibration"]["month"]["points"] > 0
    found = contract.rows(
        "select kpi_id, entity_id, grain, count(*)::int, min(period_start)::text, max(period_end)::text, min(currency), min(history_periods), "
        "bool_and(p20 <= p50 and p50 <= p80 and p20 >= 0), min(history_through)::text from kpi.kpi_forecast group by 1, 2, 3 order by 1, 3"
    )
    assert found == [
        # 14 months from January 2025: to February 2026.
        ("rate", "account:a", "month", 12, "2026-03-01", "2027-02-28", None, 14, True, "2026-02-28"),
        # 29 settled months of a sum less the first, January 2024: through May 2026.
        ("sales", "company", "month", 12, "2026-06-01", "2027-05-31", "USD", 28, True, "2026-05-31"),
        # 40 weeks from Monday, June 2nd 2025 less the first: the last begins on March 2nd 2026.
        ("sales", "company", "week", 26, "2026-03-09", "2026-09-06", "USD", 39, True, "2026-03-08"),
    ]
    # A sum is forecast by the day: the noise apart, February's 28 days stand in the figures.
    rates = contract.rows("select p50 from kpi.kpi_forecast where kpi_id = 'rate'")
    assert all(0.19 < float(p50) < 0.23 for (p50,) in rates)
    tests = contract.rows("select kpi_id, grain, series, points > 0 from kpi.kpi_forecast_backtest order by 1, 2")
    assert tests == [
        ("rate", "month", 1, True),
        ("rate", "week", 0, False),
        ("sales", "month", 1, True),
        ("sales", "week", 1, True),
        ("unused", "month", 0, False),
        ("unused", "week", 0, False),
    ]


def test_a_constant_sum_per_day_follows_the_lengths_of_the_months(contract: Contract) -> None:
    days = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    contract.history("sales", "company", MONTH, date(2024, 1, 1), [100 * n for n in days])
    run.forecast(contract.uri, Settings(jobs=1))
    made = contract.rows("select to_char(period_start, 'MM'), p50 from kpi.kpi_forecast order by period_start limit 3")
    assert [(month, float(p50)) for month, p50 in made] == [
        ("01", pytest.approx(3100, rel=1e-3)),
        ("02", pytest.approx(2800, rel=1e-3)),
        ("03", pytest.approx(3100, rel=1e-3)),
    ]


def test_the_last_forecast_stays_when_one_fails_and_is_replaced_when_one_succeeds(
    contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(contract)
    run.forecast(contract.uri, Settings(jobs=1))
    before = contract.rows("select * from kpi.kpi_forecast order by 1, 3, 4, 5")
    with monkeypatch.context() as broken:
        broken.setattr(backtest, "forecast", lambda *_: 1 / 0)
        with pytest.raises(TerminalError, match="division by zero; the last forecast is still in place"):
            run.forecast(contract.uri, Settings(jobs=1))
    with monkeypatch.context() as broken:
        broken.setattr(store, "YEARS", 10**9)
        with pytest.raises(TerminalError):
            run.forecast(contract.uri, Settings(jobs=1))
    assert contract.rows("select * from kpi.kpi_forecast order by 1, 3, 4, 5") == before
    contract.connection.execute("delete from kpi.kpi_values where kpi_id = 'rate'")
    contract.connection.execute("delete from kpi.kpi_catalogue where kpi_id = 'unused'")
    run.forecast(contract.uri, Settings(jobs=1))
    assert {row[0] for row in contract.rows("select kpi_id from kpi.kpi_forecast")} == {"sales"}
    assert {row[0] for row in contract.rows("select kpi_id from kpi.kpi_forecast_backtest")} == {"sales", "rate"}


def test_limits_of_time_and_of_entities(contract: Contract) -> None:
    for size, entity in ((9, "sku:a/2"), (5, "sku:a/1"), (1, "company")):
        contract.history("sales", entity, MONTH, date(2024, 1, 1), [size * n for n in range(1, 20)])
    told = run.forecast(contract.uri, Settings(series=2, jobs=1))
    # The company by its kind, then the larger SKU.
    assert told["series"] == 2
    made = {row[0] for row in contract.rows("select distinct entity_id from kpi.kpi_forecast")}
    assert made == {"company", "sku:a/2"}
    early = contract.rows("select max(made_at) from kpi.kpi_forecast_backtest where kpi_id = 'rate'")
    # No time at all: nothing is begun, the last forecast stays.
    told = run.forecast(contract.uri, Settings(seconds=-1, jobs=1))
    assert (told["state"], told["kpis_left_out"]) == ("partial", ["sales", "rate", "unused"])
    assert {row[0] for row in contract.rows("select distinct entity_id from kpi.kpi_forecast")} == made
    # The one whose forecast is oldest comes first.
    contract.connection.execute(
        "update kpi.kpi_forecast_backtest set made_at = '2020-01-01+00' where kpi_id = 'unused'"
    )
    assert [kpi.kpi_id for kpi in store.kpis(contract.connection)] == ["unused", "sales", "rate"]
    assert early == contract.rows("select max(made_at) from kpi.kpi_forecast_backtest where kpi_id = 'rate'")


def test_once_a_day_is_enough_and_two_never_run_at_once(contract: Contract, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forecast", "--if-due"]) == 0
    assert json.loads(capsys.readouterr().out)["state"] == "done"
    assert main(["forecast", "--if-due"]) == 0
    assert json.loads(capsys.readouterr().out)["state"] == "unchanged"
    contract.connection.execute("update kpi.kpi_forecast_backtest set made_at = now() - interval '21 hours'")
    assert run.forecast(contract.uri, only_if_due=True)["state"] == "done"
    with (
        store.alone(contract.connection),
        pytest.raises(WarehouseUnavailable, match="another forecast is still running"),
    ):
        run.forecast(contract.uri)


def test_a_warehouse_without_a_build_and_wrong_settings_are_one_clear_line(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KPI_WAREHOUSE_URI", fresh_database)
    assert main(["forecast"]) == 1
    assert (
        capsys.readouterr().err == "kpi: kpi.kpi_values does not exist yet; nothing was changed; run kpi build first\n"
    )
    monkeypatch.setenv("KPI_FORECAST_SERIES", "many")
    with pytest.raises(ConfigurationError, match="KPI_FORECAST_SERIES must be a number"):
        Settings.of_environment()
    monkeypatch.setenv("KPI_FORECAST_SERIES", "7")
    monkeypatch.setenv("KPI_FORECAST_KINDS", "company, account")
    assert (Settings.of_environment().series, Settings.of_environment().kinds) == (7, ("company", "account"))


def test_forecasts_are_the_same_when_made_again(contract: Contract) -> None:
    fill(contract)
    run.forecast(contract.uri, Settings(jobs=1))
    sql = (
        "select kpi_id, entity_id, grain, period_start, p20, p50, p80, method from kpi.kpi_forecast order by 1, 2, 3, 4"
    )
    first = contract.rows(sql)
    run.forecast(contract.uri, Settings(jobs=2))
    assert contract.rows(sql) == first
    assert contract.rows("select max(made_at) from kpi.kpi_forecast")[0][0] <= datetime.now(timezone.utc)
