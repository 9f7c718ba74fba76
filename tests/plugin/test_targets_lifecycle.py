"""Whatever people do with targets, and whenever publishing fails: the tables keep their promises."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from superset_kpi_plugin.errors import KpiError
from tests.plugin.conftest import emptying, run_sql
from tests.plugin.test_publishing import DEAD
from tests.plugin.test_targets_api import ACOS, GMV

KEYS = [GMV, ACOS, {**GMV, "entity_id": "account:borealis_us"}]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["save", "save", "approve", "approve with the warehouse down", "discard", "publish"]),
        st.integers(0, len(KEYS) - 1),
        st.integers(1, 4),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_any_sequence_of_commands_keeps_one_draft_one_approved_and_a_true_publication(
    app: Any, clean: Any, metadata_uri: str, warehouse_uris: dict[str, str], steps: list[tuple[str, int, int]]
) -> None:
    run_sql(metadata_uri, emptying("kpi_target", "kpi_publication", restart=True))
    clean.execute("delete from kpi.kpi_targets")
    #: What a person would expect of each key: [draft, approved].
    expected: dict[int, list[Decimal | None]] = {place: [None, None] for place in range(len(KEYS))}
    ids: dict[int, int] = {}
    for action, place, value in steps:
        with app.app_context():
            _perform(app, action, place, value, expected, ids, warehouse_uris["publisher"])
    with app.app_context():
        from superset_kpi_plugin.targets.commands import PublishTargets
        from superset_kpi_plugin.warehouse import Warehouse

        assert PublishTargets("end", Warehouse()).run().state == "done"
    versions = run_sql(metadata_uri, "select * from kpi_target_version order by target_id, version")
    for place, (draft, approved) in expected.items():
        own = [row for row in versions if row["target_id"] == ids.get(place)]
        states = Counter(row["state"] for row in own)
        assert states["draft"] == (draft is not None)
        assert states["approved"] == (approved is not None)
        assert [row["version"] for row in own] == list(range(1, len(own) + 1))
        assert [row["target_value"] for row in own if row["state"] == "draft"] == [draft] * (draft is not None)
    published = {row["target_id"]: row["target_value"] for row in clean.targets()}
    assert published == {str(ids[place]): approved for place, (_, approved) in expected.items() if approved is not None}


def _perform(app: Any, action: str, place: int, value: int, expected: Any, ids: dict[int, int], publisher: str) -> None:
    from superset_kpi_plugin.targets.commands import ApproveTargets, DiscardDrafts, PublishTargets, SaveDrafts
    from superset_kpi_plugin.warehouse import Warehouse

    draft, approved = expected[place]
    number = Decimal(value)
    try:
        if action == "save":
            row = {**KEYS[place], "target_value": str(value)}
            [saved] = SaveDrafts([row], "owner", Warehouse()).run()
            ids[place] = saved["id"]
            expected[place][0] = None if number == approved else number
            return
        if action == "publish":
            PublishTargets("owner", Warehouse()).run()
            return
        if action == "discard":
            DiscardDrafts([ids.get(place, 999)], "owner").run()
            expected[place][0] = None
        else:
            ApproveTargets([ids.get(place, 999)], "approver", reason="The plan changed").run()
            expected[place] = [None, draft]
            app.config["KPI_PUBLISHER_URI"] = DEAD if "down" in action else publisher
            PublishTargets("approver", Warehouse()).run()
        assert draft is not None, "a command on a target without a draft must be refused"
    except KpiError:
        assert draft is None
    finally:
        app.config["KPI_PUBLISHER_URI"] = publisher
