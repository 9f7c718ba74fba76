"""Waits in the triggerer: for reports, and for the time when a platform may be asked again. It must live in an
installed package: the triggerer doesn't see the dags folder."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime, timezone
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from airflow_dags.errors import PipelineError
from airflow_dags.ingest import poll_pauses
from airflow_dags.runs import batches_in_airflow


class ReportsTrigger(BaseTrigger):
    """Fires when all reports of a group's batches are finished, when the time is over, or when asking fails for
    good."""

    def __init__(self, platform: str, conn_id: str, batches: dict[str, str], seconds: float) -> None:
        super().__init__()
        self.platform, self.conn_id = platform, conn_id
        self.batches, self.seconds = batches, seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        names = ("platform", "conn_id", "batches", "seconds")
        return f"{type(self).__module__}.{type(self).__name__}", {name: getattr(self, name) for name in names}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        deadline = time.monotonic() + self.seconds
        try:
            batches = await asyncio.to_thread(batches_in_airflow, self.platform, self.conn_id, self.batches)
            for pause in poll_pauses():
                if await asyncio.to_thread(batches.poll):
                    yield TriggerEvent({"state": "done"})
                    return
                if time.monotonic() + pause > deadline:
                    yield TriggerEvent({"state": "timeout"})
                    return
                await asyncio.sleep(pause)
        except PipelineError as error:
            yield TriggerEvent({"state": "failed", "message": error.message, "is_transient": error.is_transient})


class UntilTrigger(BaseTrigger):
    """Fires at an instant (ISO 8601 with its offset)."""

    def __init__(self, moment: str) -> None:
        super().__init__()
        self.moment = moment

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{type(self).__module__}.{type(self).__name__}", {"moment": self.moment}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        left = datetime.fromisoformat(self.moment) - datetime.now(timezone.utc)
        await asyncio.sleep(max(0.0, left.total_seconds()))
        yield TriggerEvent({"state": "done"})
