"""Where a difference stands, as pure rules; imports no framework.

::

    open --explain--> explained --sign--> signed --its last day passes, or an amount changes--> lapsed --sign--> signed
    open --sign--> signed --withdraw--> what it was before

A sign-off is for the amounts that were signed. When a build finds others, it holds no longer, whatever its last day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from typing import Any

OPEN, EXPLAINED, SIGNED, LAPSED = "open", "explained", "signed", "lapsed"
STANDINGS = (OPEN, LAPSED, EXPLAINED, SIGNED)
ENDED, CHANGED = "ended", "changed"
#: States of kpi_reconciliation that somebody has to answer for.
DIFFERENT = ("different", "missing_in_erp", "missing_on_platform")
REASONS = (
    *("timing", "exchange_rate", "rounding", "booking_error", "platform_error", "missing_document"),
    *("fee_not_booked", "refund_pending", "other"),
)
#: How the tables keep amounts: 26 digits before the point, and these after it.
DECIMALS = 12
PLACES = Decimal(1).scaleb(-DECIMALS)
EXACT = Context(prec=60)


@dataclass(frozen=True)
class Standing:
    """``lapse`` says why a sign-off no longer holds; ``record`` is the one that counts."""

    name: str = OPEN
    lapse: str | None = None
    record: Any = None


def standing_of(difference: dict[str, Any], records: Iterable[Any], today: date) -> Standing:
    """Where a difference stands today.

    :param difference: its row of kpi_reconciliation as it is now, its amounts as the table of records would keep them.
    :param records: what was said of it, the oldest first; what was withdrawn doesn't count.
    """
    said = [record for record in records if record.withdrawn_at is None]
    signed = next((record for record in reversed(said) if record.kind == SIGNED), None)
    if signed is not None:
        lapse = _lapse(difference, signed, today)
        return Standing(LAPSED if lapse else SIGNED, lapse, signed)
    return Standing(EXPLAINED, None, said[-1]) if said else Standing()


def _lapse(difference: dict[str, Any], signed: Any, today: date) -> str | None:
    if (
        not same_amounts(difference, signed.difference, signed.absolute_difference)
        or difference["state"] != signed.state
    ):
        return CHANGED
    return ENDED if signed.ends_on < today else None


def same_amounts(row: dict[str, Any], difference: Any, absolute_difference: Any) -> bool:
    """Whether a difference still has these amounts, to the digits that the table keeps."""
    pairs = ((row["difference"], difference), (row["absolute_difference"], absolute_difference))
    return all(_kept(now) == _kept(then) for now, then in pairs)


def _kept(amount: Any) -> Decimal | None:
    return None if amount is None else EXACT.quantize(Decimal(amount), PLACES)
