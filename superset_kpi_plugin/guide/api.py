"""/api/v1/kpi/setup/: the set-up guide."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from superset_kpi_plugin.access.scopes import current_reach
from superset_kpi_plugin.access.table import TARGETS
from superset_kpi_plugin.api import KpiRestApi, kpi_route
from superset_kpi_plugin.guide import packs
from superset_kpi_plugin.guide.proposals import GRAIN, ProposeTargets
from superset_kpi_plugin.guide.survey import survey
from superset_kpi_plugin.idempotency import idempotent
from superset_kpi_plugin.inbound import FIRST_DAY, LAST_DAY, NO_SUCH_DAY
from superset_kpi_plugin.targets.agreement_api import refused
from superset_kpi_plugin.targets.rules import first_day
from superset_kpi_plugin.targets.schemas import NO_DATE, TEXT, UNKNOWN_FIELD, text_field
from superset_kpi_plugin.warehouse import Warehouse

MOST = 10_000


class ProposalSchema(Schema):
    """Which pack is proposed, for which entities and month."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": UNKNOWN_FIELD}

    pack = fields.String(
        required=True, validate=validate.OneOf(packs.SIZES, error="Must be basic or full."), error_messages=TEXT
    )
    variant = fields.String(allow_none=True, load_default=None)
    problems = fields.List(fields.String(), load_default=list)
    period_start = fields.Date(
        format="iso",
        allow_none=True,
        validate=validate.Range(FIRST_DAY, LAST_DAY, error=NO_SUCH_DAY),
        error_messages={"invalid": NO_DATE},
    )
    kinds = fields.List(fields.String(), allow_none=True, validate=validate.Length(max=20, error="Is too long."))
    entity_ids = fields.List(fields.String(), allow_none=True, validate=validate.Length(1, MOST, error="Is too long."))
    owner = text_field(255, allow_none=True)
    apply = fields.Boolean(load_default=False)

    @validates_schema
    def _names_are_known(self, data: dict[str, Any], **kwargs: Any) -> None:
        variants = {pack.pack_id for pack in packs.packs().values() if pack.size is None}
        if data.get("variant") is not None and data["variant"] not in variants:
            raise ValidationError("There is no such variant.", "variant")
        if set(data.get("problems") or ()) - set(packs.problems()):
            raise ValidationError("There is no such problem in the list.", "problems")
        start = data.get("period_start")
        if start is not None and first_day(GRAIN, start) != start:
            raise ValidationError("Must be the first day of a period.", "period_start")


class KpiSetupApi(KpiRestApi):
    """The set-up guide."""

    resource_name = "kpi/setup"
    class_permission_name = TARGETS
    openapi_spec_component_schemas = (ProposalSchema,)

    @kpi_route("/", permission="read")
    def get_survey(self) -> Response:
        """What is there, and what is missing.
        ---
        get:
          summary: Entities found, the last three whole months, what is missing, problems that show, and packs of KPIs
          responses:
            200:
              description: Within the reader's scope; `is_likely` of a problem is null where no data tells
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      months: {type: array, items: {type: string, format: date}}
                      found: {type: array, items: {type: object}}
                      accounts: {type: array, items: {type: object}}
                      missing: {type: array, items: {type: object}}
                      problems: {type: array, items: {type: object}}
                      packs: {type: array, items: {type: object}}
                      imports: {type: object}
                      warnings: {type: array, items: {type: object}}
        """
        return self.json_response(survey(current_reach(), Warehouse()))

    @kpi_route("/proposal", permission="write", methods=("POST",))
    @idempotent
    def propose(self) -> Response:
        """A first set of targets.
        ---
        post:
          summary: A pack's KPIs as targets of a month, from forecast or history; a preview, or drafts with apply
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: '#/components/schemas/ProposalSchema'}
          responses:
            200:
              description: >-
                A row per KPI and entity; what has a target already is left alone. Saved by PUT targets/ with its
                `etag`, a row of a preview is refused with 412 where a target came in between
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      grain: {type: string}
                      period_start: {type: string, format: date}
                      rows: {type: array, items: {type: object}}
                      counts: {type: object}
                      unknown_kpis: {type: array, items: {type: string}}
                      warnings: {type: array, items: {type: object}}
                      saved: {type: integer}
        """
        try:
            body = ProposalSchema().load(self.json_body())
        except ValidationError as error:
            raise refused(error) from None
        command = ProposeTargets(body, self.username(), Warehouse(), current_reach())
        return self.json_response(command.apply() if body["apply"] else command.run())
