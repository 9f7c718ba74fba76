"""The differences between Superset 4.1 and 6.1 that the plugin meets; nowhere else does it ask for a version."""

from __future__ import annotations

import inspect
from importlib.metadata import version
from typing import Any


def spa_template_context(**extra: Any) -> dict[str, Any]:
    """What ``superset/spa.html`` needs: the navbar's bootstrap data and, from 6.0 on, the theme."""
    from superset.views import base

    if hasattr(base, "get_spa_template_context"):  # 6.1
        context: dict[str, Any] = base.get_spa_template_context(entry="spa", **extra)
        return context
    from flask import g
    from superset.utils import json
    from superset.views.utils import bootstrap_user_data

    payload = {"user": bootstrap_user_data(g.user, include_perms=True), "common": base.common_bootstrap_payload()}
    return {
        "entry": "spa",
        "bootstrap_data": json.dumps(payload, default=json.pessimistic_json_iso_dttm_ser),
        **extra,
    }


def reports_send_tabs() -> bool:
    """Whether Superset's reports can send each tab of a dashboard: from 5.0 on (with the flag ALERT_REPORT_TABS)."""
    from superset.commands.report.execute import BaseReportState

    return hasattr(BaseReportState, "_get_tabs_urls")


def samples_check_access() -> bool:
    """Whether Superset's samples (drill to detail) ask for access to the dataset: from 6.1 on. Before, whoever may see
    samples sees those of any dataset."""
    from superset.views.datasource import utils

    return "raise_for_access" in inspect.getsource(utils.get_samples)


def mixed_charts_filter() -> bool:
    """Whether a click on a mixed chart filters by what was clicked: not in 6.1, which looks the value up under another
    name than it draws the series, and asks for an empty list of values that every other chart refuses."""
    return not version("apache-superset").startswith("6.1.")
