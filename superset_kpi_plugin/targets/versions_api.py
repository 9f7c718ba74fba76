"""/api/v1/kpi/targets/: the versions of a target, and what any two of them say differently."""

from __future__ import annotations

from flask import Response
from superset.extensions import db

from superset_kpi_plugin.access.scopes import current_reach
from superset_kpi_plugin.access.table import TARGETS
from superset_kpi_plugin.api import KpiRestApi, int_argument, kpi_route
from superset_kpi_plugin.errors import NotFound
from superset_kpi_plugin.inbound import LARGEST_ID
from superset_kpi_plugin.targets.commands.comment import target_or_404
from superset_kpi_plugin.targets.models import TargetVersion
from superset_kpi_plugin.targets.present import present_difference, present_history


class KpiVersionsApi(KpiRestApi):
    """What a target said over time."""

    resource_name = "kpi/targets"
    class_permission_name = TARGETS

    @kpi_route("/<int:target_id>/history", permission="read")
    def get_history(self, target_id: int) -> Response:
        """Every version of a target.
        ---
        get:
          summary: Every version of a target, the latest first, with what it changed
          parameters:
          - {in: path, name: target_id, required: true, schema: {type: integer}}
          responses:
            200:
              description: The versions with their state, author and approver
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: array, items: {type: object}}
        """
        target_or_404(target_id, current_reach())
        versions = db.session.query(TargetVersion).filter_by(target_id=target_id)
        return self.json_response({"result": present_history(versions.order_by(TargetVersion.version.desc()).all())})

    @kpi_route("/<int:target_id>/compare", permission="read")
    def compare(self, target_id: int) -> Response:
        """Two versions of a target side by side.
        ---
        get:
          summary: What two versions of a target say, and what differs between them
          parameters:
          - {in: path, name: target_id, required: true, schema: {type: integer}}
          - {in: query, name: from, required: true, schema: {type: integer}, description: The number of a version}
          - {in: query, name: to, required: true, schema: {type: integer}}
          responses:
            200:
              description: Both versions as in the history, and `changes` from one to the other by field
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        target_or_404(target_id, current_reach())
        wanted = [int_argument(name, 0, 0, LARGEST_ID) for name in ("from", "to")]
        found = db.session.query(TargetVersion).filter_by(target_id=target_id)
        versions = {row.version: row for row in found.filter(TargetVersion.version.in_(wanted))}
        for number in wanted:
            if number not in versions:
                raise NotFound("This target has no version {version}.", version=number)
        return self.json_response({"result": present_difference(*(versions[number] for number in wanted))})
