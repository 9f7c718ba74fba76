"""Uploads: report files that people downloaded by hand, looked through here and loaded by the pipeline."""

from __future__ import annotations

from typing import Any


def register(appbuilder: Any) -> None:
    """Add the slice's API."""
    from superset_kpi_plugin.uploads.api import KpiUploadsApi

    appbuilder.add_api(KpiUploadsApi)
