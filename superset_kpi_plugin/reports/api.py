"""/api/v1/kpi/reports/: the archive; making, commenting and releasing."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from sqlalchemy import func, select
from superset.extensions import db

from superset_kpi_plugin.access.scopes import current_reach
from superset_kpi_plugin.access.table import REPORTS
from superset_kpi_plugin.api import KpiRestApi, date_argument, int_argument, kpi_route
from superset_kpi_plugin.errors import BadRequest, ValidationFailed
from superset_kpi_plugin.idempotency import idempotent
from superset_kpi_plugin.inbound import LARGEST_ID, is_id
from superset_kpi_plugin.reports import commands, message, page, pdf, workbook
from superset_kpi_plugin.reports.calendar import containing
from superset_kpi_plugin.reports.models import Report, ReportPlan
from superset_kpi_plugin.reports.words import Wording
from superset_kpi_plugin.warehouse import Warehouse

LIST_FIELDS = (
    *("id", "plan_id", "entity_id", "cadence", "period_start", "period_end", "locale", "state", "commentary"),
    *("commented_by", "commented_at", "made_at", "released_by", "released_at"),
)
STATES = (commands.WAITING, commands.RELEASED, commands.DISCARDED)


class KpiReportsApi(KpiRestApi):
    """Reports that were made."""

    resource_name = "kpi/reports"
    class_permission_name = REPORTS

    @kpi_route("/", permission="read")
    def get_list(self) -> Response:
        """The archive.
        ---
        get:
          summary: Reports about what the caller may see, the latest first
          parameters:
          - {in: query, name: state, schema: {type: string, enum: [waiting, released, discarded]}}
          - {in: query, name: plan_id, schema: {type: integer}}
          - {in: query, name: page, schema: {type: integer}}
          - {in: query, name: page_size, schema: {type: integer}}
          responses:
            200:
              description: A page of reports without their contents, and how many there are
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: array, items: {type: object}}
                      count: {type: integer}
        """
        number, size = self.page()
        conditions = _conditions()
        counted = select(func.count()).select_from(Report).where(*conditions)
        columns = [Report.__table__.c[name] for name in LIST_FIELDS]
        wanted = (
            # Of the content, which is long, only what the list shows.
            select(
                *columns, ReportPlan.name, ReportPlan.channels, Report.content["subject"], Report.content["statuses"]
            )
            .join(ReportPlan, ReportPlan.id == Report.plan_id)
            .where(*conditions)
            .order_by(Report.made_at.desc(), Report.id.desc())
            .limit(size)
            .offset(number * size)
        )
        rows = [
            _entry(dict(zip(LIST_FIELDS, row, strict=False)), *row[len(LIST_FIELDS) :])
            for row in db.session.execute(wanted)
        ]
        return self.json_response({"result": rows, "count": db.session.execute(counted).scalar_one()}, with_etag=True)

    @kpi_route("/<int:report_id>", permission="read")
    def get(self, report_id: int) -> Response:
        """One report.
        ---
        get:
          summary: A report with its content (numbers as strings) and as HTML
          parameters:
          - {in: path, name: report_id, required: true, schema: {type: integer}}
          responses:
            200:
              description: The report
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        report = commands.find_report(report_id, current_reach())
        shown = {**_shown(report), "content": report.content, "html": _html(report)}
        return self.json_response({"result": shown}, with_etag=True)

    @kpi_route("/<int:report_id>/file", permission="read")
    def get_file(self, report_id: int) -> Response:
        """One report as a file.
        ---
        get:
          summary: A report as a page, as PDF or as Excel
          parameters:
          - {in: path, name: report_id, required: true, schema: {type: integer}}
          - {in: query, name: format, required: true, schema: {type: string, enum: [html, pdf, xlsx]}}
          responses:
            200:
              description: The file; no text in the workbook can become a formula
              content:
                application/pdf: {schema: {type: string, format: binary}}
        """
        report = commands.find_report(report_id, current_reach())
        kind = request.args.get("format")
        made_at = report.made_at.isoformat()
        if kind == "html":
            title = Wording(report.locale).title(report.content)
            made: bytes = page.document(_html(report), title, report.locale).encode()
            mimetype = "text/html; charset=utf-8"
        elif kind == "pdf":
            made, mimetype = pdf.make(report.content, report.locale, made_at, report.commentary), "application/pdf"
        elif kind == "xlsx":
            made, mimetype = workbook.make(report.content, report.locale, report.commentary), message.XLSX
        else:
            raise BadRequest("The parameter format must be html, pdf or xlsx.")
        response = Response(made, mimetype=mimetype)
        name = message.file_name(report.content)
        # A page is kept as a file too: shown from this address, a company's template would run as part of Superset.
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    @kpi_route("/", permission="write", methods=("POST",))
    @idempotent
    def make(self) -> Response:
        """Make a report now.
        ---
        post:
          summary: Make a plan's report of the window that holds a day (by default the latest that the data reach)
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [plan_id]
                  properties:
                    plan_id: {type: integer}
          responses:
            200:
              description: The report, which waits for its release; one that was made before is returned as it is
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        body = self.json_body()
        plan_id = body.get("plan_id")
        if not is_id(plan_id):
            raise ValidationFailed("There is no report plan {id}.", id=plan_id)
        plan = commands.find_plan(plan_id, current_reach())
        warehouse, day = Warehouse(), date_argument("day")
        window = containing(plan.cadence, day) if day else commands.latest_window(plan.cadence, warehouse)
        report = commands.make(plan, window, warehouse)
        return self.json_response({"result": {**_shown(report), "html": _html(report)}})

    @kpi_route("/<int:report_id>/commentary", permission="write", methods=("PUT",))
    def comment(self, report_id: int) -> Response:
        """Comment on a report.
        ---
        put:
          summary: Set the commentary of a report that waits for its release
          parameters:
          - {in: path, name: report_id, required: true, schema: {type: integer}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [commentary]
                  properties:
                    commentary: {type: string, maxLength: 20000}
          responses:
            200:
              description: The report
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        report = commands.find_report(report_id, current_reach())
        commands.comment(report, self.json_body().get("commentary"), self.username())
        return self.json_response({"result": {**_shown(report), "html": _html(report)}})

    @kpi_route("/<int:report_id>/release", permission="write", methods=("POST",))
    @idempotent
    def release(self, report_id: int) -> Response:
        """Release a report.
        ---
        post:
          summary: Send a report to its plan's channels; from then on it can't be changed
          parameters:
          - {in: path, name: report_id, required: true, schema: {type: integer}}
          responses:
            200:
              description: The report, and the channels that were left out with the reason
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
                      left_out: {type: array, items: {type: object}}
        """
        report = commands.find_report(report_id, current_reach())
        left_out = commands.release(report, self.username())
        return self.json_response({"result": _shown(report), "left_out": left_out})

    @kpi_route("/<int:report_id>", permission="write", methods=("DELETE",))
    def discard(self, report_id: int) -> Response:
        """Discard a report.
        ---
        delete:
          summary: Take back a report that waits for its release; it stays in the archive
          parameters:
          - {in: path, name: report_id, required: true, schema: {type: integer}}
          responses:
            200:
              description: The report
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        report = commands.find_report(report_id, current_reach())
        commands.discard(report, self.username())
        return self.json_response({"result": _shown(report)})

    @kpi_route("/run", permission="run", methods=("POST",))
    def run(self) -> Response:
        """Make what is due.
        ---
        post:
          summary: Make the reports that are due, and release those that wait for nobody
          responses:
            200:
              description: How many were made, released and wait for their data, and the plans that failed
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      made: {type: integer}
                      released: {type: integer}
                      waiting_for_data: {type: integer}
                      failures: {type: array, items: {type: object}}
        """
        return self.json_response(commands.run(Warehouse()))


def _shown(report: Report) -> dict[str, Any]:
    plan = db.session.get(ReportPlan, report.plan_id)
    fields = {name: getattr(report, name) for name in LIST_FIELDS}
    return _entry(fields, plan.name, plan.channels, report.content["subject"], report.content["statuses"])


def _entry(
    fields: dict[str, Any], name: str, channels: list[str], subject: dict[str, Any], statuses: dict[str, int]
) -> dict[str, Any]:
    """A report without its content, as the archive lists it."""
    names = {name: subject[name] for name in ("entity_name", "entity_kind")}
    return {**fields, "name": name, "channels": channels, **names, "statuses": statuses}


def _html(report: Report) -> str:
    return page.render(
        report.content,
        report.locale,
        report.made_at.isoformat(),
        commentary=report.commentary,
        template=report.template,
    )


def _conditions() -> list[Any]:
    conditions: list[Any] = []
    reach = current_reach()
    if reach.see is not None:
        conditions.append(Report.entity_id.in_(reach.see))
    state, plan_id = request.args.get("state"), int_argument("plan_id", 0, 0, LARGEST_ID)
    if state:
        if state not in STATES:
            raise BadRequest("The parameter state must be one of: {allowed}.", allowed=", ".join(STATES))
        conditions.append(Report.state == state)
    if plan_id:
        conditions.append(Report.plan_id == plan_id)
    return conditions
