"""/api/v1/kpi/manual/: KPIs whose values people enter, and these values."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate
from superset.extensions import db

from superset_kpi_plugin.access.scopes import current_reach
from superset_kpi_plugin.access.table import TARGETS
from superset_kpi_plugin.api import KpiRestApi, date_argument, kpi_route
from superset_kpi_plugin.catalogue import queries
from superset_kpi_plugin.errors import KpiError, NotFound
from superset_kpi_plugin.etags import if_match
from superset_kpi_plugin.idempotency import idempotent
from superset_kpi_plugin.manual import storage
from superset_kpi_plugin.manual.commands import EnterValues, change, define, publish
from superset_kpi_plugin.manual.models import ManualEntry, ManualKpi, ManualValue
from superset_kpi_plugin.targets.agreement_api import refused
from superset_kpi_plugin.targets.commands.checks import refuse, refuse_too_many
from superset_kpi_plugin.targets.listing import KIND_ORDER
from superset_kpi_plugin.targets.rules import Problem
from superset_kpi_plugin.targets.schemas import (
    REQUIRED,
    TEXT,
    UNKNOWN_FIELD,
    ExactDecimal,
    first_day_field,
    prose_field,
    text_field,
)
from superset_kpi_plugin.warehouse import Warehouse

GRAINS = ("week", "month", "quarter", "year")
KPI_FIELDS = (
    *("kpi_id", "name_en", "name_zh", "description_en", "description_zh", "unit", "direction", "is_additive"),
    *("entity_kinds", "grain", "owner", "is_active", "created_by", "created_at"),
)


class ManualKpiChangeSchema(Schema):
    """What may change of a manual KPI."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": UNKNOWN_FIELD}

    name_en = fields.String(
        required=True,
        validate=[validate.Length(max=200, error="Is too long."), validate.Regexp(r"\s*\S", error=REQUIRED)],
        error_messages=TEXT,
    )
    name_zh = text_field(200, load_default="")
    description_en = prose_field(allow_none=True)
    description_zh = prose_field(allow_none=True)
    direction = fields.String(
        required=True,
        validate=validate.OneOf(("higher", "lower", "band"), error="Must be higher, lower or band."),
        error_messages=TEXT,
    )
    is_additive = fields.Boolean(load_default=False)
    entity_kinds = fields.List(
        fields.String(validate=validate.OneOf(KIND_ORDER, error="There is no such kind of entity.")),
        required=True,
        validate=validate.Length(1, 20, error=REQUIRED),
        error_messages=TEXT,
    )
    owner = text_field(255, allow_none=True)
    is_active = fields.Boolean(load_default=True)


class ManualKpiSchema(ManualKpiChangeSchema):
    """A manual KPI to define."""

    kpi_id = fields.String(
        required=True,
        validate=validate.Regexp(
            r"^[a-z][a-z0-9_]{1,62}\Z", error="Must be 2 to 63 small letters, digits and underscores, a letter first."
        ),
        error_messages=TEXT,
    )
    unit = fields.String(
        required=True,
        validate=validate.OneOf(tuple(storage.FORMATS), error="There is no such unit."),
        error_messages=TEXT,
    )
    grain = fields.String(
        load_default="month", validate=validate.OneOf(GRAINS, error="Must be week, month, quarter or year.")
    )


class ManualValueSchema(Schema):
    """A value to enter; null withdraws what was entered."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": UNKNOWN_FIELD, "type": "Must be an object."}

    kpi_id = text_field(64, required=True)
    entity_id = text_field(255, required=True)
    period_start = first_day_field()
    value = ExactDecimal(required=True, error_messages={"required": REQUIRED})
    note = prose_field(required=True, metadata={"description": "Where the value comes from"})
    etag = fields.String(allow_none=True, metadata={"description": "As it was read; null for a value that must be new"})


class ManualValuesSchema(Schema):
    """Body of PUT manual/values (documentation; rows are loaded one by one so that each error names its row)."""

    class Meta:
        unknown = EXCLUDE

    values = fields.List(fields.Nested(ManualValueSchema), required=True)


class KpiManualApi(KpiRestApi):
    """Manual KPIs."""

    resource_name = "kpi/manual"
    class_permission_name = TARGETS
    openapi_spec_component_schemas = (ManualKpiSchema, ManualKpiChangeSchema, ManualValuesSchema, ManualValueSchema)

    @kpi_route("/kpis", permission="read")
    def get_kpis(self) -> Response:
        """The manual KPIs.
        ---
        get:
          summary: KPIs whose values people enter, those that are switched off included
          responses:
            200:
              description: By id; the catalogue has the active ones with the source `manual`
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: array, items: {type: object}}
        """
        return self.json_response({"result": [_kpi(row) for row in storage.kpis().values()]})

    @kpi_route("/kpis", permission="define", methods=("POST",))
    @idempotent
    def add_kpi(self) -> Response:
        """Define a manual KPI.
        ---
        post:
          summary: Define a KPI whose values people enter
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: '#/components/schemas/ManualKpiSchema'}
          responses:
            201:
              description: The KPI, and what became of its publication
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
                      publication: {type: object}
        """
        shown = _kpi(define(_loaded(ManualKpiSchema(), self.json_body()), self.username(), Warehouse()))
        return self.json_response({"result": shown, "publication": publish(Warehouse())}, status=201)

    @kpi_route("/kpis/<string:kpi_id>", permission="define", methods=("PUT",))
    @idempotent
    def change_kpi(self, kpi_id: str) -> Response:
        """Change a manual KPI.
        ---
        put:
          summary: Change a manual KPI, or switch it off; its id, unit and grain stay
          description: With a stale etag in the header If-Match nothing is changed; `details.conflicts` has both values.
          parameters:
          - {in: header, name: If-Match, schema: {type: string}, description: The KPI's etag as it was read}
          - {in: path, name: kpi_id, required: true, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: '#/components/schemas/ManualKpiChangeSchema'}
          responses:
            200:
              description: The KPI, and what became of its publication
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
                      publication: {type: object}
        """
        body = _loaded(ManualKpiChangeSchema(), self.json_body())
        shown = _kpi(change(kpi_id, body, self.username(), if_match()))
        return self.json_response({"result": shown, "publication": publish(Warehouse())})

    @kpi_route("/values", permission="read")
    def get_values(self) -> Response:
        """Entered values.
        ---
        get:
          summary: Entered values as they stand, with who entered them, when, and from where they come
          parameters:
          - {in: query, name: kpi_id, schema: {type: string}}
          - {in: query, name: period_start, schema: {type: string, format: date}}
          - {in: query, name: entity_id, schema: {type: string}}
          responses:
            200:
              description: By KPI, period and entity; a withdrawn value is null
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: array, items: {type: object}}
        """
        arguments = request.args
        rows = storage.values(
            arguments.get("kpi_id") or None, date_argument("period_start"), arguments.get("entity_id") or None
        )
        return self.json_response({"result": _values(current_reach().seen(rows))})

    @kpi_route("/values/<int:value_id>/history", permission="read")
    def get_history(self, value_id: int) -> Response:
        """What was entered before.
        ---
        get:
          summary: Every entry of a value, the newest first
          parameters:
          - {in: path, name: value_id, required: true, schema: {type: integer}}
          responses:
            200:
              description: Entries
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: array, items: {type: object}}
        """
        value = db.session.get(ManualValue, value_id)
        if value is None or not current_reach().covers("see", value.entity_id):
            raise NotFound("There is no value {id}.", id=value_id)
        entries = db.session.query(ManualEntry).filter_by(value_id=value_id).order_by(ManualEntry.revision.desc())
        names = ("revision", *storage.ENTRY_FIELDS)
        return self.json_response({"result": [{name: getattr(row, name) for name in names} for row in entries]})

    @kpi_route("/values", permission="write", methods=("PUT",))
    @idempotent
    def save_values(self) -> Response:
        """Enter values.
        ---
        put:
          summary: Enter or restate values, all or nothing; each with a note on where it comes from
          description: >-
            Null withdraws a value. A row with a stale etag refuses the request with 412 and both values in
            `details.conflicts`. Errors name row, field and reason in `details.errors`.
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: '#/components/schemas/ManualValuesSchema'}
          responses:
            200:
              description: The values as they stand now, and what became of their publication
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      saved: {type: integer}
                      result: {type: array, items: {type: object}}
                      publication: {type: object}
        """
        rows = _loaded_rows(self.json_body().get("values"))
        saved = EnterValues(rows, self.username(), Warehouse(), current_reach()).run()
        answer = {"saved": len(saved), "result": _values(saved)}
        return self.json_response({**answer, "publication": publish(Warehouse())})


def _loaded(schema: Schema, body: dict[str, Any]) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(body)
        return loaded
    except ValidationError as error:
        raise refused(error) from None


def _loaded_rows(rows: Any) -> list[dict[str, Any]]:
    refuse_too_many(rows)
    schema = ManualValueSchema()
    loaded: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for index, row in enumerate(rows):
        try:
            loaded.append(schema.load(row))
        except ValidationError as error:
            for name, messages in error.normalized_messages().items():
                shown = str(messages[0]) if isinstance(messages, list) else REQUIRED
                problems.append(Problem(index, "" if name == "_schema" else str(name), shown))
        else:
            loaded[-1]["note"] = loaded[-1]["note"].strip()
            if not loaded[-1]["note"]:
                problems.append(Problem(index, "note", "Required."))
    refuse(problems)
    return loaded


def _kpi(row: ManualKpi) -> dict[str, Any]:
    shown = {name: getattr(row, name) for name in KPI_FIELDS}
    return {**shown, "number_format": storage.FORMATS[row.unit], "etag": storage.kpi_etag(row)}


def _values(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With the entities' names, where the warehouse answers."""
    try:
        names = queries.entities_by_id(Warehouse(), {row["entity_id"] for row in rows})
    except KpiError:
        names = {}
    return [
        {**row, "entity_name": (names.get(row["entity_id"]) or {}).get("entity_name"), "etag": storage.etag(row)}
        for row in rows
    ]
