"""Waits for reports in the triggerer. It must live in an installed package: the triggerer doesn't see the dags
folder."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from airflow.triggers.base import BaseTrigger, TriggerEvent

from airflow_dags.errors import PipelineError
from airflow_dags.ingest import poll_pauses, poll_reports
from airflow_dags.runs import job_in_airflow


class ReportsTrigger(BaseTrigger):
    """Fires when all reports of a batch are finished, when the time is over, or when asking fails for good."""

    def __init__(self, conn_id: str, platform: str, stream: str, batch_id: str, seconds: float) -> None:
        super().__init__()
        self.conn_id, self.platform, self.stream = conn_id, platform, stream
        self.batch_id, self.seconds = batch_id, seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        names = ("conn_id", "platform", "stream", "batch_id", "seconds")
        return f"{type(self).__module__}.{type(self).__name__}", {name: getattr(self, name) for name in names}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        deadline = time.monotonic() + self.seconds
        try:
            job = await asyncio.to_thread(job_in_airflow, self.platform, self.stream, self.conn_id)
            client = await asyncio.to_thread(job.client)
            for pause in poll_pauses():
                if await asyncio.to_thread(poll_reports, job, UUID(self.batch_id), client):
                    yield TriggerEvent({"state": "done"})
                    return
                if time.monotonic() + pause > deadline:
                    yield TriggerEvent({"state": "timeout"})
                    return
                await asyncio.sleep(pause)
        except PipelineError as error:
            yield TriggerEvent({"state": "failed", "message": error.message, "is_transient": error.is_transient})
