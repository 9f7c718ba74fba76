"""GET /api/v1/kpi/catalogue/, glossary/, entities/, freshness/ and me/."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from superset_kpi_plugin.access.reach import EVERYTHING
from superset_kpi_plugin.access.scopes import current_reach, scopes_of
from superset_kpi_plugin.access.table import (
    ALERT_RULES,
    ALERTS,
    CATALOGUE,
    DIAGNOSIS,
    RECONCILIATION,
    REPORTS,
    SCOPES,
    TARGETS,
    UPLOADS,
)
from superset_kpi_plugin.api import KpiRestApi, current_person, kpi_route
from superset_kpi_plugin.catalogue import queries
from superset_kpi_plugin.catalogue.glossary import glossary
from superset_kpi_plugin.config import setting
from superset_kpi_plugin.locale import current_locale
from superset_kpi_plugin.warehouse import Warehouse


class KpiCatalogueApi(KpiRestApi):
    """What there is to set targets on, and who is asking."""

    resource_name = "kpi"
    class_permission_name = CATALOGUE

    @kpi_route("/catalogue/", permission="read")
    def get_catalogue(self) -> Response:
        """The KPIs.
        ---
        get:
          summary: The KPI catalogue in display order
          responses:
            200:
              description: One row per KPI, with names and formulas in English and Chinese
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: array, items: {type: object}}
        """
        return self.json_response({"result": queries.catalogue(Warehouse())}, with_etag=True)

    @kpi_route("/glossary/", permission="read")
    def get_glossary(self) -> Response:
        """The glossary.
        ---
        get:
          summary: Every KPI with formula, source, official standards, playbook and related KPIs, in both languages
          responses:
            200:
              description: One row per KPI in display order; `warnings` says what this warehouse's contract lacks
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: array, items: {type: object}}
                      warnings: {type: array, items: {type: object}}
            304: {description: Unchanged since the ETag that was sent}
        """
        return self.json_response(glossary(Warehouse()), with_etag=True)

    @kpi_route("/entities/", permission="read")
    def get_entities(self) -> Response:
        """Companies, accounts, categories, SKUs, people, ad groups ...
        ---
        get:
          summary: Entities by kind and name
          parameters:
          - {in: query, name: kind, schema: {type: string}}
          - {in: query, name: q, schema: {type: string}, description: Part of the name or id}
          - {in: query, name: page, schema: {type: integer}}
          - {in: query, name: page_size, schema: {type: integer}}
          responses:
            200:
              description: A page of entities and their number in all
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: array, items: {type: object}}
                      count: {type: integer}
        """
        page, page_size = self.page()
        rows, count = queries.entities(
            Warehouse(),
            kind=request.args.get("kind") or None,
            search=request.args.get("q") or None,
            page=page,
            page_size=page_size,
            seen=current_reach().see,
        )
        return self.json_response({"result": rows, "count": count})

    @kpi_route("/freshness/", permission="read")
    def get_freshness(self) -> Response:
        """How far the data reaches.
        ---
        get:
          summary: Load state of every account and stream
          responses:
            200:
              description: One row per account and stream, of the accounts within the reader's scope
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: array, items: {type: object}}
                      summary: {type: object}
        """
        rows = queries.freshness(Warehouse(), current_reach().see)
        return self.json_response({"result": rows, "summary": queries.freshness_summary(rows)})

    @kpi_route("/me/", permission="read")
    def get_me(self) -> Response:
        """Who I am and what I may do.
        ---
        get:
          summary: The user's permissions and language
          responses:
            200:
              description: Permissions as booleans; channel names for admins only
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      user: {type: string}
                      permissions: {type: object}
                      scopes: {type: array, nullable: true, items: {type: object}}
                      locale: {type: string, enum: [en, zh]}
                      channels: {type: array, items: {type: string}}
        """
        may_manage = self.has("can_manage", CATALOGUE)
        payload = {
            "user": self.username(),
            "permissions": {
                "propose": self.has("can_write", TARGETS),
                "approve": self.has("can_approve", TARGETS),
                "acknowledge": self.has("can_acknowledge", ALERTS),
                "upload": self.has("can_write", UPLOADS),
                "define": self.has("can_define", TARGETS),
                "admin": self.has("can_write", ALERT_RULES),
                "scopes": self.has("can_manage", SCOPES),
                "reports": self.has("can_write", REPORTS),
                "explain": self.has("can_write", RECONCILIATION),
                "sign": self.has("can_sign", RECONCILIATION),
                "templates": self.has("can_manage", REPORTS),
                "diagnose": self.has("can_manage", DIAGNOSIS),
            },
            "scopes": self._scopes(),
            "locale": current_locale(),
        }
        if may_manage:
            payload["channels"] = sorted(setting("KPI_CHANNELS") or {})
        return self.json_response(payload)

    @staticmethod
    def _scopes() -> list[dict[str, Any]] | None:
        """The user's scopes; None where everything is reached."""
        if current_reach() == EVERYTHING:
            return None
        names = ("entity_id", "may_edit", "may_approve")
        return [{name: getattr(row, name) for name in names} for row in scopes_of(current_person())]
