"""/api/v1/kpi/alerts/: the inbox, acknowledging, evaluating and delivering."""

from __future__ import annotations

from flask import Response, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from superset_kpi_plugin.access.scopes import current_reach
from superset_kpi_plugin.access.table import ALERTS
from superset_kpi_plugin.alerts import commands, history, inbox, listing, presentation, storage, votes
from superset_kpi_plugin.alerts.commands.acknowledge import acknowledge, comment
from superset_kpi_plugin.alerts.commands.attend import assign, snooze
from superset_kpi_plugin.alerts.commands.vote import unvote, vote
from superset_kpi_plugin.alerts.models import AlertEvent, AlertInstance, AlertRule, OutboxMessage
from superset_kpi_plugin.api import KpiRestApi, current_person, int_argument, kpi_route
from superset_kpi_plugin.errors import NotFound
from superset_kpi_plugin.locale import current_locale
from superset_kpi_plugin.warehouse import Warehouse

MOST_EVENTS = 500
# A request delivers no longer than this; what is left waits for the next call.
DELIVERY_SECONDS = 45


class KpiAlertsApi(KpiRestApi):
    """The state of every rule on every entity it watches."""

    resource_name = "kpi/alerts"
    class_permission_name = ALERTS

    @kpi_route("/", permission="read")
    def get_list(self) -> Response:
        """The inbox.
        ---
        get:
          summary: Alert instances, what asks for attention first
          parameters:
          - {in: query, name: state, schema: {type: string},
             description: "One or several with commas; acknowledged, snoozed and silenced are of the open ones"}
          - {in: query, name: severity, schema: {type: string}, description: One severity or several with commas}
          - {in: query, name: kpi_id, schema: {type: string}}
          - {in: query, name: rule_id, schema: {type: integer}}
          - {in: query, name: within, schema: {type: string}, description: An entity; it and all below it}
          - {in: query, name: owner, schema: {type: string},
             description: Whose to deal with (an id, a name or a user); me is whoever asks}
          - {in: query, name: q, schema: {type: string}, description: "Part of an entity, account, KPI, rule or owner"}
          - {in: query, name: page, schema: {type: integer}}
          - {in: query, name: page_size, schema: {type: integer}}
          responses:
            200:
              description: A page of instances, their number in all, how many are in each state, and how many of the
                open ones are acknowledged, snoozed and silenced
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: array, items: {type: object}}
                      count: {type: integer}
                      states: {type: object}
                      handled: {type: object}
        """
        page, page_size = self.page()
        now = storage.utc_now()
        conditions = inbox.conditions(request.args, current_reach(), current_person(), now)
        wanted = listing.instances(conditions).offset(page * page_size).limit(page_size)
        locale = current_locale()
        with storage.transaction() as session:
            found = session.execute(wanted).all()
            voted = votes.of_instances(session, [row for row, _ in found], _voter())
            rows = [{**presentation.instance_json(row, rule, locale), "votes": voted[row.id]} for row, rule in found]
            states, handled = inbox.count(session, conditions, now)
        payload = {"result": rows, "count": sum(states.values()), "states": states, "handled": handled}
        return self.json_response(payload, with_etag=True)

    @kpi_route("/<int:alert_id>", permission="read")
    def get(self, alert_id: int) -> Response:
        """One alert.
        ---
        get:
          summary: An alert instance with its events and how its messages fare
          parameters:
          - {in: path, name: alert_id, required: true, schema: {type: integer}}
          responses:
            200:
              description: The instance, its events (newest first) and its deliveries by channel
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        with storage.transaction() as session:
            row = _seen(session, alert_id)
            rule = session.get(AlertRule, row.rule_id)
            shown = presentation.detail_json(row, rule, current_locale())
            shown["votes"] = votes.of_instances(session, [row], _voter())[row.id]
            events = select(AlertEvent).where(AlertEvent.instance_id == alert_id)
            newest = events.order_by(AlertEvent.id.desc()).limit(MOST_EVENTS)
            shown["events"] = [presentation.event_json(event) for event in session.execute(newest).scalars()]
            sent = select(OutboxMessage).where(OutboxMessage.instance_id == alert_id)
            latest = sent.order_by(OutboxMessage.id.desc()).limit(MOST_EVENTS)
            shown["deliveries"] = presentation.delivery_json(session.execute(latest).scalars())
        return self.json_response({"result": shown})

    @kpi_route("/<int:alert_id>/history", permission="read")
    def get_history(self, alert_id: int) -> Response:
        """The chart.
        ---
        get:
          summary: The KPI's latest periods against the alert's limits, and when the alert fired and ended
          parameters:
          - {in: path, name: alert_id, required: true, schema: {type: integer}}
          - {in: query, name: periods, schema: {type: integer, default: 60, minimum: 1, maximum: 400}}
          responses:
            200:
              description: Points and marks, oldest first; no points where the rule looks at no series
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        periods = int_argument("periods", 60, 1, 400)
        with storage.transaction() as session:
            row = _seen(session, alert_id)
            rule = session.get(AlertRule, row.rule_id)
            marked = history.marks(session, row)
        points = history.points(row, rule, periods, storage.utc_now().date(), Warehouse())
        last = points[-1] if points else {"warn": None, "breach": row.limit_value}
        about = {name: getattr(row, name) for name in ("unit", "currency", "direction", "number_format")}
        limit = {name: last[name] for name in ("warn", "breach")}
        return self.json_response({"result": {"points": points, "marks": marked, "limit": limit, **about}})

    @kpi_route("/<int:alert_id>/acknowledge", permission="acknowledge", methods=("POST",))
    def acknowledge(self, alert_id: int) -> Response:
        """I have seen it.
        ---
        post:
          summary: Acknowledge a pending or firing alert
          parameters:
          - {in: path, name: alert_id, required: true, schema: {type: integer}}
          requestBody:
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    comment: {type: string, maxLength: 2000}
          responses:
            200:
              description: The instance
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        row, rule = acknowledge(alert_id, self.username(), self.json_body().get("comment"))
        return self._answer(row, rule)

    @kpi_route("/<int:alert_id>/snooze", permission="acknowledge", methods=("POST",))
    def snooze(self, alert_id: int) -> Response:
        """Not now.
        ---
        post:
          summary: Tell nobody of a pending or firing alert for a while
          parameters:
          - {in: path, name: alert_id, required: true, schema: {type: integer}}
          requestBody:
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    minutes: {type: integer, description: 0 ends the snooze}
          responses:
            200:
              description: The instance
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        row, rule = snooze(alert_id, self.username(), self.json_body().get("minutes"))
        return self._answer(row, rule)

    @kpi_route("/<int:alert_id>/assign", permission="acknowledge", methods=("POST",))
    def assign(self, alert_id: int) -> Response:
        """This one is yours.
        ---
        post:
          summary: Give a pending or firing alert to a user
          parameters:
          - {in: path, name: alert_id, required: true, schema: {type: integer}}
          requestBody:
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    assignee: {type: string, nullable: true, description: A Superset user}
          responses:
            200:
              description: The instance
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        row, rule = assign(alert_id, self.username(), self.json_body().get("assignee"))
        return self._answer(row, rule)

    @kpi_route("/<int:alert_id>/vote", permission="acknowledge", methods=("POST",))
    def vote(self, alert_id: int) -> Response:
        """Was it worth telling?
        ---
        post:
          summary: Say of an alert's latest incident that it was useful or noise; replaces what the user said before
          parameters:
          - {in: path, name: alert_id, required: true, schema: {type: integer}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [vote]
                  properties:
                    vote: {type: string, enum: [useful, noise]}
                    reason: {type: string, nullable: true, maxLength: 500}
          responses:
            200:
              description: The instance
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        body = self.json_body()
        return self._answer(*vote(alert_id, self.username(), body.get("vote"), body.get("reason")))

    @kpi_route("/<int:alert_id>/vote", permission="acknowledge", methods=("DELETE",))
    def unvote(self, alert_id: int) -> Response:
        """Take it back.
        ---
        delete:
          summary: Take back what the user said of an alert's latest incident
          parameters:
          - {in: path, name: alert_id, required: true, schema: {type: integer}}
          responses:
            200:
              description: The instance
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        return self._answer(*unvote(alert_id, self.username()))

    @kpi_route("/<int:alert_id>/comment", permission="acknowledge", methods=("POST",))
    def comment(self, alert_id: int) -> Response:
        """Say something about it.
        ---
        post:
          summary: Add a comment to an alert's thread
          parameters:
          - {in: path, name: alert_id, required: true, schema: {type: integer}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [comment]
                  properties:
                    comment: {type: string, maxLength: 2000}
          responses:
            200:
              description: The instance
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        return self._answer(*comment(alert_id, self.username(), self.json_body().get("comment")))

    @kpi_route("/evaluate", permission="evaluate", methods=("POST",))
    def evaluate(self) -> Response:
        """Evaluate the rules.
        ---
        post:
          summary: Evaluate every enabled rule once
          responses:
            200:
              description: How many rules and instances were evaluated and what became of them
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      rules: {type: integer}
                      evaluated: {type: integer}
                      firing: {type: integer}
                      pending: {type: integer}
                      resolved: {type: integer}
                      enqueued: {type: integer}
                      failed: {type: integer, description: Rules that could not be evaluated}
        """
        return self.json_response(commands.evaluate())

    @kpi_route("/deliver", permission="evaluate", methods=("POST",))
    def deliver(self) -> Response:
        """Deliver the messages.
        ---
        post:
          summary: Send the messages that are due
          responses:
            200:
              description: How many were sent and given up by this call, and how many still wait
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      sent: {type: integer}
                      failed: {type: integer}
                      pending: {type: integer}
        """
        return self.json_response(commands.deliver(seconds=DELIVERY_SECONDS))

    def _answer(self, row: AlertInstance, rule: AlertRule) -> Response:
        shown = presentation.instance_json(row, rule, current_locale())
        with storage.transaction() as session:
            shown["votes"] = votes.of_instances(session, [row], _voter())[row.id]
        return self.json_response({"result": shown})


def _voter() -> str:
    """The user's name; empty where a site lets nobody in particular read."""
    return str(getattr(current_person(), "username", "") or "")


def _seen(session: Session, alert_id: int) -> AlertInstance:
    """The instance, if its entity is one that the user may see; who may not is not told that there is one."""
    row = session.get(AlertInstance, alert_id)
    if row is None or not current_reach().covers("see", row.entity_id):
        raise NotFound("There is no alert {id}.", id=alert_id)
    return row
