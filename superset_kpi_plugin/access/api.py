"""/api/v1/kpi/scopes/: which user or role sees, edits and approves which entities."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Response, request
from marshmallow import RAISE, Schema, ValidationError, fields, validate
from superset.extensions import db, security_manager

from superset_kpi_plugin.access.models import ROLE, USER, Scope
from superset_kpi_plugin.access.rls import PREFIX, is_usable, sync_rules
from superset_kpi_plugin.access.table import SCOPES
from superset_kpi_plugin.api import KpiRestApi, kpi_route
from superset_kpi_plugin.audit import trail
from superset_kpi_plugin.catalogue import queries
from superset_kpi_plugin.config import setting
from superset_kpi_plugin.errors import BadRequest, Conflict, KpiError, NotFound, ValidationFailed
from superset_kpi_plugin.locale import translate
from superset_kpi_plugin.warehouse import Warehouse

#: Names that a search answers with at most.
MOST_SUBJECTS = 50
FIELDS = ("id", "subject_kind", "subject", "entity_id", "may_edit", "may_approve", "created_by", "created_at")


class ScopeSchema(Schema):
    """A scope to add."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "This field is not known."}

    subject_kind = fields.String(
        required=True, validate=validate.OneOf((USER, ROLE), error="Must be user or role."), metadata={"example": USER}
    )
    subject = fields.String(required=True, validate=validate.Length(1, 64, error="Is too long."))
    entity_id = fields.String(required=True, validate=validate.Length(1, 255, error="Is too long."))
    may_edit = fields.Boolean(load_default=False)
    may_approve = fields.Boolean(load_default=False)


class KpiScopesApi(KpiRestApi):
    """Scopes, for those who administer the plugin."""

    resource_name = "kpi/scopes"
    class_permission_name = SCOPES
    openapi_spec_component_schemas = (ScopeSchema,)

    @kpi_route("/", permission="manage")
    def get_list(self) -> Response:
        """The scopes.
        ---
        get:
          summary: Every scope with its entity's name
          responses:
            200:
              description: Scopes in the order of their subjects; entity_name is null while the warehouse is away
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: array, items: {type: object}}
                      default_scope: {type: string, enum: [all, none], description: What people without a scope reach}
        """
        rows = db.session.query(Scope).order_by(Scope.subject_kind, Scope.subject, Scope.entity_id).all()
        try:
            names = queries.entities_by_id(Warehouse(), {row.entity_id for row in rows})
        except KpiError:
            names = {}
        shown = [_present(row, names) for row in rows]
        return self.json_response({"result": shown, "default_scope": setting("KPI_DEFAULT_SCOPE")})

    @kpi_route("/subjects", permission="manage")
    def get_subjects(self) -> Response:
        """Whom a scope can be for.
        ---
        get:
          summary: Active users, or roles, by name; at most 50
          parameters:
          - {in: query, name: kind, required: true, schema: {type: string, enum: [user, role]}}
          - {in: query, name: q, schema: {type: string}, description: Part of the user name, the name or the role}
          responses:
            200:
              description: Names as a scope takes them, with what people call them
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: array, items: {type: object}}
        """
        kind, search = request.args.get("kind", ""), request.args.get("q", "").strip().lower()
        if kind not in (USER, ROLE):
            raise BadRequest("The parameter kind must be user or role.")
        return self.json_response({"result": _users(search) if kind == USER else _roles(search)})

    @kpi_route("/", permission="manage", methods=("POST",))
    def add(self) -> Response:
        """Add a scope.
        ---
        post:
          summary: Let a user or role see an entity and all below it, and perhaps edit and approve its targets
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: '#/components/schemas/ScopeSchema'}
          responses:
            201:
              description: The scope; dashboards follow it at once
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        values, names = self._checked(self.json_body())
        same = {name: values[name] for name in ("subject_kind", "subject", "entity_id")}
        if db.session.query(Scope).filter_by(**same).first() is not None:
            raise Conflict("This scope exists already; delete it first to change it.")
        row = Scope(**values, created_by=self.username())
        db.session.add(row)
        db.session.flush()
        shown = _present(row, names)
        # Before the roles: making one commits, and no scope may be without its entry in the trail.
        trail.record(self.username(), "add scope", [shown])
        sync_rules(security_manager, db.session)
        db.session.commit()
        return self.json_response({"result": shown}, status=201)

    @kpi_route("/<int:scope_id>", permission="manage", methods=("DELETE",))
    def remove(self, scope_id: int) -> Response:
        """Remove a scope.
        ---
        delete:
          summary: Remove a scope
          parameters:
          - {in: path, name: scope_id, required: true, schema: {type: integer}}
          responses:
            200:
              description: Removed; who has no scope left reaches what KPI_DEFAULT_SCOPE says
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      deleted: {type: integer}
        """
        row = db.session.get(Scope, scope_id)
        if row is None:
            raise NotFound("There is no scope {id}.", id=scope_id)
        shown = _present(row, {})
        db.session.delete(row)
        db.session.flush()
        trail.record(self.username(), "delete scope", [shown])
        sync_rules(security_manager, db.session)
        db.session.commit()
        return self.json_response({"deleted": 1})

    @staticmethod
    def _checked(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """The new row's values, and its entity by id."""
        try:
            values: dict[str, Any] = ScopeSchema().load(body)
        except ValidationError as error:
            raise _refused({name: str(texts[0]) for name, texts in error.normalized_messages().items()}) from None
        kind, subject, entity_id = values["subject_kind"], values["subject"], values["entity_id"]
        found = security_manager.find_user(username=subject) if kind == USER else security_manager.find_role(subject)
        if found is None:
            raise _refused({"subject": translate("There is no {kind} {name}.", kind=kind, name=subject)})
        names = queries.entities_by_id(Warehouse(), {entity_id})
        if entity_id not in names or not is_usable(entity_id):
            raise _refused({"entity_id": translate("There is no entity {entity}.", entity=entity_id)})
        return values, names


def _present(row: Scope, entities: dict[str, Any]) -> dict[str, Any]:
    shown = {name: getattr(row, name) for name in FIELDS}
    entity = entities.get(row.entity_id) or {}
    named = {name: entity.get(name) for name in ("entity_name", "entity_kind", "account_name")}
    return {**shown, "may_see": True, **named}


def _holds(column: Any, search: str) -> Any:
    return sa.func.lower(column).contains(search, autoescape=True)


def _users(search: str) -> list[dict[str, Any]]:
    """Active users whose user name or name holds the text."""
    model = security_manager.user_model
    full = model.first_name + " " + model.last_name
    rows = (
        db.session.query(model)
        .filter(model.active.is_(True))
        .filter(_holds(model.username, search) | _holds(full, search))
        .order_by(model.username)
        .limit(MOST_SUBJECTS)
    )
    return [{"subject": row.username, "name": f"{row.first_name} {row.last_name}".strip()} for row in rows]


def _roles(search: str) -> list[dict[str, Any]]:
    """Roles whose name holds the text, without those that this plugin makes for a user's own rules."""
    model = security_manager.role_model
    rows = (
        db.session.query(model)
        .filter(_holds(model.name, search), ~model.name.startswith(PREFIX, autoescape=True))
        .order_by(model.name)
        .limit(MOST_SUBJECTS)
    )
    return [{"subject": row.name, "name": row.name} for row in rows]


def _refused(messages: dict[str, str]) -> ValidationFailed:
    errors = [{"index": 0, "field": name, "message": translate(message)} for name, message in messages.items()]
    return ValidationFailed(details={"errors": errors})
