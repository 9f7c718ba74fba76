"""The shape of what the targets' API takes, as marshmallow schemas (also its OpenAPI)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from superset_kpi_plugin.inbound import FIRST_DAY, LARGEST_ID, LAST_DAY, NO_SUCH_DAY
from superset_kpi_plugin.targets.rules import DECIMALS, GRAINS, NUMBER_FIELDS, Problem, exact_number, first_day
from superset_kpi_plugin.targets.split import KEEP, METHODS, PLACE

REQUIRED = "Required."
NO_DATE = "Must be a date such as 2026-11-01."
UNKNOWN_FIELD = "This field is not known."
TEXT = {"required": REQUIRED, "null": REQUIRED, "invalid": "Must be a text."}


class ExactDecimal(fields.Field):
    """A number that never passes through a float: a JSON number or its digits as a string."""

    def __init__(self, decimals: int = DECIMALS, **kwargs: Any) -> None:
        self.decimals = decimals
        super().__init__(allow_none=True, metadata={"type": "string", "example": "125000.00"}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            return exact_number(value, self.decimals)
        except ValueError as error:
            raise ValidationError(str(error)) from None


def text_field(longest: int, **kwargs: Any) -> fields.String:
    """A text of one line."""
    kwargs.setdefault("error_messages", TEXT)
    if kwargs.get("allow_none"):
        kwargs["error_messages"] = {"invalid": TEXT["invalid"]}
    rule = validate.And(
        validate.Length(max=longest, error="Is too long."),
        validate.Regexp(r"^[^\x00-\x1f\x7f]*\Z", error="Must not hold control characters."),
    )
    return fields.String(validate=rule, **kwargs)


def _not_negative(value: Decimal | None) -> None:
    if value is None:
        raise ValidationError(REQUIRED)
    if value < 0:
        raise ValidationError("Must not be negative.")


def _grain() -> fields.String:
    return fields.String(
        required=True,
        validate=validate.OneOf(GRAINS, error="Must be day, week, month, quarter or year."),
        error_messages=TEXT,
    )


def first_day_field() -> fields.Date:
    """The first day of a period."""
    return fields.Date(
        required=True,
        format="iso",
        validate=validate.Range(FIRST_DAY, LAST_DAY, error=NO_SUCH_DAY),
        error_messages={"required": REQUIRED, "null": REQUIRED, "invalid": NO_DATE},
    )


def prose_field(**kwargs: Any) -> fields.String:
    """A text of several lines, at most 2,000 characters."""
    rule = validate.And(
        validate.Length(max=2000, error="Is too long."),
        validate.Regexp(r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*\Z", error="Must not hold control characters."),
    )
    return fields.String(
        validate=rule, error_messages=TEXT if kwargs.get("required") else {"invalid": TEXT["invalid"]}, **kwargs
    )


class TargetRowSchema(Schema):
    """One target to save as a draft. A value that is left out keeps what it was; null clears it."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": UNKNOWN_FIELD, "type": "Must be an object."}

    kpi_id = text_field(64, required=True)
    entity_id = text_field(255, required=True)
    grain = _grain()
    period_start = first_day_field()
    floor_value = ExactDecimal()
    target_value = ExactDecimal()
    stretch_value = ExactDecimal()
    warn_limit = ExactDecimal()
    breach_limit = ExactDecimal()
    tolerance = ExactDecimal()
    weight = ExactDecimal()
    budget = ExactDecimal()
    budget_currency = text_field(8, allow_none=True)
    headcount = ExactDecimal()
    owner = text_field(255, allow_none=True)
    reason = prose_field(allow_none=True, metadata={"description": "Why an approved target is changed"})
    etag = fields.String(
        allow_none=True,
        metadata={"description": "The row's etag as it was read; null for a row that must not exist yet"},
    )


class SaveTargetsSchema(Schema):
    """Body of PUT targets/ (documentation; rows are loaded one by one so that each error names its row)."""

    targets = fields.List(fields.Nested(TargetRowSchema), required=True)


class TargetIdsSchema(Schema):
    """Body of the steps of an agreement and of discarding drafts."""

    ids = fields.List(fields.Integer(strict=True, validate=validate.Range(1, LARGEST_ID)), required=True)
    etags = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "Etag by id: refuses with 412 what changed since it was read"},
    )


class StepSchema(TargetIdsSchema):
    """Body of propose, accept, approve, lock and unlock."""

    reason = prose_field(allow_none=True, metadata={"description": "Why an approved target is changed, or unlocked"})
    comment = prose_field(allow_none=True, metadata={"description": "Written as a comment on each target"})


class CounterSchema(Schema):
    """Body of counter: other values for what was proposed."""

    targets = fields.List(fields.Nested(TargetRowSchema), required=True)
    comment = prose_field(allow_none=True)


class SplitSchema(Schema):
    """A split of a target over its children, or over smaller periods."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": UNKNOWN_FIELD}

    kpi_id = text_field(64, required=True)
    entity_id = text_field(255, required=True)
    tree = fields.String(
        load_default="business", validate=validate.OneOf(("business", "people"), error="Must be business or people.")
    )
    grain = _grain()
    period_start = first_day_field()
    method = fields.String(
        required=True,
        validate=validate.OneOf(METHODS, error="Must be even, last_year, forecast or season."),
        error_messages=TEXT,
    )
    by = fields.String(
        load_default="entities", validate=validate.OneOf(("entities", "periods"), error="Must be entities or periods.")
    )
    into = fields.String(
        allow_none=True, validate=validate.OneOf(GRAINS, error="Must be day, week, month, quarter or year.")
    )
    amount = ExactDecimal()
    locked = fields.List(text_field(255), load_default=list)
    residual = fields.String(load_default=PLACE, validate=validate.OneOf((PLACE, KEEP), error="Must be place or keep."))
    decimals = fields.Integer(
        strict=True, allow_none=True, validate=validate.Range(0, 6, error="Must be a whole number from 0 to 6.")
    )
    apply = fields.Boolean(load_default=False)

    @validates_schema
    def _period_begins(self, data: dict[str, Any], **kwargs: Any) -> None:
        if "grain" in data and "period_start" in data:
            first = first_day(data["grain"], data["period_start"])
            if first != data["period_start"]:
                raise ValidationError("Must be the first day of a period.", "period_start")


class ObjectiveKeySchema(Schema):
    """A target by which an objective is judged."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": UNKNOWN_FIELD}

    kpi_id = text_field(64, required=True)
    entity_id = text_field(255, required=True)
    weight = ExactDecimal(load_default=Decimal(1), validate=_not_negative)


class ObjectiveSchema(Schema):
    """An objective with its keys."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": UNKNOWN_FIELD}

    name = text_field(200, required=True)
    description = prose_field(allow_none=True)
    owner = text_field(255, allow_none=True)
    grain = _grain()
    period_start = first_day_field()
    keys = fields.List(
        fields.Nested(ObjectiveKeySchema),
        required=True,
        validate=validate.Length(max=100, error="Is too long."),
        error_messages=TEXT,
    )


class WaiverSchema(Schema):
    """A waiver of a finding."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": UNKNOWN_FIELD}

    key = text_field(500, required=True)
    reason = fields.String(
        required=True,
        validate=[validate.Length(max=2000, error="Is too long."), validate.Regexp(r"\s*\S", error=REQUIRED)],
        error_messages=TEXT,
    )
    ends_on = first_day_field()


class CommentSchema(Schema):
    """A comment; ``@name`` in the text counts as a mention too."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": UNKNOWN_FIELD}

    text = prose_field(required=True)
    mentions = fields.List(text_field(64), load_default=list)


def load_rows(rows: list[Any]) -> tuple[list[dict[str, Any]], list[Problem]]:
    """The rows in Python's types, and what is wrong with their shape. Only good rows are returned when all are."""
    schema = TargetRowSchema()
    loaded: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for index, row in enumerate(rows):
        try:
            loaded.append(schema.load(row))
        except ValidationError as error:
            for name, messages in error.normalized_messages().items():
                field_name = "" if name == "_schema" else str(name)
                problems.extend(Problem(index, field_name, message) for message in messages)
    return loaded, problems


assert set(NUMBER_FIELDS) <= set(TargetRowSchema._declared_fields)  # noqa: S101 (the two lists are one contract)
