"""Publishing: one transaction, retried after a failure, never half, and always the latest approved state."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from superset_kpi_plugin.errors import WarehouseUnavailable
from tests.plugin.conftest import Client, error_of, run_sql
from tests.plugin.test_targets_api import ACOS, GMV, listed, save

DEAD = "postgresql://kpi_publisher:canary-password@127.0.0.1:1/warehouse"


def test_with_the_warehouse_down_targets_stay_approved_and_publishing_again_mends_it(
    app: Any, owner: Any, approver: Any, clean: Any, monkeypatch: Any
) -> None:
    [row] = save(owner, {**GMV, "target_value": "100"})
    monkeypatch.setitem(app.config, "KPI_PUBLISHER_URI", DEAD)
    answer = approver.post("targets/approve", {"ids": [row["id"]], "reason": "The plan changed"})
    body = answer.get_json()
    assert (answer.status_code, body["approved"], body["publication"]["state"]) == (200, 1, "failed")
    assert "does not answer" in body["publication"]["error"]
    assert "canary-password" not in answer.get_data(as_text=True)
    assert clean.targets() == []
    shown = listed(owner)["gmv", "account:aurora_us"]
    assert (shown["approved"]["target_value"], shown["published_version"]) == ("100", None)

    monkeypatch.undo()
    assert approver.post("targets/publish").get_json()["publication"]["state"] == "done"
    assert [str(item["target_value"]) for item in clean.targets()] == ["100.000000"]
    assert owner.get("targets/publication").get_json()["publication"]["row_count"] == 1


def test_a_publication_that_fails_half_way_leaves_the_old_rows(
    owner: Any, approver: Any, clean: Any, warehouse_uris: dict[str, str]
) -> None:
    [row] = save(owner, {**GMV, "target_value": "100"})
    approver.post("targets/approve", {"ids": [row["id"]], "reason": "The plan changed"})
    # The warehouse refuses the new rows after the old ones were deleted.
    run_sql(warehouse_uris["owner"], "alter table kpi.kpi_targets add constraint low check (target_value < 150)")
    try:
        save(owner, {**GMV, "target_value": "200"})
        body = approver.post("targets/approve", {"ids": [row["id"]], "reason": "The plan changed"}).get_json()
        assert body["publication"]["state"] == "failed"
        assert [str(item["target_value"]) for item in clean.targets()] == ["100.000000"]
    finally:
        run_sql(warehouse_uris["owner"], "alter table kpi.kpi_targets drop constraint low")
    approver.post("targets/publish")
    assert [str(item["target_value"]) for item in clean.targets()] == ["200.000000"]


def test_what_was_published_has_statistics_at_once(
    owner: Any, approver: Any, clean: Any, warehouse_uris: dict[str, str]
) -> None:
    [server] = run_sql(warehouse_uris["owner"], "select current_setting('server_version_num')::int as version")
    if server["version"] < 170000:
        pytest.skip("before PostgreSQL 17 only a table's owner may analyse it")
    saved = save(owner, {**GMV, "target_value": "100"}, {**ACOS, "target_value": "0.3"})
    approver.post("targets/approve", {"ids": [row["id"] for row in saved], "reason": "The plan changed"})
    counted = "select reltuples from pg_class where oid = 'kpi.kpi_targets'::regclass"
    assert run_sql(warehouse_uris["owner"], counted) == [{"reltuples": 2.0}]
    assert len(clean.targets()) == 2


def test_rows_that_nobody_approved_are_removed(approver: Any, clean: Any) -> None:
    clean.execute(
        "insert into kpi.kpi_targets (kpi_id, entity_id, grain, period_start, target_value) "
        "values ('gmv', 'x', 'month', '2026-01-01', 1)"
    )
    approver.post("targets/publish")
    assert clean.targets() == []


def test_publishers_wait_for_each_other_and_the_last_publishes_the_latest(
    owner: Any, approver: Any, clean: Any, warehouse_uris: dict[str, str], app: Any
) -> None:
    import psycopg2

    from superset_kpi_plugin.warehouse import PUBLISH_LOCK

    [row] = save(owner, {**GMV, "target_value": "100"})
    blocker = psycopg2.connect(warehouse_uris["publisher"])
    with blocker.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", (PUBLISH_LOCK,))
    results: list[Any] = []
    second = Client(app, "approver")
    waiting = threading.Thread(
        target=lambda: results.append(
            second.post("targets/approve", {"ids": [row["id"]], "reason": "The plan changed"}).get_json()
        )
    )
    waiting.start()
    # While the first publisher waits, another target is drafted; it's approved before the lock is free.
    [other] = save(owner, {**ACOS, "target_value": "0.3"})
    later = threading.Thread(
        target=lambda: results.append(approver.post("targets/approve", {"ids": [other["id"]]}).get_json())
    )
    later.start()
    blocker.commit()
    waiting.join(30)
    later.join(30)
    blocker.close()
    assert [result["publication"]["state"] for result in results] == ["done", "done"]
    assert {item["kpi_id"] for item in clean.targets()} == {"gmv", "acos"}


def test_writers_on_one_cell_with_an_etag_one_wins_and_the_rest_are_told(app: Any, owner: Any, clean: Any) -> None:
    [row] = save(owner, {**GMV, "target_value": "100"})
    writers = [Client(app, "owner") for _ in range(8)]
    answers: list[tuple[int, Any]] = []

    def write(client: Client, value: int) -> None:
        body = {"targets": [{**GMV, "target_value": str(value), "etag": row["etag"]}]}
        answer = client.put("targets/", body)
        answers.append((answer.status_code, answer.get_json()))

    threads = [threading.Thread(target=write, args=(client, 200 + place)) for place, client in enumerate(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(status for status, _ in answers) == [200, *[412] * 7]
    winner = next(body for status, body in answers if status == 200)["result"][0]["draft"]["target_value"]
    theirs = {
        body["error"]["details"]["conflicts"][0]["theirs"]["draft"]["target_value"] for s, body in answers if s != 200
    }
    assert theirs == {winner}
    history = owner.get(f"targets/{row['id']}/history").get_json()["result"]
    assert [item["version"] for item in history] == [2, 1]


def test_writers_that_create_the_same_target_at_once_make_one(app: Any, owner: Any, clean: Any) -> None:
    writers = [Client(app, "owner") for _ in range(6)]
    statuses: list[int] = []

    def write(client: Client, value: int) -> None:
        answer = client.put("targets/", {"targets": [{**GMV, "target_value": str(value), "etag": None}]})
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=write, args=(client, 1 + place)) for place, client in enumerate(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(statuses) == [200, *[412] * 5]
    assert len(listed(owner)) == 1


def test_an_interrupted_publication_is_shown_as_failed(app: Any, owner: Any, clean: Any, metadata_uri: str) -> None:
    run_sql(
        metadata_uri,
        "insert into kpi_publication (state, requested_by, started_at) "
        "values ('running', 'x', (now() at time zone 'utc') - interval '20 minutes')",
    )
    publication = owner.get("targets/publication").get_json()["publication"]
    assert (publication["state"], "interrupted" in publication["error"]) == ("failed", True)


def test_the_list_survives_a_warehouse_that_is_down(app: Any, owner: Any, clean: Any, monkeypatch: Any) -> None:
    save(owner, {**GMV, "target_value": "100"})
    monkeypatch.setitem(app.config, "KPI_WAREHOUSE_DATABASE", "no such connection")
    body = owner.get("targets/?grain=month&period_start=2026-11-01").get_json()
    assert [(row["kpi_id"], row["status"], row["draft"]["target_value"]) for row in body["result"]] == [
        ("gmv", None, "100")
    ]
    assert body["warnings"][0]["code"] == "warehouse_unavailable"
    assert "no such connection" in body["warnings"][0]["message"]
    # What can't be checked isn't saved, and the other reads say so in the one shape.
    error_of(owner.put("targets/", {"targets": [{**GMV, "target_value": "1"}]}), 503)
    for path in ("catalogue/", "entities/", "freshness/"):
        assert error_of(owner.get(path), 503)["code"] == "warehouse_unavailable"


def test_a_statement_that_takes_too_long_is_cancelled(app_context: Any, clean: Any, monkeypatch: Any) -> None:
    from superset_kpi_plugin.warehouse import Warehouse

    monkeypatch.setitem(app_context.config, "KPI_STATEMENT_TIMEOUT", 0.2)
    with pytest.raises(WarehouseUnavailable, match="in time"):
        Warehouse().read("select pg_sleep(5)")


def test_the_reader_can_not_write(
    app_context: Any, clean: Any, monkeypatch: Any, warehouse_uris: dict[str, str]
) -> None:
    import sqlalchemy as sa

    from superset_kpi_plugin import warehouse
    from superset_kpi_plugin.errors import KpiError

    with pytest.raises(KpiError):
        warehouse.Warehouse().read("delete from kpi.kpi_values returning 1")

    class Careless:
        """A connection whose account could write: the transaction alone holds it back."""

        def get_sqla_engine(self) -> Any:
            from contextlib import nullcontext

            return nullcontext(sa.create_engine(warehouse_uris["owner"]))

    monkeypatch.setattr(warehouse, "reader_database", Careless)
    with pytest.raises(KpiError):
        warehouse.Warehouse().read("delete from kpi.kpi_values returning 1")
    monkeypatch.undo()
    assert warehouse.Warehouse().read("select count(*) as n from kpi.kpi_values") == [{"n": 9}]


@pytest.mark.parametrize("uri", [DEAD, "nonsense", "oracle+nothing://u:canary-password@h/x", None])
def test_no_error_of_the_publisher_tells_its_password(
    app: Any, approver: Any, clean: Any, monkeypatch: Any, caplog: Any, uri: str | None
) -> None:
    monkeypatch.setitem(app.config, "KPI_PUBLISHER_URI", uri)
    answer = approver.post("targets/publish")
    assert answer.get_json()["publication"]["state"] == "failed"
    assert "canary-password" not in answer.get_data(as_text=True) + caplog.text


def test_parameters_are_bound_and_lists_expand(app_context: Any, clean: Any) -> None:
    from superset_kpi_plugin.warehouse import Warehouse

    sql = "select kpi_id from kpi.kpi_catalogue where kpi_id in :ids or name_en = :name order by 1"
    hostile = "x'); drop table kpi.kpi_values; --"
    assert Warehouse().read(sql, {"ids": ["acos", hostile], "name": "GMV"}) == [{"kpi_id": "acos"}, {"kpi_id": "gmv"}]
    assert Warehouse().read(sql, {"ids": [], "name": "'"}) == []


def test_hostile_searches_are_only_text(viewer: Any, clean: Any) -> None:
    for text in ("%", "_", "'", "\\", "!", "x' or 1=1 --", "{{ 1 }}"):
        found = viewer.get("entities/", query_string={"q": text})
        assert found.status_code == 200
        count = found.get_json()["count"]
        # An underscore stands in many ids; the others nowhere.
        assert (count > 0) == (text == "_"), text
    assert viewer.get("entities/?kind=account&page_size=1").get_json()["count"] == 2
    assert [row["entity_id"] for row in viewer.get("entities/?q=HEADph").get_json()["result"]] == [
        "sku:aurora_us/AUD-001"
    ]


@pytest.mark.parametrize("point", ["keys", "rows", "half the rows", "after the rows", "as the publication is noted"])
def test_the_published_table_equals_the_approved_state_after_every_crash(
    app: Any, owner: Any, approver: Any, clean: Any, monkeypatch: Any, point: str
) -> None:
    from superset_kpi_plugin.targets import storage
    from superset_kpi_plugin.targets.commands import PublishTargets
    from superset_kpi_plugin.warehouse import Warehouse

    first = save(owner, {**GMV, "target_value": "100"}, {**ACOS, "target_value": "0.3"})
    approver.post("targets/approve", {"ids": [row["id"] for row in first]})
    before = [(row["kpi_id"], str(row["target_value"])) for row in clean.targets()]
    changed = save(
        owner,
        {**GMV, "target_value": "200", "reason": "More"},
        {**GMV, "entity_id": "account:borealis_us", "target_value": "50"},
    )
    rows, close = storage.approved_rows, PublishTargets._close

    def crash(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("crash")

    def halved(published_at: Any, target_ids: Any = None) -> Any:
        yield rows(published_at, target_ids)[0]
        crash()

    # The process dies here: whatever the warehouse's transaction has not committed is gone.
    if point == "keys":
        monkeypatch.setattr(storage, "approved_keys", crash)
    elif point == "rows":
        monkeypatch.setattr(storage, "approved_rows", crash)
    elif point == "half the rows":
        monkeypatch.setattr(storage, "approved_rows", halved)
    elif point == "after the rows":
        monkeypatch.setattr("superset_kpi_plugin.warehouse._clear_errors", _crashing_at_the_end)
    else:
        monkeypatch.setattr(PublishTargets, "_close", staticmethod(crash))
    error_of(approver.post("targets/approve", {"ids": [row["id"] for row in changed]}), 500)
    found = [(row["kpi_id"], str(row["target_value"])) for row in clean.targets()]
    after = [("acos", "0.300000"), ("gmv", "200.000000"), ("gmv", "50.000000")]
    assert found == (after if point == "as the publication is noted" else before)
    monkeypatch.undo()
    assert close is PublishTargets._close
    with app.app_context():
        assert PublishTargets("again", Warehouse()).run().state == "done"
    assert [(row["kpi_id"], str(row["target_value"])) for row in clean.targets()] == after


@contextmanager
def _crashing_at_the_end() -> Iterator[None]:
    """Stands before the transaction of `Warehouse.publishing` and breaks it as it is about to be committed."""
    import sqlalchemy as sa

    def crash(connection: Any) -> None:
        raise RuntimeError("crash")

    sa.event.listen(sa.engine.Engine, "commit", crash)
    try:
        yield
    finally:
        sa.event.remove(sa.engine.Engine, "commit", crash)


def test_publishing_writes_what_differs_and_the_command_line_mends_the_rest(
    app: Any, owner: Any, approver: Any, clean: Any
) -> None:
    from superset_kpi_plugin.cli import kpi

    rows = save(owner, {**GMV, "target_value": "100"}, {**ACOS, "target_value": "0.3"})
    approver.post("targets/approve", {"ids": [row["id"] for row in rows]})
    marks = "select kpi_id, xmin::text as mark from kpi.kpi_targets order by kpi_id"
    before = clean.execute(marks)
    save(owner, {**GMV, "target_value": "200", "reason": "More"})
    approver.post("targets/approve", {"ids": [rows[0]["id"]]})
    after = clean.execute(marks)
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False]
    clean.execute("update kpi.kpi_targets set target_value = 7 where kpi_id = 'acos'")
    assert app.test_cli_runner().invoke(kpi, ["publish"]).exit_code == 0
    assert [str(row["target_value"]) for row in clean.targets()] == ["0.300000", "200.000000"]
