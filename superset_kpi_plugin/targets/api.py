"""/api/v1/kpi/targets/: list beside the actuals, save drafts, approve, publish, discard, history."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from marshmallow import ValidationError
from superset.extensions import db

from superset_kpi_plugin.access.table import TARGETS
from superset_kpi_plugin.api import KpiRestApi, kpi_route
from superset_kpi_plugin.errors import BadRequest, NotFound
from superset_kpi_plugin.locale import current_locale
from superset_kpi_plugin.targets.commands import ApproveTargets, DiscardDrafts, PublishTargets, SaveDrafts
from superset_kpi_plugin.targets.commands.publish import close_interrupted, last_publication
from superset_kpi_plugin.targets.filters import TargetFilters
from superset_kpi_plugin.targets.listing import list_targets
from superset_kpi_plugin.targets.models import Target, TargetVersion
from superset_kpi_plugin.targets.present import present_history, present_publication
from superset_kpi_plugin.targets.schemas import SaveTargetsSchema, TargetIdsSchema, TargetRowSchema
from superset_kpi_plugin.warehouse import Warehouse


class KpiTargetsApi(KpiRestApi):
    """The targets of a period."""

    resource_name = "kpi/targets"
    class_permission_name = TARGETS
    openapi_spec_component_schemas = (SaveTargetsSchema, TargetRowSchema, TargetIdsSchema)

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
            400: {$ref: '#/components/responses/400'}
            401: {$ref: '#/components/responses/401'}
            403: {$ref: '#/components/responses/403'}
        """
        filters = TargetFilters.from_arguments(request.args)
        found = list_targets(filters, self.page(), current_locale(), Warehouse())
        payload = {
            "result": found.rows,
            "count": found.count,
            "freshness": found.freshness,
            "warnings": found.warnings,
        }
        return self.json_response(payload, with_etag=True)

    @kpi_route("/", permission="write", methods=("PUT",))
    def save(self) -> Response:
        """Save drafts, all or nothing.
        ---
        put:
          summary: Save targets as drafts, all or nothing
          description: >-
            A value left out keeps what it was, null clears it. A row with a stale etag refuses the request with 412
            and both values in `details.conflicts`; a row without an etag overwrites. Errors name row, field and reason
            in `details.errors`.
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
            400: {$ref: '#/components/responses/400'}
            401: {$ref: '#/components/responses/401'}
            403: {$ref: '#/components/responses/403'}
            412: {$ref: '#/components/responses/412'}
            422: {$ref: '#/components/responses/422'}
            503: {$ref: '#/components/responses/503'}
        """
        result = SaveDrafts(self.json_body().get("targets"), self.username(), Warehouse()).run()
        return self.json_response({"saved": len(result), "result": result})

    @kpi_route("/approve", permission="approve", methods=("POST",))
    def approve(self) -> Response:
        """Approve drafts and publish.
        ---
        post:
          summary: Approve drafts, all or nothing, and publish the approved targets
          description: >-
            When the warehouse is down the targets stay approved, and the publication is `failed` with its reason.
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: '#/components/schemas/TargetIdsSchema'}
          responses:
            200:
              description: How many were approved, and what became of the publication
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      approved: {type: integer}
                      publication: {type: object}
            400: {$ref: '#/components/responses/400'}
            401: {$ref: '#/components/responses/401'}
            403: {$ref: '#/components/responses/403'}
            412: {$ref: '#/components/responses/412'}
            422: {$ref: '#/components/responses/422'}
        """
        body = self._ids()
        approved = ApproveTargets(body["ids"], self.username(), body.get("etags")).run()
        publication = PublishTargets(self.username(), Warehouse()).run()
        return self.json_response({"approved": approved, "publication": present_publication(publication)})

    @kpi_route("/publish", permission="approve", methods=("POST",))
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
            401: {$ref: '#/components/responses/401'}
            403: {$ref: '#/components/responses/403'}
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
            401: {$ref: '#/components/responses/401'}
            403: {$ref: '#/components/responses/403'}
        """
        close_interrupted()
        return self.json_response({"publication": present_publication(last_publication())})

    @kpi_route("/drafts", permission="write", methods=("DELETE",))
    def discard(self) -> Response:
        """Discard drafts.
        ---
        delete:
          summary: Discard drafts, all or nothing; what is approved stays
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: '#/components/schemas/TargetIdsSchema'}
          responses:
            200:
              description: How many were discarded
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      discarded: {type: integer}
            400: {$ref: '#/components/responses/400'}
            401: {$ref: '#/components/responses/401'}
            403: {$ref: '#/components/responses/403'}
            412: {$ref: '#/components/responses/412'}
            422: {$ref: '#/components/responses/422'}
        """
        body = self._ids()
        return self.json_response({"discarded": DiscardDrafts(body["ids"], self.username(), body.get("etags")).run()})

    @kpi_route("/<int:target_id>/history", permission="read")
    def get_history(self, target_id: int) -> Response:
        """Every version of a target.
        ---
        get:
          summary: Every version of a target, the latest first
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
            401: {$ref: '#/components/responses/401'}
            403: {$ref: '#/components/responses/403'}
            404: {$ref: '#/components/responses/404'}
        """
        target = db.session.get(Target, target_id) if target_id < 2**31 else None
        if target is None:
            raise NotFound("There is no target {id}.", id=target_id)
        versions = db.session.query(TargetVersion).filter_by(target_id=target_id)
        ordered = versions.order_by(TargetVersion.version.desc())
        return self.json_response({"result": [present_history(version) for version in ordered]})

    def _ids(self) -> dict[str, Any]:
        try:
            body: dict[str, Any] = TargetIdsSchema().load(self.json_body())
            return body
        except ValidationError:
            raise BadRequest("The request must hold a list of target ids.") from None
