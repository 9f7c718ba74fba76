"""/api/v1/kpi/objectives/: objectives that group targets, with their progress."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from marshmallow import ValidationError

from superset_kpi_plugin.access.scopes import current_reach
from superset_kpi_plugin.access.table import TARGETS
from superset_kpi_plugin.api import KpiRestApi, kpi_route
from superset_kpi_plugin.etags import if_match
from superset_kpi_plugin.idempotency import idempotent
from superset_kpi_plugin.targets.agreement_api import refused
from superset_kpi_plugin.targets.filters import TargetFilters
from superset_kpi_plugin.targets.objectives import objectives, remove, save
from superset_kpi_plugin.targets.schemas import ObjectiveSchema
from superset_kpi_plugin.warehouse import Warehouse


class KpiObjectivesApi(KpiRestApi):
    """Objectives."""

    resource_name = "kpi/objectives"
    class_permission_name = TARGETS
    openapi_spec_component_schemas = (ObjectiveSchema,)

    @kpi_route("/", permission="read")
    def get_list(self) -> Response:
        """The objectives of a period.
        ---
        get:
          summary: The objectives of a period with progress, status and values of their keys
          parameters:
          - {in: query, name: grain, required: true, schema: {type: string}}
          - {in: query, name: period_start, required: true, schema: {type: string, format: date}}
          responses:
            200:
              description: Objectives by name; progress is the weighted mean of attainments cut to 0 .. 1
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: array, items: {type: object}}
                      warnings: {type: array, items: {type: object}}
        """
        filters = TargetFilters.from_arguments(request.args)
        return self.json_response(objectives(filters, current_reach(), Warehouse()))

    @kpi_route("/", permission="write", methods=("POST",))
    @idempotent
    def add(self) -> Response:
        """Add an objective.
        ---
        post:
          summary: Add an objective
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: '#/components/schemas/ObjectiveSchema'}
          responses:
            201:
              description: The objective
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        return self.json_response({"result": self._save(None)}, status=201)

    @kpi_route("/<int:objective_id>", permission="write", methods=("PUT",))
    @idempotent
    def change(self, objective_id: int) -> Response:
        """Replace an objective.
        ---
        put:
          summary: Replace an objective
          description: With a stale etag in the header If-Match nothing is changed; `details.conflicts` has both values.
          parameters:
          - {in: header, name: If-Match, schema: {type: string}, description: The objective's etag as it was read}
          - {in: path, name: objective_id, required: true, schema: {type: integer}}
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: '#/components/schemas/ObjectiveSchema'}
          responses:
            200:
              description: The objective
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        return self.json_response({"result": self._save(objective_id)})

    @kpi_route("/<int:objective_id>", permission="write", methods=("DELETE",))
    def remove(self, objective_id: int) -> Response:
        """Delete an objective.
        ---
        delete:
          summary: Delete an objective; its targets stay
          parameters:
          - {in: path, name: objective_id, required: true, schema: {type: integer}}
          responses:
            200:
              description: Deleted
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      deleted: {type: integer}
        """
        remove(objective_id, self.username(), current_reach())
        return self.json_response({"deleted": 1})

    def _save(self, objective_id: int | None) -> dict[str, Any]:
        try:
            body = ObjectiveSchema().load(self.json_body())
        except ValidationError as error:
            raise refused(error) from None
        return save(body, objective_id, self.username(), current_reach(), Warehouse(), if_match())
