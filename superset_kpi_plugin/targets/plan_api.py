"""/api/v1/kpi/targets/: the tree, what a number is made of, feasibility, and splits."""

from __future__ import annotations

from datetime import datetime, timezone

from flask import Response, request
from marshmallow import ValidationError
from superset.extensions import db

from superset_kpi_plugin.access.scopes import current_reach
from superset_kpi_plugin.access.table import TARGETS
from superset_kpi_plugin.api import KpiRestApi, int_argument, kpi_route
from superset_kpi_plugin.idempotency import idempotent
from superset_kpi_plugin.targets.agreement_api import refused
from superset_kpi_plugin.targets.commands.comment import target_or_404
from superset_kpi_plugin.targets.commands.split import SplitTarget
from superset_kpi_plugin.targets.explaining import CellKey, explain, feasibility
from superset_kpi_plugin.targets.listing import Rights
from superset_kpi_plugin.targets.periods import open_year
from superset_kpi_plugin.targets.planning import TreeFilters, open_tree
from superset_kpi_plugin.targets.schemas import SplitSchema
from superset_kpi_plugin.warehouse import Warehouse


class KpiPlanApi(KpiRestApi):
    """Planning with targets."""

    resource_name = "kpi/targets"
    class_permission_name = TARGETS
    openapi_spec_component_schemas = (SplitSchema,)

    @kpi_route("/tree", permission="read")
    def get_tree(self) -> Response:
        """Targets of a KPI over a tree and periods.
        ---
        get:
          summary: A KPI's targets over a tree of entities and some periods, beside last year, forecast and probability
          description: >-
            Nodes come depth first; cells only where something is known. `children_sum` and `residual` (additive KPIs:
            target = children_sum + residual) and `implied` (ratios: what the children's targets imply, weighted by
            their denominators) stand where a child has a target. At most 10,000 nodes times periods.
          parameters:
          - {in: query, name: kpi_id, required: true, schema: {type: string}}
          - {in: query, name: tree, schema: {type: string, enum: [business, people]}}
          - {in: query, name: grain, required: true, schema: {type: string, enum: [day, week, month, quarter, year]}}
          - {in: query, name: from, required: true, schema: {type: string, format: date}}
          - {in: query, name: to, required: true, schema: {type: string, format: date}}
          - {in: query, name: entity_id, schema: {type: string}, description: Only this entity and what is below it}
          - {in: query, name: depth, schema: {type: integer}, description: How many levels below the roots}
          - {in: query, name: page, schema: {type: integer}}
          - {in: query, name: page_size, schema: {type: integer}, description: Nodes}
          responses:
            200:
              description: A page of nodes with their cells; numbers are strings
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      kpi: {type: object}
                      periods: {type: array, items: {type: string, format: date}}
                      nodes: {type: array, items: {type: object}}
                      count: {type: integer}
                      cells: {type: array, items: {type: object}}
                      series: {type: object}
                      freshness: {type: object}
                      warnings: {type: array, items: {type: object}}
            304: {description: Unchanged since the ETag that was sent}
        """
        rights = Rights(current_reach(), self.has("can_write", TARGETS), self.has("can_approve", TARGETS))
        found = open_tree(TreeFilters.from_arguments(request.args), self.page(), rights, Warehouse())
        return self.json_response(found, with_etag=True)

    @kpi_route("/periods", permission="read")
    def get_periods(self) -> Response:
        """A year's targets of one entity, by quarter and month.
        ---
        get:
          summary: A KPI's targets of one entity over a year, its quarters and months, with what each level leaves over
          description: >-
            Rows come as the year is read: the year, then each quarter before its months. `children_sum` and `residual`
            (KPIs that add up: target = children_sum + residual) and `implied` (ratios) stand where a smaller period has
            a target.
          parameters:
          - {in: query, name: kpi_id, required: true, schema: {type: string}}
          - {in: query, name: entity_id, required: true, schema: {type: string}}
          - {in: query, name: year, required: true, schema: {type: integer}}
          responses:
            200:
              description: 17 rows; numbers are strings
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      kpi: {type: object}
                      entity: {type: object}
                      rows: {type: array, items: {type: object}}
                      can_edit: {type: boolean}
                      can_approve: {type: boolean}
                      warnings: {type: array, items: {type: object}}
        """
        rights = Rights(current_reach(), self.has("can_write", TARGETS), self.has("can_approve", TARGETS))
        year = int_argument("year", datetime.now(timezone.utc).year, 2000, 2199)
        kpi_id, entity_id = request.args.get("kpi_id", ""), request.args.get("entity_id", "")
        return self.json_response(open_year(kpi_id, entity_id, year, rights, Warehouse()))

    @kpi_route("/explain", permission="read")
    def get_explanation(self) -> Response:
        """What a number is made of.
        ---
        get:
          summary: A value with its drivers, parts, sources and their freshness
          parameters:
          - {in: query, name: kpi_id, required: true, schema: {type: string}}
          - {in: query, name: entity_id, required: true, schema: {type: string}}
          - {in: query, name: grain, required: true, schema: {type: string}}
          - {in: query, name: period_start, required: true, schema: {type: string, format: date}}
          responses:
            200:
              description: Value, drivers, parts and sources
              content:
                application/json:
                  schema: {type: object}
        """
        return self.json_response(explain(CellKey.from_arguments(request.args), current_reach(), Warehouse()))

    @kpi_route("/feasibility", permission="read")
    def get_feasibility(self) -> Response:
        """How likely targets are.
        ---
        get:
          summary: Floor, target and stretch that the forecast attains with 80, 50 and 20 %, and how likely others are
          parameters:
          - {in: query, name: kpi_id, required: true, schema: {type: string}}
          - {in: query, name: entity_id, required: true, schema: {type: string}}
          - {in: query, name: grain, required: true, schema: {type: string}}
          - {in: query, name: period_start, required: true, schema: {type: string, format: date}}
          - {in: query, name: value, schema: {type: string}, description: How likely this value is}
          responses:
            200:
              description: Proposals and probabilities; without a forecast has_forecast is false and message says why
              content:
                application/json:
                  schema: {type: object}
        """
        key = CellKey.from_arguments(request.args)
        return self.json_response(feasibility(key, request.args.get("value"), current_reach(), Warehouse()))

    @kpi_route("/<int:target_id>/feasibility", permission="read")
    def get_feasibility_of_target(self, target_id: int) -> Response:
        """How likely a target is.
        ---
        get:
          summary: The same for a target by its id
          parameters:
          - {in: path, name: target_id, required: true, schema: {type: integer}}
          - {in: query, name: value, schema: {type: string}}
          responses:
            200:
              description: Proposals and probabilities
              content:
                application/json:
                  schema: {type: object}
        """
        target = target_or_404(target_id, current_reach())
        key = CellKey(target.kpi_id, target.entity_id, target.grain, target.period_start)
        db.session.rollback()
        return self.json_response(feasibility(key, request.args.get("value"), current_reach(), Warehouse()))

    @kpi_route("/split", permission="write", methods=("POST",))
    @idempotent
    def split(self) -> Response:
        """Split a target over its children.
        ---
        post:
          summary: Split a target over its children or over smaller periods; a preview, or drafts with apply
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: '#/components/schemas/SplitSchema'}
          responses:
            200:
              description: The parts; amount = parts + residual
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      rows: {type: array, items: {type: object}}
                      amount: {type: string}
                      residual: {type: string}
                      warnings: {type: array, items: {type: object}}
                      saved: {type: integer}
        """
        try:
            body = SplitSchema().load(self.json_body())
        except ValidationError as error:
            raise refused(error) from None
        command = SplitTarget(body, self.username(), Warehouse(), current_reach())
        return self.json_response(command.apply() if body["apply"] else command.run())
