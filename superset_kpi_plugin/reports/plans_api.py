"""/api/v1/kpi/report_plans/ and /api/v1/kpi/report_templates/: what is made how often, and in which form."""

from __future__ import annotations

from typing import Any

from flask import Response
from sqlalchemy import select
from superset.extensions import db

from superset_kpi_plugin.access.scopes import current_reach
from superset_kpi_plugin.access.table import REPORTS
from superset_kpi_plugin.alerts import channels
from superset_kpi_plugin.api import KpiRestApi, kpi_route
from superset_kpi_plugin.catalogue import queries
from superset_kpi_plugin.errors import KpiError
from superset_kpi_plugin.idempotency import idempotent
from superset_kpi_plugin.reports import commands, page
from superset_kpi_plugin.reports.calendar import CADENCES
from superset_kpi_plugin.reports.models import ReportPlan, ReportTemplate
from superset_kpi_plugin.warehouse import Warehouse

_TEXT = {"type": "string"}
#: A plan as the API takes it, for its documentation; what is accepted is decided in `commands`.
PLAN: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {**_TEXT, "maxLength": 200},
        "entity_id": {**_TEXT, "description": "company, platform, account, category, team or person"},
        "cadence": {**_TEXT, "enum": list(CADENCES)},
        "locale": {**_TEXT, "enum": list(commands.LOCALES)},
        "channels": {"type": "array", "items": _TEXT},
        "template_id": {"type": "integer", "nullable": True},
        "needs_release": {"type": "boolean"},
        "is_enabled": {"type": "boolean"},
    },
}


class KpiReportPlansApi(KpiRestApi):
    """Plans of reports."""

    resource_name = "kpi/report_plans"
    class_permission_name = REPORTS
    apispec_parameter_schemas = {**KpiRestApi.apispec_parameter_schemas, "KpiReportPlan": PLAN}

    @kpi_route("/", permission="read")
    def get_list(self) -> Response:
        """The plans.
        ---
        get:
          summary: Plans of reports about what the caller may see, with the channels and templates to choose from
          responses:
            200:
              description: Every plan that was not deleted, by name
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: array, items: {type: object}}
                      channels: {type: array, items: {type: string}, description: Only for those who may change plans}
                      templates: {type: array, items: {type: object}}
        """
        reach = current_reach()
        wanted = select(ReportPlan).where(ReportPlan.deleted_at.is_(None)).order_by(ReportPlan.name, ReportPlan.id)
        plans = [plan for plan in db.session.execute(wanted).scalars() if reach.covers("see", plan.entity_id)]
        names = _names(plans)
        may_write = self.has("can_write", REPORTS)
        known = select(ReportTemplate.id, ReportTemplate.name).order_by(ReportTemplate.name)
        templates = [{"id": row.id, "name": row.name} for row in db.session.execute(known)]
        return self.json_response(
            {
                "result": [_plan(plan, names) for plan in plans],
                "channels": channels.names() if may_write else [],
                "templates": templates if may_write else [],
            }
        )

    @kpi_route("/", permission="write", methods=("POST",))
    @idempotent
    def add(self) -> Response:
        """Add a plan.
        ---
        post:
          summary: Plan a report
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  allOf:
                  - {$ref: '#/components/schemas/KpiReportPlan'}
                  - {required: [name, entity_id, cadence]}
          responses:
            201:
              description: The plan
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        plan = commands.save_plan(None, self.json_body(), self.username(), current_reach(), Warehouse())
        return self.json_response({"result": _plan(plan, _names([plan]))}, status=201)

    @kpi_route("/<int:plan_id>", permission="write", methods=("PUT",))
    def change(self, plan_id: int) -> Response:
        """Change a plan.
        ---
        put:
          summary: Change a plan; what is left out stays
          parameters:
          - {in: path, name: plan_id, required: true, schema: {type: integer}}
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: '#/components/schemas/KpiReportPlan'}
          responses:
            200:
              description: The plan
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        plan = commands.save_plan(plan_id, self.json_body(), self.username(), current_reach(), Warehouse())
        return self.json_response({"result": _plan(plan, _names([plan]))})

    @kpi_route("/<int:plan_id>", permission="write", methods=("DELETE",))
    def remove(self, plan_id: int) -> Response:
        """Delete a plan.
        ---
        delete:
          summary: Stop a plan; the reports that it made stay in the archive
          parameters:
          - {in: path, name: plan_id, required: true, schema: {type: integer}}
          responses:
            200:
              description: The plan is deleted
              content:
                application/json:
                  schema: {type: object}
        """
        commands.delete_plan(plan_id, self.username(), current_reach())
        return self.json_response({"result": {"id": plan_id}})


class KpiReportTemplatesApi(KpiRestApi):
    """A company's own templates."""

    resource_name = "kpi/report_templates"
    class_permission_name = REPORTS

    @kpi_route("/", permission="manage")
    def get_list(self) -> Response:
        """The templates.
        ---
        get:
          summary: A company's own templates by name, and the built-in one to begin with
          responses:
            200:
              description: Templates with their bodies
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: array, items: {type: object}}
                      built_in: {type: string}
        """
        known = db.session.execute(select(ReportTemplate).order_by(ReportTemplate.name)).scalars()
        rows = [_template(template) for template in known]
        return self.json_response({"result": rows, "built_in": page.BUILT_IN.read_text(encoding="utf-8")})

    @kpi_route("/preview", permission="manage", methods=("POST",))
    def preview(self) -> Response:
        """Try a template.
        ---
        post:
          summary: The company's latest week by a template that is not saved
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [body]
                  properties:
                    body: {type: string}
                    locale: {type: string, enum: [en, zh]}
          responses:
            200:
              description: The HTML
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      html: {type: string}
        """
        body = self.json_body()
        text, locale = str(body.get("body") or ""), str(body.get("locale") or "en")
        return self.json_response({"html": commands.try_template(text, Warehouse(), locale)})

    @kpi_route("/", permission="manage", methods=("POST",))
    def add(self) -> Response:
        """Add a template.
        ---
        post:
          summary: Save a template, after trying it on the company's latest week
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [name, body]
                  properties:
                    name: {type: string, maxLength: 200}
                    body: {type: string, description: Jinja}
          responses:
            201:
              description: The template
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        template = commands.save_template(None, self.json_body(), self.username(), Warehouse())
        return self.json_response({"result": _template(template)}, status=201)

    @kpi_route("/<int:template_id>", permission="manage", methods=("PUT",))
    def change(self, template_id: int) -> Response:
        """Change a template.
        ---
        put:
          summary: Change a template, after trying it; reports that were made keep the one that they were made with
          parameters:
          - {in: path, name: template_id, required: true, schema: {type: integer}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [name, body]
                  properties:
                    name: {type: string, maxLength: 200}
                    body: {type: string, description: Jinja}
          responses:
            200:
              description: The template
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        template = commands.save_template(template_id, self.json_body(), self.username(), Warehouse())
        return self.json_response({"result": _template(template)})

    @kpi_route("/<int:template_id>", permission="manage", methods=("DELETE",))
    def remove(self, template_id: int) -> Response:
        """Delete a template.
        ---
        delete:
          summary: Delete a template that no plan uses
          parameters:
          - {in: path, name: template_id, required: true, schema: {type: integer}}
          responses:
            200:
              description: The template is deleted
              content:
                application/json:
                  schema: {type: object}
        """
        commands.delete_template(template_id, self.username())
        return self.json_response({"result": {"id": template_id}})


def _names(plans: list[ReportPlan]) -> dict[str, dict[str, Any]]:
    """The plans' subjects by id; empty while the warehouse is away, so that plans can be seen and stopped."""
    try:
        return queries.entities_by_id(Warehouse(), {plan.entity_id for plan in plans})
    except KpiError:
        return {}


def _plan(plan: ReportPlan, names: dict[str, dict[str, Any]]) -> dict[str, Any]:
    subject = names.get(plan.entity_id, {})
    shown = {name: getattr(plan, name) for name in ("id", *commands.PLAN_FIELDS, "changed_by", "changed_at")}
    return {**shown, "entity_name": subject.get("entity_name"), "entity_kind": subject.get("entity_kind")}


def _template(template: ReportTemplate) -> dict[str, Any]:
    return {name: getattr(template, name) for name in ("id", "name", "body", "changed_by", "changed_at")}
