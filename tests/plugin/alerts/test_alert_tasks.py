"""The Celery task, as Superset's worker would run it: registered by the plugin, with an app context of its own."""

from __future__ import annotations

from typing import Any

import pytest

from superset_kpi_plugin.errors import KpiError


def run(site: Any) -> Any:
    from superset.extensions import celery_app

    assert site.app.config["CELERY_CONFIG"] is not None
    return celery_app.tasks["kpi.alerts"].apply()


def test_the_task_evaluates_and_delivers(site: Any, receiver: Any) -> None:
    site.channels(hook=f"json://127.0.0.1:{receiver.port}/alerts")
    site.plant_breach()
    site.rule(channels=["hook"])
    found = run(site).get()
    assert (found["evaluated"]["firing"], found["evaluated"]["enqueued"]) == (1, 1)
    assert found["delivered"] == {"sent": 1, "failed": 0, "pending": 0}
    assert [body["alert"]["event"] for body in receiver.bodies()] == ["fired"]


def test_what_waits_goes_out_although_the_warehouse_is_away(site: Any, receiver: Any) -> None:
    site.channels(hook=f"json://127.0.0.1:{receiver.port}/alerts")
    site.plant_breach()
    site.rule(channels=["hook"])
    site.evaluate()
    site.app.config["KPI_WAREHOUSE_DATABASE"] = "nothing of this name"
    with pytest.raises(KpiError):
        run(site).get()
    assert len(receiver.bodies()) == 1
