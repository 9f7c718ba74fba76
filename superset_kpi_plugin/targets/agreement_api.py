"""/api/v1/kpi/targets/: the agreement - propose, counter, accept, approve, lock - with comments and trail."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, ValidationError
from superset.extensions import db

from superset_kpi_plugin.access.scopes import current_reach
from superset_kpi_plugin.access.table import TARGETS
from superset_kpi_plugin.api import KpiRestApi, kpi_route
from superset_kpi_plugin.audit import trail
from superset_kpi_plugin.errors import BadRequest, ValidationFailed
from superset_kpi_plugin.idempotency import idempotent
from superset_kpi_plugin.locale import translate
from superset_kpi_plugin.targets.commands import (
    AcceptTargets,
    AddComment,
    ApproveTargets,
    CounterTargets,
    DiscardDrafts,
    LockTargets,
    ProposeTargets,
    PublishTargets,
    UnlockTargets,
)
from superset_kpi_plugin.targets.commands.comment import target_or_404
from superset_kpi_plugin.targets.commands.steps import Step
from superset_kpi_plugin.targets.models import Comment, Mention, Target
from superset_kpi_plugin.targets.present import present_comment, present_publication
from superset_kpi_plugin.targets.schemas import TEXT, CommentSchema, CounterSchema, StepSchema, TargetIdsSchema
from superset_kpi_plugin.warehouse import Warehouse

MOST_MENTIONS = 100


class KpiAgreementApi(KpiRestApi):
    """The steps of an agreement."""

    resource_name = "kpi/targets"
    class_permission_name = TARGETS
    openapi_spec_component_schemas = (StepSchema, CounterSchema, CommentSchema, TargetIdsSchema)

    @kpi_route("/propose", permission="write", methods=("POST",))
    @idempotent
    def propose(self) -> Response:
        """Propose drafts.
        ---
        post:
          summary: Propose drafts, all or nothing; a change of an approved target needs a reason
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: '#/components/schemas/StepSchema'}
          responses:
            200:
              description: For how many targets the step was taken
              content:
                application/json:
                  schema: {type: object}
        """
        return self.json_response({"proposed": self._step(ProposeTargets)})

    @kpi_route("/accept", permission="write", methods=("POST",))
    @idempotent
    def accept(self) -> Response:
        """Accept what was proposed or countered.
        ---
        post:
          summary: Accept what somebody else put forward, all or nothing
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: '#/components/schemas/StepSchema'}
          responses:
            200:
              description: For how many targets the step was taken
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      accepted: {type: integer}
        """
        return self.json_response({"accepted": self._step(AcceptTargets)})

    @kpi_route("/counter", permission="approve", methods=("POST",))
    @idempotent
    def counter(self) -> Response:
        """Counter a proposal.
        ---
        post:
          summary: Answer proposals with other values, all or nothing
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: '#/components/schemas/CounterSchema'}
          responses:
            200:
              description: The targets as they are now
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      countered: {type: integer}
                      result: {type: array, items: {type: object}}
        """
        body = self.json_body()
        comment = body.get("comment")
        if comment is not None:
            comment = _loaded(CommentSchema(), {"text": comment})["text"]
        command = CounterTargets(body.get("targets"), self.username(), Warehouse(), current_reach(), comment)
        result = command.run()
        return self.json_response({"countered": len(result), "result": result})

    @kpi_route("/approve", permission="approve", methods=("POST",))
    @idempotent
    def approve(self) -> Response:
        """Approve drafts and publish.
        ---
        post:
          summary: Approve drafts, all or nothing, and publish the approved targets
          description: >-
            When the warehouse is down the targets stay approved, and the publication is `failed` with its reason.
            Somebody else than the approver must have written or proposed the values, or accepted them (KPI_FOUR_EYES).
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: '#/components/schemas/StepSchema'}
          responses:
            200:
              description: How many were approved, and what became of the publication
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      approved: {type: integer}
                      publication: {type: object}
        """
        approved = self._step(ApproveTargets)
        publication = PublishTargets(self.username(), Warehouse()).run()
        return self.json_response({"approved": approved, "publication": present_publication(publication)})

    @kpi_route("/lock", permission="approve", methods=("POST",))
    @idempotent
    def lock(self) -> Response:
        """Lock approved targets.
        ---
        post:
          summary: Close approved targets to any change, all or nothing
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: '#/components/schemas/StepSchema'}
          responses:
            200:
              description: How many were locked
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      locked: {type: integer}
        """
        return self.json_response({"locked": self._step(LockTargets)})

    @kpi_route("/unlock", permission="approve", methods=("POST",))
    @idempotent
    def unlock(self) -> Response:
        """Unlock targets.
        ---
        post:
          summary: Open locked targets again, all or nothing; needs a reason
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: '#/components/schemas/StepSchema'}
          responses:
            200:
              description: How many were unlocked
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      unlocked: {type: integer}
        """
        return self.json_response({"unlocked": self._step(UnlockTargets)})

    @kpi_route("/drafts", permission="write", methods=("DELETE",))
    @idempotent
    def discard(self) -> Response:
        """Discard drafts.
        ---
        delete:
          summary: Discard drafts, all or nothing; what is approved stays
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: '#/components/schemas/TargetIdsSchema'}
          responses:
            200:
              description: How many were discarded
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      discarded: {type: integer}
        """
        return self.json_response({"discarded": self._step(DiscardDrafts, TargetIdsSchema())})

    @kpi_route("/<int:target_id>/comments", permission="read")
    def get_comments(self, target_id: int) -> Response:
        """Comments on a target.
        ---
        get:
          summary: Comments on a target, the oldest first
          parameters:
          - {in: path, name: target_id, required: true, schema: {type: integer}}
          responses:
            200:
              description: Comments; texts are plain text, to be shown as such
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: array, items: {type: object}}
        """
        target_or_404(target_id, current_reach())
        found = db.session.query(Comment).filter_by(target_id=target_id).order_by(Comment.id)
        return self.json_response({"result": [present_comment(comment) for comment in found]})

    @kpi_route("/<int:target_id>/comments", permission="write", methods=("POST",))
    @idempotent
    def add_comment(self, target_id: int) -> Response:
        """Comment on a target.
        ---
        post:
          summary: Comment on a target and mention people
          parameters:
          - {in: path, name: target_id, required: true, schema: {type: integer}}
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: '#/components/schemas/CommentSchema'}
          responses:
            201:
              description: The comment
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: object}
        """
        body = _loaded(CommentSchema(), self.json_body())
        comment = AddComment(target_id, body["text"], body["mentions"], self.username(), current_reach()).run()
        return self.json_response({"result": present_comment(comment)}, status=201)

    @kpi_route("/mentions", permission="read")
    def get_mentions(self) -> Response:
        """Where I am mentioned.
        ---
        get:
          summary: Comments that mention the user, the newest first
          responses:
            200:
              description: At most 100 comments with their targets
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: array, items: {type: object}}
        """
        query = (
            db.session.query(Comment, Target)
            .join(Mention, Mention.comment_id == Comment.id)
            .join(Target, Target.id == Comment.target_id)
            .filter(Mention.username == self.username())
            .order_by(Comment.id.desc())
            .limit(MOST_MENTIONS)
        )
        names = ("id", "kpi_id", "entity_id", "grain", "period_start")
        reach = current_reach()
        found = [
            {**present_comment(comment), "target": {name: getattr(target, name) for name in names}}
            for comment, target in query
            if reach.covers("see", target.entity_id)
        ]
        return self.json_response({"result": found})

    @kpi_route("/audit", permission="audit")
    def get_audit(self) -> Response:
        """The audit trail.
        ---
        get:
          summary: The audit trail, the newest first, and whether it is whole
          parameters:
          - {in: query, name: page, schema: {type: integer}}
          - {in: query, name: page_size, schema: {type: integer}}
          responses:
            200:
              description: Entries with what they touched
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: array, items: {type: object}}
                      count: {type: integer}
                      faults: {type: array, items: {type: string}}
        """
        found = trail.page(*self.page())
        return self.json_response({"result": found, "count": trail.count(), "faults": trail.verify()})

    def _step(self, kind: type[Step], schema: Schema | None = None) -> int:
        """Take a step for the targets that the body names."""
        try:
            body: dict[str, Any] = (schema or StepSchema()).load(self.json_body())
        except ValidationError as error:
            if set(error.normalized_messages()) <= {"reason", "comment"}:
                raise refused(error) from None
            raise BadRequest("The request must hold a list of target ids.") from None
        words = {name: body[name] for name in ("reason", "comment") if name in body}
        return kind(body["ids"], self.username(), body.get("etags"), reach=current_reach(), **words).run()


def _loaded(schema: Schema, body: dict[str, Any]) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(body)
        return loaded
    except ValidationError as error:
        raise refused(error) from None


def refused(error: ValidationError) -> ValidationFailed:
    """A body that its schema refused, in the one error shape."""
    texts = {name: next(iter(found), "") for name, found in error.normalized_messages().items()}
    listed = [
        {"index": 0, "field": str(name), "message": translate(text if isinstance(text, str) else TEXT["invalid"])}
        for name, text in texts.items()
    ]
    return ValidationFailed(details={"errors": listed})
