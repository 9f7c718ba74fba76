"""The table of explanations and sign-offs in Superset's metadata database. Imported inside the app's start-up only."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.types import TypeDecorator


class Amount(TypeDecorator):  # type: ignore[misc]
    """An exact amount. SQLite keeps numbers as floats, and gives back the shortest decimal that stands for one."""

    impl = sa.Numeric(38, 12)
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        """On SQLite the float itself, which the generic type would write out to digits that nobody entered."""
        return dialect.type_descriptor(sa.Numeric(38, 12, asdecimal=not is_inexact(dialect)))

    def process_result_value(self, value: Any, dialect: Any) -> Decimal | None:
        """A Decimal on every database."""
        return Decimal(repr(value)) if isinstance(value, float) else value


def is_inexact(dialect: Any) -> bool:
    """Whether a database keeps amounts as floats."""
    return bool(dialect.name == "sqlite")


def kept(amount: Decimal | None, dialect: Any) -> Decimal | None:
    """The amount as the table would give it back."""
    return Decimal(repr(float(amount))) if amount is not None and is_inexact(dialect) else amount


class DifferenceRecord(Model):  # type: ignore[misc]
    """What somebody said of a difference, with its amounts at that time (in ``currency``); rows are never deleted.

    ``kind`` is explained or signed. ``ends_on`` is the last day on which a sign-off holds; an explanation has none.
    """

    __tablename__ = "kpi_difference_record"
    __table_args__ = (sa.Index("ix_kpi_difference_record_of", "reconciliation_id"),)

    id = sa.Column(sa.Integer, primary_key=True)
    kind = sa.Column(sa.String(16), nullable=False)
    reconciliation_id = sa.Column(sa.String(500), nullable=False)
    entity_id = sa.Column(sa.String(300), nullable=False)
    state = sa.Column(sa.String(32), nullable=False)
    difference = sa.Column(Amount)
    absolute_difference = sa.Column(Amount)
    currency = sa.Column(sa.String(8))
    reason_code = sa.Column(sa.String(32), nullable=False)
    note = sa.Column(sa.Text, nullable=False)
    ends_on = sa.Column(sa.Date)
    created_by = sa.Column(sa.String(64), nullable=False)
    created_at = sa.Column(sa.DateTime, nullable=False)
    withdrawn_by = sa.Column(sa.String(64))
    withdrawn_at = sa.Column(sa.DateTime)
