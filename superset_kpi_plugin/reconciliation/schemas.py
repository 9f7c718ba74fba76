"""The shape of what the reconciliation's API takes, as marshmallow schemas (also its OpenAPI)."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from superset_kpi_plugin.reconciliation import listing
from superset_kpi_plugin.reconciliation.commands import LONGEST
from superset_kpi_plugin.reconciliation.standing import REASONS
from superset_kpi_plugin.targets.schemas import REQUIRED, TEXT, ExactDecimal, text_field

#: A difference comes back as it was shown; one in another currency may have many digits. It is compared as it is kept.
MOST_DECIMALS = 60


def _not_blank(text: str) -> None:
    if not text.strip():
        raise ValidationError(REQUIRED)


def _end(day: date) -> None:
    if day < listing.today():
        raise ValidationError("Must not lie in the past.")
    if day > listing.today() + LONGEST:
        raise ValidationError("Must lie within a year.")


class ExplainDifferenceSchema(Schema):
    """Why there is a difference."""

    class Meta:
        unknown = RAISE

    id = text_field(500, required=True)
    reason_code = fields.String(
        required=True, validate=validate.OneOf(REASONS, error="Must be one of the reasons."), error_messages=TEXT
    )
    note = fields.String(
        required=True,
        validate=validate.And(validate.Length(max=2000, error="Is too long."), _not_blank),
        error_messages=TEXT,
    )


class SignDifferenceSchema(ExplainDifferenceSchema):
    """A sign-off: the amounts as they were seen, and the last day on which it holds."""

    difference: Any = ExactDecimal(MOST_DECIMALS, required=True, error_messages={"required": REQUIRED})
    absolute_difference: Any = ExactDecimal(MOST_DECIMALS, required=True, error_messages={"required": REQUIRED})
    ends_on = fields.Date(
        required=True,
        validate=_end,
        error_messages={"required": REQUIRED, "invalid": "Must be a date such as 2026-11-01.", "null": REQUIRED},
    )
