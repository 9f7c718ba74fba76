"""Evaluating and delivering as a Celery task, for sites that run Superset's workers and no Airflow.

The task is there wherever Superset is configured with Celery; when it runs is the site's to say, in its beat schedule
(README). It may run beside the alerts DAG or twice at once: evaluators and deliverers share the work.
"""

from __future__ import annotations

from typing import Any

from superset.extensions import celery_app

NAME = "kpi.alerts"


@celery_app.task(name=NAME, ignore_result=True)  # type: ignore[misc]
def evaluate_and_deliver() -> dict[str, Any]:
    """Evaluate every rule, then send what is due; what waits in the outbox goes out also when evaluating failed.

    :raises KpiError: not one rule could be evaluated.
    """
    from superset_kpi_plugin.alerts.commands import deliver, evaluate

    try:
        evaluated = evaluate()
    finally:
        delivered = deliver()
    return {"evaluated": evaluated, "delivered": delivered}
