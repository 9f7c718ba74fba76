"""Making and sending reports as a Celery task, for sites that run Superset's workers and no Airflow.

When it runs is the site's to say, in its beat schedule (README). A report of a window is made once, however often.
"""

from __future__ import annotations

from typing import Any

from superset.extensions import celery_app

NAME = "kpi.reports"


@celery_app.task(name=NAME, ignore_result=True)  # type: ignore[misc]
def make_and_send() -> dict[str, Any]:
    """Make the reports that are due, then send what is released; what waits in the outbox goes out in any case.

    :returns: what was made (plans that failed are among its ``failures``) and delivered.
    """
    from superset_kpi_plugin.alerts.commands import deliver
    from superset_kpi_plugin.reports.commands import run
    from superset_kpi_plugin.warehouse import Warehouse

    try:
        made = run(Warehouse())
    finally:
        delivered = deliver()
    return {"made": made, "delivered": delivered}
