"""/api/v1/kpi/targets/: targets out to Excel and CSV, and back in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from flask import Response, request

from superset_kpi_plugin.access.scopes import current_reach
from superset_kpi_plugin.access.table import TARGETS
from superset_kpi_plugin.api import KpiRestApi, kpi_route
from superset_kpi_plugin.config import setting
from superset_kpi_plugin.errors import BadRequest, KpiError, ValidationFailed
from superset_kpi_plugin.idempotency import idempotent
from superset_kpi_plugin.locale import current_locale
from superset_kpi_plugin.targets import sheets
from superset_kpi_plugin.targets.commands import ImportTargets
from superset_kpi_plugin.targets.filters import TargetFilters
from superset_kpi_plugin.targets.listing import Rights, list_targets
from superset_kpi_plugin.targets.present import SAID
from superset_kpi_plugin.targets.rules import NUMBER_FIELDS, exact_number
from superset_kpi_plugin.warehouse import Warehouse

FORMATS = {
    "csv": (sheets.to_csv, "text/csv; charset=utf-8"),
    "xlsx": (sheets.to_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
EVERYTHING = (0, 1_000_000)


class KpiFilesApi(KpiRestApi):
    """Files of targets."""

    resource_name = "kpi/targets"
    class_permission_name = TARGETS

    @kpi_route("/export", permission="read")
    def export(self) -> Response:
        """Targets as a file.
        ---
        get:
          summary: The targets of a period as Excel or CSV, which import takes back; with candidates, a template
          parameters:
          - {in: query, name: format, schema: {type: string, enum: [xlsx, csv]}}
          - {in: query, name: grain, required: true, schema: {type: string}}
          - {in: query, name: period_start, required: true, schema: {type: string, format: date}}
          - {in: query, name: kpi_id, schema: {type: string}}
          - {in: query, name: entity_kind, schema: {type: string}}
          - {in: query, name: entity_id, schema: {type: string}}
          - {in: query, name: include, schema: {type: string, enum: [candidates]}}
          - {in: query, name: as_of, schema: {type: string, format: date-time}}
          responses:
            200:
              description: The file; no text in it can become a formula
              content:
                text/csv: {schema: {type: string, format: binary}}
        """
        kind = request.args.get("format") or "xlsx"
        filters = TargetFilters.from_arguments(request.args)
        found = list_targets(filters, EVERYTHING, current_locale(), Warehouse(), Rights(current_reach()))
        name = f"targets_{filters.grain}_{filters.period_start.isoformat()}"
        return file_response(kind, name, [_file_row(row) for row in found.rows], sheets.COLUMNS)

    @kpi_route("/import", permission="write", methods=("POST",))
    @idempotent
    def import_file(self) -> Response:
        """Targets from a file.
        ---
        post:
          summary: Preview a file of targets, or save it as drafts, all or nothing
          requestBody:
            required: true
            content:
              multipart/form-data:
                schema:
                  type: object
                  required: [file]
                  properties:
                    file: {type: string, format: binary}
                    mapping: {type: string, description: 'JSON: field by the column name of the file'}
                    apply: {type: string, enum: ['true', 'false']}
          responses:
            200:
              description: >-
                Columns, errors by row, the difference to today, and the encoding that a CSV was read as (utf-8 or
                gb18030); with apply, how many rows were saved
              content:
                application/json:
                  schema: {type: object}
        """
        content = _content()
        command = ImportTargets(content, _mapping(), self.username(), Warehouse(), current_reach())
        if request.form.get("apply") == "true":
            return self.json_response({"saved": command.apply()})
        return self.json_response(command.preview())


def file_response(kind: str, name: str, rows: list[dict[str, Any]], columns: Sequence[str]) -> Response:
    """Rows as a file to keep.

    :raises BadRequest: no such kind of file.
    """
    if kind not in FORMATS:
        raise BadRequest("The parameter format must be xlsx or csv.")
    make, mimetype = FORMATS[kind]
    response = Response(make(rows, columns), mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _content() -> bytes:
    limit = int(setting("KPI_UPLOAD_MAX_MB")) * 1024**2
    if (request.content_length or 0) > limit + 64 * 1024:
        raise _too_large()
    file = request.files.get("file")
    if file is None or not file.filename:
        raise BadRequest("The request holds no file.")
    content = file.stream.read(limit + 1)
    if len(content) > limit:
        raise _too_large()
    return content


def _too_large() -> KpiError:
    error = ValidationFailed("The file has more than {max_mb} MB. Split it.", max_mb=int(setting("KPI_UPLOAD_MAX_MB")))
    error.status = 413
    return error


def _mapping() -> dict[str, str] | None:
    text = request.form.get("mapping")
    if not text:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(item, str) for pair in found.items() for item in pair):
        raise BadRequest("The mapping must be a JSON object: the field by the name of the column.")
    return found


def _file_row(row: dict[str, Any]) -> dict[str, Any]:
    """A listed target as a line of the file: its draft, else what is approved."""
    said = row["draft"] or row["approved"] or {}
    names = ("kpi_id", "kpi_name", "entity_id", "entity_name", "grain", "period_start", "state")
    values = {name: exact_number(said.get(name)) if name in NUMBER_FIELDS else said.get(name) for name in SAID}
    actual = (row["status"] or {}).get("value")
    return {**{name: row[name] for name in names}, **values, "actual": actual, "currency": said.get("currency")}
