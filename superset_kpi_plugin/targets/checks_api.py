"""/api/v1/kpi/targets/: what is doubtful about the targets of a period, and waivers of it."""

from __future__ import annotations

from datetime import datetime, timezone

from flask import Response, request
from marshmallow import ValidationError
from sqlalchemy.exc import IntegrityError
from superset.extensions import db, security_manager

from superset_kpi_plugin.access.reach import Power
from superset_kpi_plugin.access.scopes import current_reach
from superset_kpi_plugin.access.table import SCOPES, TARGETS
from superset_kpi_plugin.api import KpiRestApi, kpi_route
from superset_kpi_plugin.audit import trail
from superset_kpi_plugin.errors import Conflict, Forbidden, NotFound
from superset_kpi_plugin.idempotency import idempotent
from superset_kpi_plugin.targets import checking
from superset_kpi_plugin.targets.agreement_api import refused
from superset_kpi_plugin.targets.checks_rules import entity_of_key
from superset_kpi_plugin.targets.filters import TargetFilters
from superset_kpi_plugin.targets.models import Waiver
from superset_kpi_plugin.targets.schemas import WaiverSchema
from superset_kpi_plugin.warehouse import Warehouse


class KpiChecksApi(KpiRestApi):
    """Checks of targets."""

    resource_name = "kpi/targets"
    class_permission_name = TARGETS
    openapi_spec_component_schemas = (WaiverSchema,)

    @kpi_route("/lint", permission="read")
    def get_findings(self) -> Response:
        """What is doubtful.
        ---
        get:
          summary: What is doubtful about the targets of a period, with rows that mend it and waivers
          parameters:
          - {in: query, name: grain, required: true, schema: {type: string}}
          - {in: query, name: period_start, required: true, schema: {type: string, format: date}}
          - {in: query, name: kpi_id, schema: {type: string}}
          - {in: query, name: entity_kind, schema: {type: string}}
          - {in: query, name: entity_id, schema: {type: string}}
          responses:
            200:
              description: >-
                Findings; `mend.rows` is what PUT targets/ takes, `ask.row` what it takes once one of `ask.fields` is
                filled in, and `grant` what POST scopes/ takes, for those who may give scopes
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: array, items: {type: object}}
        """
        filters = TargetFilters.from_arguments(request.args)
        may_grant = security_manager.has_access("can_manage", SCOPES)
        found = checking.find(filters, current_reach(), Warehouse(), may_grant=may_grant)
        return self.json_response({"result": found})

    @kpi_route("/waivers", permission="approve")
    def get_waivers(self) -> Response:
        """The waivers.
        ---
        get:
          summary: The waivers that hold today
          responses:
            200:
              description: Waivers in the order in which they were given
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: array, items: {type: object}}
        """
        shown = [checking.present_waiver(waiver) for waiver in checking.waivers() if _covers("see", waiver.key)]
        return self.json_response({"result": shown})

    @kpi_route("/waivers", permission="approve", methods=("POST",))
    @idempotent
    def waive(self) -> Response:
        """Waive a finding.
        ---
        post:
          summary: Waive a finding until a day, with a reason
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: '#/components/schemas/WaiverSchema'}
          responses:
            201:
              description: The waiver
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        try:
            body = WaiverSchema().load(self.json_body())
            if body["ends_on"] < datetime.now(timezone.utc).date():
                raise ValidationError("Must not lie in the past.", "ends_on")
        except ValidationError as error:
            raise refused(error) from None
        if not _covers("approve", body["key"]):
            raise Forbidden()
        now = datetime.now(timezone.utc)
        expired = db.session.query(Waiver).filter(Waiver.key == body["key"], Waiver.ends_on < now.date())
        expired.delete(synchronize_session=False)
        waiver = Waiver(**body, created_by=self.username(), created_at=now.replace(tzinfo=None))
        try:
            db.session.add(waiver)
            db.session.flush()
        except IntegrityError:
            db.session.rollback()
            raise Conflict("This is waived already.") from None
        shown = checking.present_waiver(waiver)
        trail.record(self.username(), "waive", [shown])
        db.session.commit()
        return self.json_response({"result": shown}, status=201)

    @kpi_route("/waivers/<int:waiver_id>", permission="approve", methods=("DELETE",))
    def unwaive(self, waiver_id: int) -> Response:
        """Take a waiver back.
        ---
        delete:
          summary: Take a waiver back
          parameters:
          - {in: path, name: waiver_id, required: true, schema: {type: integer}}
          responses:
            200:
              description: Taken back
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      deleted: {type: integer}
        """
        waiver = db.session.get(Waiver, waiver_id)
        if waiver is None or not _covers("approve", waiver.key):
            raise NotFound("There is no waiver {id}.", id=waiver_id)
        trail_entry = checking.present_waiver(waiver)
        db.session.delete(waiver)
        trail.record(self.username(), "take waiver back", [trail_entry])
        db.session.commit()
        return self.json_response({"deleted": 1})


def _covers(power: Power, key: str) -> bool:
    """Whether the user's reach covers what a finding is about; one about an owner is everybody's."""
    entity_id = entity_of_key(key)
    return entity_id is None or current_reach().covers(power, entity_id)
