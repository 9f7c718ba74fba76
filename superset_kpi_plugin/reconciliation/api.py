"""/api/v1/kpi/reconciliation/: differences, their items, explanations and sign-offs."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from marshmallow import Schema, ValidationError

from superset_kpi_plugin.access.scopes import current_reach
from superset_kpi_plugin.access.table import RECONCILIATION
from superset_kpi_plugin.api import KpiRestApi, kpi_route
from superset_kpi_plugin.idempotency import idempotent
from superset_kpi_plugin.reconciliation import commands, listing
from superset_kpi_plugin.reconciliation.listing import DifferenceFilters
from superset_kpi_plugin.reconciliation.schemas import ExplainDifferenceSchema, SignDifferenceSchema
from superset_kpi_plugin.reconciliation.standing import REASONS
from superset_kpi_plugin.targets.agreement_api import refused
from superset_kpi_plugin.targets.files_api import file_response
from superset_kpi_plugin.warehouse import Warehouse


class KpiReconciliationApi(KpiRestApi):
    """Do platform, settlement and ERP say the same, and who answers for it where they don't?"""

    resource_name = "kpi/reconciliation"
    class_permission_name = RECONCILIATION
    openapi_spec_component_schemas = (ExplainDifferenceSchema, SignDifferenceSchema)

    @kpi_route("/", permission="read")
    def get_list(self) -> Response:
        """Differences.
        ---
        get:
          summary: Differences between platform, settlement and ERP, with where each stands; signed ones stay in it
          parameters:
          - {in: query, name: grain, schema: {type: string, enum: [month, day]}}
          - {in: query, name: from, schema: {type: string, format: date}, description: First day of the first period}
          - {in: query, name: to, schema: {type: string, format: date}, description: First day of the last period}
          - {in: query, name: account_id, schema: {type: string}}
          - {in: query, name: line, schema: {type: string}}
          - in: query
            name: state
            schema: {type: string}
            description: One state, or all; left out, those that somebody has to answer for
          - {in: query, name: standing, schema: {type: string, enum: [open, lapsed, explained, signed]}}
          - {in: query, name: page, schema: {type: integer}}
          - {in: query, name: page_size, schema: {type: integer}}
          responses:
            200:
              description: A page of differences (the latest periods first), sums by line, the reasons to choose from
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: array, items: {type: object}}
                      count: {type: integer}
                      lines: {type: array, items: {type: object}}
                      reasons: {type: array, items: {type: string}}
            304: {description: Unchanged since the ETag that was sent}
        """
        number, size = self.page()
        rows = listing.differences(DifferenceFilters.from_arguments(request.args), current_reach(), Warehouse())
        payload = {
            "result": rows[number * size : (number + 1) * size],
            "count": len(rows),
            "lines": listing.by_line(rows),
            "reasons": REASONS,
        }
        return self.json_response(payload, with_etag=True)

    @kpi_route("/difference", permission="read")
    def get_difference(self) -> Response:
        """One difference.
        ---
        get:
          summary: A difference with its items, what it was before, and all that was said of it
          parameters:
          - {in: query, name: id, required: true, schema: {type: string}}
          - {in: query, name: page, schema: {type: integer}}
          - {in: query, name: page_size, schema: {type: integer}}
          responses:
            200:
              description: The difference; items by amount, records the newest first
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      difference: {type: object}
                      items: {type: array, items: {type: object}}
                      items_count: {type: integer}
                      history: {type: array, items: {type: object}}
                      records: {type: array, items: {type: object}}
        """
        return self.json_response(listing.detail(request.args.get("id", ""), self.page(), current_reach(), Warehouse()))

    @kpi_route("/export", permission="read")
    def export(self) -> Response:
        """Differences as a file.
        ---
        get:
          summary: The differences that the list's parameters name, as Excel or CSV
          parameters:
          - {in: query, name: format, schema: {type: string, enum: [xlsx, csv]}}
          responses:
            200:
              description: The file; no text in it can become a formula
              content:
                text/csv: {schema: {type: string, format: binary}}
        """
        filters = DifferenceFilters.from_arguments(request.args)
        rows = listing.file_rows(listing.differences(filters, current_reach(), Warehouse()))
        return file_response(request.args.get("format") or "xlsx", "reconciliation", rows, listing.COLUMNS)

    @kpi_route("/explanations", permission="write", methods=("POST",))
    @idempotent
    def explain(self) -> Response:
        """Explain a difference.
        ---
        post:
          summary: Say why there is a difference; it stays to be signed
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: '#/components/schemas/ExplainDifferenceSchema'}
          responses:
            201:
              description: The explanation
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        body = self._loaded(ExplainDifferenceSchema())
        shown = commands.explain(body, self.username(), current_reach(), Warehouse())
        return self.json_response({"result": shown}, status=201)

    @kpi_route("/signoffs", permission="sign", methods=("POST",))
    @idempotent
    def sign(self) -> Response:
        """Sign a difference off.
        ---
        post:
          summary: Accept a difference with the amounts that were seen, until a day; it stays visible
          description: >-
            412 where the amounts are others by now. A sign-off lapses when its last day has passed or when a build
            finds other amounts.
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: '#/components/schemas/SignDifferenceSchema'}
          responses:
            201:
              description: The sign-off
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        body = self._loaded(SignDifferenceSchema())
        shown = commands.sign(body, self.username(), current_reach(), Warehouse())
        return self.json_response({"result": shown}, status=201)

    @kpi_route("/signoffs/<int:record_id>", permission="sign", methods=("DELETE",))
    def withdraw(self, record_id: int) -> Response:
        """Take a sign-off back.
        ---
        delete:
          summary: Take a sign-off or an explanation back; it stays in the difference's records
          parameters:
          - {in: path, name: record_id, required: true, schema: {type: integer}}
          responses:
            200:
              description: The record as it is now
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        return self.json_response({"result": commands.withdraw(record_id, self.username(), current_reach())})

    def _loaded(self, schema: Schema) -> dict[str, Any]:
        try:
            loaded: dict[str, Any] = schema.load(self.json_body())
        except ValidationError as error:
            raise refused(error) from None
        return {**loaded, "note": loaded["note"].strip()}
