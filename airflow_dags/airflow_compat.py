# mypy: ignore-errors
"""The few names of Airflow that moved between 2.11 and 3.x, and the two lookups that tasks make; nowhere else."""

from __future__ import annotations

from typing import Any

try:
    from airflow.sdk import (
        DAG,
        Asset,
        BaseHook,
        BaseOperator,
        BaseSensorOperator,
        Param,
        TriggerRule,
        get_current_context,
        task,
        task_group,
    )
    from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
except ImportError:  # Airflow 2.11
    from airflow.datasets import Dataset as Asset  # type: ignore[no-redef]
    from airflow.decorators import task, task_group  # type: ignore[no-redef]
    from airflow.exceptions import AirflowFailException, AirflowSkipException  # type: ignore[no-redef]
    from airflow.hooks.base import BaseHook  # type: ignore[no-redef]
    from airflow.models import DAG, BaseOperator, Param  # type: ignore[no-redef]
    from airflow.operators.python import get_current_context  # type: ignore[no-redef]
    from airflow.sensors.base import BaseSensorOperator
    from airflow.utils.trigger_rule import TriggerRule  # type: ignore[no-redef]

__all__ = [
    "DAG",
    "AirflowFailException",
    "AirflowSkipException",
    "Asset",
    "BaseHook",
    "BaseOperator",
    "BaseSensorOperator",
    "Param",
    "TriggerRule",
    "any_of",
    "daily",
    "get_connection",
    "get_current_context",
    "get_variable",
    "on_assets_or_daily",
    "task",
    "task_group",
]


def daily(cron: str, timezone: str) -> Any:
    """A schedule with a data interval of one day, so that Airflow's backfill knows which day a run is for."""
    from datetime import timedelta

    try:
        from airflow.sdk import CronTriggerTimetable
    except ImportError:
        from airflow.timetables.trigger import CronTriggerTimetable  # type: ignore[no-redef]
    return CronTriggerTimetable(cron, timezone=timezone, interval=timedelta(days=1))


def any_of(assets: list[Any]) -> Any:
    """A condition that holds as soon as one of the assets was updated."""
    condition = assets[0]
    for asset in assets[1:]:
        condition |= asset
    return condition


def on_assets_or_daily(assets: list[Any], cron: str, timezone: str) -> Any:
    try:
        from airflow.sdk import AssetOrTimeSchedule
    except ImportError:
        from airflow.timetables.datasets import DatasetOrTimeSchedule

        return DatasetOrTimeSchedule(timetable=daily(cron, timezone), datasets=any_of(assets))
    return AssetOrTimeSchedule(timetable=daily(cron, timezone), assets=any_of(assets))


def get_connection(conn_id: str) -> Any:
    """A connection through Airflow; raises Airflow's own error where there is none."""
    return BaseHook.get_connection(conn_id)


def get_variable(name: str) -> str | None:
    try:
        from airflow.sdk import Variable
    except ImportError:
        from airflow.models import Variable  # type: ignore[no-redef]
    try:
        return Variable.get(name, default=None)  # type: ignore[no-any-return]
    except TypeError:
        return Variable.get(name, default_var=None)  # type: ignore[no-any-return]
