"""kpi_freshness between two builds: what failed since shows at once with its reason, and earlier data stay served."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sql.raw_rows import Warehouse

REASON = "amazon_sp/aurora_us: login was refused (401); nothing was changed; check the connection"
LATER = "2026-11-23 19:00:00+00"


@pytest.fixture
def failed_since(world: Warehouse) -> Iterator[Warehouse]:
    window = ("2026-11-22", "2026-11-22")
    for platform, stream, account in (("amazon_sp", "orders", "aurora_us"), ("walmart", "orders", "harbor_walmart")):
        world.query(
            "insert into raw.load_ledger (load_id, platform, stream, account_id, mode, window_start, window_end, "
            "rows_quarantined, state, error, started_at, finished_at) "
            "values (gen_random_uuid(), %s, %s, %s, 'changes', %s, %s, 12, 'failed', %s, "
            f"'{LATER}', '{LATER}') returning 1",
            platform,
            stream,
            account,
            *window,
            REASON,
        )
    yield world
    world.query("delete from raw.load_ledger where error = %s returning 1", REASON)


def state_of(world: Warehouse, platform: str, stream: str, account: str) -> tuple[object, ...] | None:
    rows = world.query(
        "select state, last_error, loaded_at is not null from kpi.kpi_freshness "
        "where platform = %s and stream = %s and account_id = %s",
        platform,
        stream,
        account,
    )
    return tuple(rows[0]) if rows else None


def test_a_failure_after_the_build_shows_with_its_reason(failed_since: Warehouse) -> None:
    assert state_of(failed_since, "amazon_sp", "orders", "aurora_us") == ("failed", REASON, True)
    values = failed_since.query("select count(*) from kpi.kpi_values where entity_id = 'account:aurora_us'")
    assert values[0][0] > 0, "what was loaded before is still served"


def test_a_stream_that_never_loaded_but_failed_is_there(failed_since: Warehouse) -> None:
    assert state_of(failed_since, "walmart", "orders", "harbor_walmart") == ("failed", REASON, False)


def test_without_a_failure_since_the_build_its_own_view_holds(world: Warehouse) -> None:
    assert state_of(world, "amazon_ads", "sp_campaigns", "aurora_us") == ("failed", "the login was refused", True)
    assert state_of(world, "walmart", "orders", "harbor_walmart") is None


def test_rows_that_the_last_attempt_set_aside_are_counted(failed_since: Warehouse) -> None:
    rows = failed_since.query(
        "select platform, stream, rows_quarantined from kpi.kpi_freshness where rows_quarantined > 0 order by platform"
    )
    assert [tuple(row) for row in rows] == [("amazon_sp", "orders", 12), ("walmart", "orders", 12)]
