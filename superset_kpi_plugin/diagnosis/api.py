"""GET /api/v1/kpi/diagnosis/ and diagnosis/bundle."""

from __future__ import annotations

from flask import Response, request

from superset_kpi_plugin.access.scopes import current_reach
from superset_kpi_plugin.access.table import DIAGNOSIS
from superset_kpi_plugin.api import KpiRestApi, kpi_route
from superset_kpi_plugin.diagnosis import bundle
from superset_kpi_plugin.diagnosis.survey import survey
from superset_kpi_plugin.warehouse import Warehouse


class KpiDiagnosisApi(KpiRestApi):
    """What is wrong, in the order in which it is to be looked at."""

    resource_name = "kpi/diagnosis"
    class_permission_name = DIAGNOSIS

    @kpi_route("/", permission="read")
    def get_diagnosis(self) -> Response:
        """The diagnosis.
        ---
        get:
          summary: Sources, targets, owners and reviews of everything, of a KPI, of an entity with all below, or of both
          description: >-
            Each step has checks with a status (ok, unknown, warning, problem), a sentence, and advice where something
            is wrong. `begin_with` is the first step to look at. `actions` are those of the last two weeks; with a KPI
            and an entity `chart` is the series that they belong to. Texts of platforms come without secrets.
          parameters:
          - {in: query, name: kpi, schema: {type: string}}
          - {in: query, name: entity, schema: {type: string}}
          responses:
            200:
              description: Within the reader's scope
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      kpi: {type: object, nullable: true}
                      entity: {type: object, nullable: true}
                      day: {type: string, format: date, nullable: true}
                      steps: {type: array, items: {type: object}}
                      begin_with: {type: string, nullable: true}
                      streams: {type: array, items: {type: object}}
                      actions: {type: array, items: {type: object}}
                      chart: {type: object, nullable: true}
                      offered: {type: array, items: {type: object}}
        """
        return self.json_response(survey(request.args, current_reach(), Warehouse(), self.has))

    @kpi_route("/bundle", permission="manage")
    def get_bundle(self) -> Response:
        """The bundle for support.
        ---
        get:
          summary: Versions, settings, roles, freshness, last errors, rules and counts as a ZIP without any secret
          responses:
            200:
              description: A ZIP of JSON files
              content:
                application/zip: {schema: {type: string, format: binary}}
        """
        response = Response(bundle.make(), mimetype="application/zip")
        response.headers["Content-Disposition"] = f'attachment; filename="{bundle.file_name()}"'
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
