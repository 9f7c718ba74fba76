"""/api/v1/kpi/targets/: list beside the actuals, save drafts, approve, publish, history."""

from __future__ import annotations

from flask import Response

from superset_kpi_plugin.access.table import TARGETS
from superset_kpi_plugin.api import KpiRestApi, kpi_route


class KpiTargetsApi(KpiRestApi):
    """The targets of a period."""

    resource_name = "kpi/targets"
    class_permission_name = TARGETS

    @kpi_route("/", permission="read")
    def get_list(self) -> Response:
        """Targets of a period."""
        return self.json_response({"result": [], "count": 0, "freshness": None})

    @kpi_route("/approve", permission="approve", methods=("POST",))
    def approve(self) -> Response:
        """Approve and publish."""
        return self.json_response({})
