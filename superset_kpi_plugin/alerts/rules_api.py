"""/api/v1/kpi/alert_rules/: what is watched, and whom to tell."""

from __future__ import annotations

from flask import Response, request
from sqlalchemy import select

from superset_kpi_plugin.access.scopes import current_reach
from superset_kpi_plugin.access.table import ALERT_RULES
from superset_kpi_plugin.alerts import presentation, storage, votes
from superset_kpi_plugin.alerts.choices import choices
from superset_kpi_plugin.alerts.commands import packs
from superset_kpi_plugin.alerts.commands.backtest import backtest, span_of
from superset_kpi_plugin.alerts.commands.rules import create_rule, delete_rule, update_rule
from superset_kpi_plugin.alerts.models import AlertRule
from superset_kpi_plugin.alerts.rule_schema import RULE
from superset_kpi_plugin.api import KpiRestApi, kpi_route
from superset_kpi_plugin.errors import BadRequest, NotFound
from superset_kpi_plugin.etags import if_match
from superset_kpi_plugin.warehouse import Warehouse

ORDERS = ("name", "noise")


class KpiAlertRulesApi(KpiRestApi):
    """Alert rules on the limits of KPI targets."""

    resource_name = "kpi/alert_rules"
    class_permission_name = ALERT_RULES
    apispec_parameter_schemas = {**KpiRestApi.apispec_parameter_schemas, "KpiAlertRule": RULE}

    @kpi_route("/", permission="read")
    def get_list(self) -> Response:
        """The rules.
        ---
        get:
          summary: Alert rules by name, or the noisiest first
          parameters:
          - {in: query, name: order, schema: {type: string, enum: [name, noise], default: name}}
          responses:
            200:
              description: Every rule that was not deleted, each with its votes and the precision that they measure
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: array, items: {type: object}}
                      count: {type: integer}
        """
        wanted = select(AlertRule).where(AlertRule.deleted_at.is_(None)).order_by(AlertRule.name, AlertRule.id)
        order = request.args.get("order") or "name"
        if order not in ORDERS:
            raise BadRequest("The parameter order must be one of: {allowed}.", allowed=", ".join(ORDERS))
        with storage.transaction() as session:
            voted = votes.of_rules(session)
            rules = [
                {**presentation.rule_json(rule), "votes": voted.get(rule.id) or votes.measured()}
                for rule in session.execute(wanted).scalars()
            ]
        if order == "noise":
            rules.sort(key=votes.noisiest_first)
        return self.json_response({"result": rules, "count": len(rules)}, with_etag=True)

    @kpi_route("/<int:rule_id>", permission="read")
    def get(self, rule_id: int) -> Response:
        """One rule.
        ---
        get:
          summary: An alert rule
          parameters:
          - {in: path, name: rule_id, required: true, schema: {type: integer}}
          responses:
            200:
              description: The rule
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        with storage.transaction() as session:
            rule = session.get(AlertRule, rule_id)
        if rule is None or rule.deleted_at is not None:
            raise NotFound("There is no alert rule {id}.", id=rule_id)
        return self.json_response({"result": presentation.rule_json(rule)})

    @kpi_route("/", permission="write", methods=("POST",))
    def post(self) -> Response:
        """Create a rule.
        ---
        post:
          summary: Create an alert rule
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  allOf:
                  - {$ref: '#/components/schemas/KpiAlertRule'}
                  - {required: [name, kpi_id, entity_kind, grain]}
          responses:
            201:
              description: The new rule
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        rule = create_rule(self.json_body(), self.username())
        return self.json_response({"result": presentation.rule_json(rule)}, status=201)

    @kpi_route("/backtest", permission="write", methods=("POST",))
    def backtest(self) -> Response:
        """Try a rule on the past.
        ---
        post:
          summary: What a rule, stored or not, would have done over a span of days
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    rule_id: {type: integer, description: A stored rule}
                    rule: {$ref: '#/components/schemas/KpiAlertRule'}
                    from: {type: string, format: date}
                    to: {type: string, format: date}
          responses:
            200:
              description: Firings by day, entity and owner, days open, noise, votes, lead time and hints
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        body = self.json_body()
        rule = {"id": body["rule_id"]} if body.get("rule_id") is not None else body.get("rule")
        if not isinstance(rule, dict):
            raise BadRequest("A backtest needs a rule or a rule_id.")
        since, until = span_of(body.get("from"), body.get("to"))
        return self.json_response({"result": backtest(rule, since, until, current_reach())})

    @kpi_route("/choices", permission="write")
    def get_choices(self) -> Response:
        """What the form offers.
        ---
        get:
          summary: Seasons, channels and the site's routes, for who makes rules
          responses:
            200:
              description: Events of kpi_calendar, names of channels, and KPI_ROUTES
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      seasons: {type: array, items: {type: object}}
                      channels: {type: array, items: {type: string}}
                      routes: {type: array, items: {type: object}}
        """
        return self.json_response(choices(Warehouse(), storage.utc_now().date()))

    @kpi_route("/packs", permission="read")
    def get_packs(self) -> Response:
        """The packs.
        ---
        get:
          summary: The rule packs, each rule beside the stored one of its name
          responses:
            200:
              description: Packs with their rules; state is new, same or differs, with the differences, and with the
                problems of those that can't be made here
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: array, items: {type: object}}
                      count: {type: integer}
        """
        found = packs.packs()
        return self.json_response({"result": found, "count": len(found)})

    @kpi_route("/packs/<name>", permission="write", methods=("POST",))
    def switch_on(self, name: str) -> Response:
        """Switch a pack on.
        ---
        post:
          summary: Make rules of a pack, or make them again as the pack has them, switched on
          parameters:
          - {in: path, name: name, required: true, schema: {type: string}}
          requestBody:
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    rules: {type: array, items: {type: string}, description: Their names; without it the missing ones}
                    channels: {type: array, items: {type: string}, description: Whom the new ones tell}
          responses:
            200:
              description: The names of the rules that were created, changed and left as they are
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      created: {type: array, items: {type: string}}
                      changed: {type: array, items: {type: string}}
                      unchanged: {type: array, items: {type: string}}
        """
        body = self.json_body()
        return self.json_response(packs.switch_on(name, body.get("rules"), body.get("channels"), self.username()))

    @kpi_route("/<int:rule_id>", permission="write", methods=("PUT",))
    def put(self, rule_id: int) -> Response:
        """Change a rule.
        ---
        put:
          summary: Change the named fields of an alert rule
          description: With a stale etag in the header If-Match nothing is changed; `details.conflicts` has both values.
          parameters:
          - {in: header, name: If-Match, schema: {type: string}, description: The rule's etag as it was read}
          - {in: path, name: rule_id, required: true, schema: {type: integer}}
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: '#/components/schemas/KpiAlertRule'}
          responses:
            200:
              description: The rule as it is now
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        rule = update_rule(rule_id, self.json_body(), self.username(), etag=if_match())
        return self.json_response({"result": presentation.rule_json(rule)})

    @kpi_route("/<int:rule_id>", permission="write", methods=("DELETE",))
    def delete(self, rule_id: int) -> Response:
        """Delete a rule.
        ---
        delete:
          summary: Delete an alert rule; its alerts end, their history stays
          parameters:
          - {in: path, name: rule_id, required: true, schema: {type: integer}}
          responses:
            200:
              description: The rule is gone
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      deleted: {type: integer}
        """
        delete_rule(rule_id, self.username())
        return self.json_response({"deleted": rule_id})
