"""/api/v1/kpi/targets/scorecards: weighted scores of a period, open or closed, and as a file."""

from __future__ import annotations

from flask import Response, request

from superset_kpi_plugin.access.scopes import current_reach
from superset_kpi_plugin.access.table import TARGETS
from superset_kpi_plugin.api import KpiRestApi, kpi_route
from superset_kpi_plugin.errors import BadRequest
from superset_kpi_plugin.idempotency import idempotent
from superset_kpi_plugin.targets.files_api import file_response
from superset_kpi_plugin.targets.filters import TargetFilters
from superset_kpi_plugin.targets.scorecards import COLUMNS, OWNER, close, file_rows, scorecards
from superset_kpi_plugin.warehouse import Warehouse


class KpiScorecardsApi(KpiRestApi):
    """Scorecards."""

    resource_name = "kpi/targets"
    class_permission_name = TARGETS

    @kpi_route("/scorecards", permission="read")
    def get_scorecards(self) -> Response:
        """The scorecards of a period.
        ---
        get:
          summary: Weighted scores of a period by owner or entity, with their parts and formula; JSON, Excel or CSV
          parameters:
          - {in: query, name: grain, required: true, schema: {type: string}}
          - {in: query, name: period_start, required: true, schema: {type: string, format: date}}
          - {in: query, name: by, schema: {type: string, enum: [owner, entity]}}
          - {in: query, name: entity_kind, schema: {type: string}}
          - {in: query, name: format, schema: {type: string, enum: [json, xlsx, csv]}}
          responses:
            200:
              description: Cards, the best first; `closed` tells since when they stand as they are
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: array, items: {type: object}}
                      formula: {type: string}
                      cap: {type: string}
                      closed: {type: object, nullable: true}
        """
        filters = TargetFilters.from_arguments(request.args)
        found = scorecards(filters, request.args.get("by") or OWNER, current_reach(), Warehouse())
        kind = request.args.get("format") or "json"
        if kind == "json":
            return self.json_response(found)
        name = f"scorecards_{filters.grain}_{filters.period_start.isoformat()}"
        return file_response(kind, name, file_rows(found["result"]), COLUMNS)

    @kpi_route("/scorecards/close", permission="close", methods=("POST",))
    @idempotent
    def close_period(self) -> Response:
        """Close a period.
        ---
        post:
          summary: Keep the scorecards of a period as they are now
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [grain, period_start]
                  properties:
                    grain: {type: string}
                    period_start: {type: string, format: date}
          responses:
            200:
              description: Of how many targets the cards are made
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      closed: {type: integer}
        """
        body = self.json_body()
        if not all(isinstance(body.get(name), str) for name in ("grain", "period_start")):
            raise BadRequest("The request must name grain and period_start.")
        filters = TargetFilters.from_arguments({name: body[name] for name in ("grain", "period_start")})
        return self.json_response({"closed": close(filters, self.username(), Warehouse())})
