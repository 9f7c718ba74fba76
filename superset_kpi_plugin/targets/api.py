"""/api/v1/kpi/targets/: list beside the actuals, save drafts, publish."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from superset_kpi_plugin.access.scopes import current_reach
from superset_kpi_plugin.access.table import TARGETS
from superset_kpi_plugin.api import KpiRestApi, kpi_route
from superset_kpi_plugin.errors import BadRequest
from superset_kpi_plugin.etags import if_match
from superset_kpi_plugin.idempotency import idempotent
from superset_kpi_plugin.locale import current_locale
from superset_kpi_plugin.targets.commands import PublishTargets, SaveDrafts
from superset_kpi_plugin.targets.commands.publish import close_interrupted, last_publication
from superset_kpi_plugin.targets.filters import TargetFilters
from superset_kpi_plugin.targets.listing import Rights, list_targets
from superset_kpi_plugin.targets.present import present_publication
from superset_kpi_plugin.targets.schemas import SaveTargetsSchema, TargetRowSchema
from superset_kpi_plugin.warehouse import Warehouse


class KpiTargetsApi(KpiRestApi):
    """The targets of a period."""

    resource_name = "kpi/targets"
    class_permission_name = TARGETS
    openapi_spec_component_schemas = (SaveTargetsSchema, TargetRowSchema)

    @kpi_route("/", permission="read")
    def get_list(self) -> Response:
        """Targets of a period, beside their actuals.
        ---
        get:
          summary: Targets of a period with draft, approved version, actual, pace and status
          description: >-
            Rows whose target is not published carry the actual value with a null status. When the warehouse does not
            answer, status is null everywhere and `warnings` says why.
          parameters:
          - {in: query, name: grain, required: true, schema: {type: string, enum: [day, week, month, quarter, year]}}
          - {in: query, name: period_start, required: true, schema: {type: string, format: date}}
          - {in: query, name: kpi_id, schema: {type: string}}
          - {in: query, name: entity_kind, schema: {type: string}}
          - {in: query, name: entity_id, schema: {type: string}}
          - in: query
            name: include
            schema: {type: string, enum: [candidates]}
            description: Adds entities of the kind without a target
          - in: query
            name: as_of
            schema: {type: string, format: date-time}
            description: The approved targets as they were at an instant; drafts and status are left out
          - {in: query, name: page, schema: {type: integer}}
          - {in: query, name: page_size, schema: {type: integer, maximum: 10000}}
          responses:
            200:
              description: A page of targets; numbers are strings
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: array, items: {type: object}}
                      count: {type: integer}
                      freshness: {type: object, nullable: true}
                      warnings: {type: array, items: {type: object}}
            304: {description: Unchanged since the ETag that was sent}
        """
        filters = TargetFilters.from_arguments(request.args)
        rights = Rights(current_reach(), self.has("can_write", TARGETS), self.has("can_approve", TARGETS))
        found = list_targets(filters, self.page(), current_locale(), Warehouse(), rights)
        payload = {
            "result": found.rows,
            "count": found.count,
            "freshness": found.freshness,
            "warnings": found.warnings,
        }
        return self.json_response(payload, with_etag=True)

    @kpi_route("/", permission="write", methods=("PUT",))
    @idempotent
    def save(self) -> Response:
        """Save drafts, all or nothing.
        ---
        put:
          summary: Save targets as drafts, all or nothing
          description: >-
            A value left out keeps what it was, null clears it. A row with a stale etag refuses the request with 412
            and both values in `details.conflicts`; a row without an etag overwrites. Errors name row, field and reason
            in `details.errors`. The header If-Match stands for the etag of a request's only row.
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: '#/components/schemas/SaveTargetsSchema'}
          responses:
            200:
              description: The targets as they are now, in the order of the rows
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      saved: {type: integer}
                      result: {type: array, items: {type: object}}
        """
        rows = with_if_match(self.json_body().get("targets"), if_match())
        result = SaveDrafts(rows, self.username(), Warehouse(), current_reach()).run()
        return self.json_response({"saved": len(result), "result": result})

    @kpi_route("/publish", permission="approve", methods=("POST",))
    @idempotent
    def publish(self) -> Response:
        """Publish the approved targets (again).
        ---
        post:
          summary: Make kpi_targets equal to the approved targets
          responses:
            200:
              description: What became of the publication
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      publication: {type: object}
        """
        publication = PublishTargets(self.username(), Warehouse()).run()
        return self.json_response({"publication": present_publication(publication)})

    @kpi_route("/publication", permission="read")
    def get_publication(self) -> Response:
        """The last publication.
        ---
        get:
          summary: What became of the last publication
          responses:
            200:
              description: The last publication, null before the first
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      publication: {type: object, nullable: true}
        """
        close_interrupted()
        return self.json_response({"publication": present_publication(last_publication())})


def with_if_match(rows: Any, etag: str | None) -> Any:
    """The rows, the only one with the etag of the request's header.

    :raises BadRequest: the header can't be meant for these rows.
    """
    if etag is None:
        return rows
    if not isinstance(rows, list) or len(rows) != 1 or not isinstance(rows[0], dict):
        raise BadRequest("The header If-Match goes with a request for one target; give each row its etag instead.")
    return [{**rows[0], "etag": etag}]
