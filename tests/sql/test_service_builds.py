"""What a contact hangs on comes in loads of its own: each reaches the contact's day, and a rebuild gives the same."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.sql.dbt_project import run_dbt
from tests.sql.raw_rows import Warehouse
from tests.sql.worlds.service import DESK, ERP, MARCH, UK, US, fill

RELATIONS = (
    *("marts.fct_contacts", "marts.fct_ratings", "marts.fct_account_health", "marts.fct_plans", "marts.fct_scores"),
    *("marts.measures_contacts", "marts.measures_ratings", "marts.measures_health", "marts.measures_plans"),
    "marts.measures_scores",
)
#: What the loads after the first build are of, and all that it is made of.
CHANGED = ("--select", *(f"+{name.partition('.')[2]}" for name in RELATIONS))
APRIL = "2024-04-01"


@pytest.fixture
def empty(module_database: str) -> Iterator[Warehouse]:
    warehouse = Warehouse(module_database)
    warehouse.create_raw_tables()
    yield warehouse
    warehouse.close()


def _build(warehouse: Warehouse, *options: str) -> None:
    """A build without its tests, of the whole project if no options say otherwise."""
    run_dbt(
        warehouse.uri,
        "build",
        *options,
        *("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"),
        variables={"as_of": "2026-11-23 12:00:00-08"},
    )


def _contents(warehouse: Warehouse) -> dict[str, list[Any]]:
    return {name: sorted(row[0] for row in warehouse.query(f"select t::text from {name} as t")) for name in RELATIONS}


def test_every_load_reaches_the_days_that_it_changes(empty: Warehouse) -> None:
    fill(empty)
    _build(empty)
    assert empty.value("response_24h_rate", US, MARCH) == pytest.approx(Decimal("0.5"))

    # The reply to ticket 4 of March 31st, known a week later: the metrics alone come, with 10 hours.
    metrics = {"created_at": "2024-04-01 06:30+00", "updated_at": "2024-04-09 18:00+00"}
    empty.execute("delete from raw.zendesk__ticket_metrics where ticket_id = 4")
    rows = [{"ticket_id": 4, "first_reply_minutes": 600, **metrics}]
    empty.load("zendesk", "ticket_metrics", DESK, rows, ("2024-04-08", "2024-04-09"))
    # The desk moves ticket 2 to the British account, and gives it to Bob.
    ticket = {"created_at": "2024-03-10 09:30+00", "updated_at": "2024-04-09 18:00+00", "status": "solved"}
    empty.execute("delete from raw.zendesk__tickets where ticket_id = 2")
    rows = [
        {
            "ticket_id": 2,
            "selling_account": "care_uk",
            "order_id": "A-2",
            "assignee_email": "bob@care.example",
            "assignee_id": 502,
            **ticket,
        }
    ]
    empty.load("zendesk", "tickets", DESK, rows, ("2024-04-08", "2024-04-09"))
    # Budgets are replaced by a later snapshot; a score is filed again.
    budget = {
        "budget_type": "ads",
        "entity_kind": "account",
        "entity_id": US,
        "period_start": MARCH,
        "period_end": "2024-03-31",
    }
    rows = [{"snapshot_date": "2024-04-09", **budget, "amount": "50.00", "currency": "USD"}]
    empty.load("erp", "budgets", ERP, rows, ("2024-04-09", "2024-04-09"))
    empty.execute("delete from raw.erp__scores where score = 'ipi' and value = 430")
    rows = [{"date": "2024-03-25", "entity_kind": "account", "entity_id": US, "score": "ipi", "value": 455}]
    empty.load("erp", "scores", ERP, rows)
    _build(empty, *CHANGED)
    # Of the US: 1, M2 and 4 in time, 3 and M4 not. Ticket 5 of April 2nd has waited long enough by now.
    assert empty.value("response_24h_rate", US, MARCH) == pytest.approx(Decimal("0.6"))
    assert empty.value("response_24h_rate", US, APRIL) == 0
    assert empty.value("contacts", UK, MARCH) == 2
    assert empty.value("contacts", "person:c1", MARCH) == 2
    assert empty.value("contacts", "person:c2", MARCH) == 3
    assert empty.value("budget_use", US, MARCH) == pytest.approx(Decimal("0.5"))
    assert empty.value("ipi", US, MARCH) == 455
    # Of a team that no budget is stated for any more there is none.
    assert empty.value("budget_use", "team:care", MARCH) is None
    incremental = _contents(empty)

    # Bob gets another address: his contacts have no person any more.
    staff = [("c1", "Ann", "care", "Ann@Care.example "), ("c2", "Bob", "wares", "robert@care.example")]
    names = ("employee_id", "employee_name", "team_id", "email")
    rows = [{"snapshot_date": "2024-04-10", **dict(zip(names, row, strict=True))} for row in staff]
    empty.load("erp", "staff", ERP, rows, ("2024-04-10", "2024-04-10"))
    _build(empty, *CHANGED)
    assert empty.value("contacts", "person:c2", MARCH) is None
    assert empty.value("contacts", US, MARCH) == 7
    after = _contents(empty)
    assert after != incremental
    _build(empty, *CHANGED, "--full-refresh")
    assert _contents(empty) == after


def test_teams_stand_in_the_teams_that_they_are_part_of(empty: Warehouse) -> None:
    found = dict(empty.query("select entity_id, parent_id from kpi.kpi_entities where entity_kind = 'team'"))
    assert found == {
        "team:care": "team:ops",
        "team:wares": "team:ops",
        "team:ops": "company",
        "team:ring_a": "company",
        "team:ring_b": "company",
    }
    assert empty.one("select entity_name from kpi.kpi_entities where entity_id = 'team:care'") == "Customer care"
