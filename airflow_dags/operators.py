"""The task that waits for reports: looks a few seconds itself, then defers to the triggerer, or reschedules itself; and
the one that fills history.

Deferring is the default. KPI_WAIT=reschedule in Airflow's environment is the other choice, where no triggerer runs.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from airflow_dags.airflow_compat import AirflowFailException, BaseOperator, BaseSensorOperator, get_current_context
from airflow_dags.errors import NotReady

AT_ONCE_SECONDS = 15.0
RESCHEDULE_SECONDS = 60
LABEL = "{{ job_label }}"


def label(platform: str, job: Mapping[str, Any]) -> None:
    """Name the running mapped task in Airflow's grid by its account and the group of its streams."""
    account = str(job["conn_id"]).removeprefix(f"{platform}_")
    get_current_context()["job_label"] = f"{account} {job['group']}"  # type: ignore[typeddict-unknown-key]


class WaitForReports(BaseSensorOperator):
    """Ends when all reports that ``created`` (the task before) names are finished, whether well or not: loading tells
    what failed."""

    template_fields: Sequence[str] = ("job", "created")

    def __init__(self, *, platform: str, job: Any, created: Any, seconds: float = 3 * 3600, **kwargs: Any) -> None:
        if os.environ.get("KPI_WAIT") == "reschedule":
            kwargs |= {"mode": "reschedule", "poke_interval": RESCHEDULE_SECONDS, "timeout": seconds}
        super().__init__(**kwargs)
        self.platform, self.job, self.created, self.seconds = platform, job, created, seconds

    def execute(self, context: Any) -> Any:
        label(self.platform, self.job)
        if self.mode == "reschedule":
            return super().execute(context)
        if self.poke(context):
            return None
        from airflow_dags.triggers import ReportsTrigger

        trigger = ReportsTrigger(self.platform, self.job["conn_id"], self.created["batches"], self.seconds)
        # The trigger ends by itself; Airflow's own limit is a net below it.
        self.defer(trigger=trigger, method_name="resume", timeout=timedelta(seconds=self.seconds + 600))

    def poke(self, context: Any) -> bool:
        """Look for a few seconds: small reports are ready at once, and a slot is cheaper than another start."""
        from airflow_dags.runs import airflow_errors, batches_in_airflow

        with airflow_errors():
            return batches_in_airflow(self.platform, self.job["conn_id"], self.created["batches"]).wait(AT_ONCE_SECONDS)

    def resume(self, context: Any, event: dict[str, Any]) -> None:
        """What the trigger fired."""
        label(self.platform, self.job)
        if event["state"] == "done":
            return
        message = event.get("message") or "the reports are not finished in time; a retry resumes them"
        if event["state"] == "failed" and not event.get("is_transient"):
            raise AirflowFailException(message)
        raise NotReady(message)


class FillHistory(BaseOperator):
    """Loads the missing history of a group's streams; where the platform wants patience, the task sleeps in the
    triggerer and goes on."""

    template_fields: Sequence[str] = ("job",)

    def __init__(self, *, job: Any, seconds: float = 1800.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.job, self.seconds = job, seconds

    def execute(self, context: Any, event: Any = None) -> list[dict[str, Any]]:
        from airflow_dags import runs
        from airflow_dags.triggers import UntilTrigger

        platform = self.job["platform"]
        label(platform, self.job)
        with runs.airflow_errors():
            results, resumes_at = runs.fill_group(platform, self.job, context["params"], self.seconds)
        if resumes_at is not None:
            self.log.info("the platform wants patience; going on at %s", resumes_at)
            self.defer(trigger=UntilTrigger(resumes_at.isoformat()), method_name="execute")
        return results
