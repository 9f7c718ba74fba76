"""GET /api/v1/kpi/home/: the home page in one answer."""

from __future__ import annotations

from flask import Response, request

from superset_kpi_plugin.access.reach import EVERYTHING
from superset_kpi_plugin.access.scopes import current_reach
from superset_kpi_plugin.access.table import HOME, RECONCILIATION, TARGETS
from superset_kpi_plugin.api import KpiRestApi, current_person, date_argument, kpi_route
from superset_kpi_plugin.errors import BadRequest
from superset_kpi_plugin.home.page import BOSS, EDITIONS, OWN, OWNER, Home
from superset_kpi_plugin.home.people import person_of
from superset_kpi_plugin.locale import current_locale
from superset_kpi_plugin.targets.listing import Rights
from superset_kpi_plugin.warehouse import Warehouse


class KpiHomeApi(KpiRestApi):
    """What a person should see first."""

    resource_name = "kpi/home"
    class_permission_name = HOME

    @kpi_route("/", permission="read")
    def get_home(self) -> Response:
        """The home page.
        ---
        get:
          summary: The user's own KPIs with drivers, open alerts, tasks and freshness; or the boss's, or an owner's
          parameters:
          - in: query
            name: edition
            schema: {type: string, enum: [own, boss, owner]}
            description: Left out, the first of the user's editions that has something to show
          - in: query
            name: day
            schema: {type: string, format: date}
            description: The periods that hold this day; left out, the day that half of the streams have reached
          responses:
            200:
              description: Three to five KPIs, groups of targets, alerts and tasks, all within the user's scope
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      edition: {type: string}
                      editions: {type: array, items: {type: string}}
                      kpis: {type: array, items: {type: object}}
                      groups: {type: array, items: {type: object}}
                      groups_count: {type: integer}
                      alerts: {type: object}
                      tasks: {type: array, items: {type: object}}
                      freshness: {type: object, nullable: true}
                      warnings: {type: array, items: {type: object}}
            304: {description: Unchanged since the ETag that was sent}
        """
        rights = Rights(current_reach(), self.has("can_write", TARGETS), self.has("can_approve", TARGETS))
        home = Home(
            person=person_of(current_person()),
            rights=rights,
            editions=editions_of(rights),
            locale=current_locale(),
            edition=_edition(),
            day=date_argument("day"),
            may_sign=self.has("can_sign", RECONCILIATION),
        )
        if home.edition is not None and home.edition not in home.editions:
            raise BadRequest("This edition of the home page is not for you.")
        return self.json_response(home.answer(Warehouse()), with_etag=True)


def editions_of(rights: Rights) -> tuple[str, ...]:
    """The boss's edition is for who approves or sees everything, the owner's for who writes targets or is bounded to
    some of the accounts."""
    boss = (BOSS,) if rights.may_approve or rights.reach == EVERYTHING else ()
    return (OWN, *boss, *((OWNER,) if rights.may_write or rights.reach.see is not None else ()))


def _edition() -> str | None:
    edition = request.args.get("edition") or None
    if edition is not None and edition not in EDITIONS:
        raise BadRequest("The parameter edition must be own, boss or owner.")
    return edition
