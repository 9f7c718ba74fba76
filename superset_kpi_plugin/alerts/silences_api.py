"""/api/v1/kpi/silences/: which alerts nobody is told of for a while."""

from __future__ import annotations

from flask import Response, request
from sqlalchemy import select

from superset_kpi_plugin.access.scopes import current_reach
from superset_kpi_plugin.access.table import ALERTS
from superset_kpi_plugin.alerts import presentation, silences, storage
from superset_kpi_plugin.alerts.commands.silence import covers, create_silence, end_silence
from superset_kpi_plugin.alerts.models import AlertRule, AlertSilence
from superset_kpi_plugin.api import KpiRestApi, kpi_route
from superset_kpi_plugin.catalogue.queries import entities_by_id
from superset_kpi_plugin.errors import BadRequest, WarehouseUnavailable
from superset_kpi_plugin.warehouse import Warehouse

MOST = 1000


class KpiSilencesApi(KpiRestApi):
    """Silences by KPI, entity, rule and severity."""

    resource_name = "kpi/silences"
    class_permission_name = ALERTS

    @kpi_route("/", permission="read")
    def get_list(self) -> Response:
        """The silences.
        ---
        get:
          summary: Silences of what the user may see, the newest first
          parameters:
          - {in: query, name: state, schema: {type: string, enum: [active, pending, expired]}}
          responses:
            200:
              description: The silences; entity_name is null where the warehouse doesn't know it, or is away
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: array, items: {type: object}}
                      count: {type: integer}
        """
        state = request.args.get("state")
        if state and state not in silences.STATES:
            raise BadRequest("The parameter state must be one of: {allowed}.", allowed=", ".join(silences.STATES))
        reach = current_reach()
        wanted = (
            select(AlertSilence, AlertRule.name)
            .outerjoin(AlertRule, AlertRule.id == AlertSilence.rule_id)
            .order_by(AlertSilence.id.desc())
            .limit(MOST)
        )
        now = storage.utc_now()
        with storage.transaction() as session:
            found = [
                presentation.silence_json(silence, name, now)
                for silence, name in session.execute(wanted)
                if silence.entity_id is None or covers(reach, silence.entity_id)
            ]
        listed = [one for one in found if not state or one["state"] == state]
        names = _entity_names({one["entity_id"] for one in listed if one["entity_id"]})
        listed = [{**one, "entity_name": names.get(one["entity_id"])} for one in listed]
        return self.json_response({"result": listed, "count": len(listed)}, with_etag=True)

    @kpi_route("/", permission="acknowledge", methods=("POST",))
    def post(self) -> Response:
        """Be silent.
        ---
        post:
          summary: Tell nobody of the alerts that match, for a while
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [ends_at, reason]
                  properties:
                    kpi_id: {type: string, nullable: true}
                    entity_id: {type: string, nullable: true, description: The entity and all below it}
                    rule_id: {type: integer, nullable: true}
                    severity: {type: string, nullable: true, enum: [info, warning, critical]}
                    starts_at: {type: string, format: date-time, nullable: true, description: Now without it}
                    ends_at: {type: string, format: date-time}
                    reason: {type: string, maxLength: 500}
          responses:
            201:
              description: The silence
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        return self._answer(create_silence(self.json_body(), self.username(), current_reach()), 201)

    @kpi_route("/<int:silence_id>", permission="acknowledge", methods=("DELETE",))
    def delete(self, silence_id: int) -> Response:
        """Speak again.
        ---
        delete:
          summary: End a silence now
          parameters:
          - {in: path, name: silence_id, required: true, schema: {type: integer}}
          responses:
            200:
              description: The silence
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        return self._answer(end_silence(silence_id, self.username(), current_reach()), 200)

    def _answer(self, silence: AlertSilence, status: int) -> Response:
        with storage.transaction() as session:
            rule = session.get(AlertRule, silence.rule_id) if silence.rule_id else None
        now = storage.utc_now()
        return self.json_response({"result": presentation.silence_json(silence, rule and rule.name, now)}, status)


def _entity_names(ids: set[str]) -> dict[str | None, str]:
    try:
        return {name: row["entity_name"] for name, row in entities_by_id(Warehouse(), ids).items()}
    except WarehouseUnavailable:
        return {}  # what is silent is read all the same
