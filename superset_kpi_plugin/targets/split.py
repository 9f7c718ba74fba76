"""Top-down: an amount over the children of a target. Pure; imports no framework. Nothing is ever lost to rounding.

The parts are whole multiples of the smallest unit (cents: two decimals). Locked cells hold what they have; the rest
goes to the others by their weights. With ``place`` what rounding leaves goes where the rounding took most (largest
remainder), and what is smaller than the unit itself to the largest part, so that ``amount = parts`` exactly; with
``keep`` every part is rounded towards zero and the residual stays at the parent: ``amount = parts + residual``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Context, Decimal, localcontext

METHODS = ("even", "last_year", "forecast", "season")
PLACE, KEEP = "place", "keep"
#: Enough for 18 digits before the point times a weight of as many.
EXACT = Context(prec=80)


class SplitError(ValueError):
    """The amount can't be split; the text is an English sentence."""


@dataclass(frozen=True)
class Split:
    """Parts by key (locked ones as they were), what stays at the parent, and each free part's share of what was split.

    ``fallback``: no key had a weight, so the amount was split evenly. ``unweighted``: keys that got nothing for want of
    a weight.
    """

    parts: dict[str, Decimal]
    residual: Decimal
    shares: dict[str, Decimal]
    fallback: bool = False
    unweighted: tuple[str, ...] = ()


def split(
    amount: Decimal,
    weights: Mapping[str, Decimal | None],
    locked: Mapping[str, Decimal] | None = None,
    *,
    residual: str = PLACE,
    decimals: int = 2,
) -> Split:
    """Split ``amount`` over the keys of ``weights``.

    :param weights: last year's value, forecast or season's factor by key; None or not positive is no weight.
    :param locked: what locked keys hold; keys that have no weight may be among them.
    :raises SplitError: locked cells hold more than the amount, or there is nothing to split over.
    """
    held = dict(locked or {})
    free = [key for key in weights if key not in held]
    with localcontext(EXACT):
        rest = amount - sum(held.values(), Decimal(0))
        if rest and amount and (rest < 0) != (amount < 0):
            raise SplitError("The locked cells hold more than the amount.")
        if not free:
            if not held:
                raise SplitError("There is nothing to split over.")
            return Split(held, rest, {})
        usable = {key: weight for key in free if (weight := weights[key]) is not None and weight > 0}
        fallback = not usable
        chosen = dict.fromkeys(free, Decimal(1)) if fallback else usable
        total = sum(chosen.values(), Decimal(0))
        shares = {key: chosen.get(key, Decimal(0)) / total for key in free}
        exact = {key: rest * chosen.get(key, Decimal(0)) / total for key in free}
        parts, left = _rounded(rest, exact, free, decimals, residual)
    unweighted = () if fallback else tuple(key for key in free if key not in usable)
    return Split({**held, **parts}, left, shares, fallback, unweighted)


def _rounded(
    rest: Decimal, exact: Mapping[str, Decimal], free: Sequence[str], decimals: int, residual: str
) -> tuple[dict[str, Decimal], Decimal]:
    unit = Decimal(1).scaleb(-decimals)
    parts = {key: exact[key].quantize(unit, ROUND_DOWN) for key in free}
    left = rest - sum(parts.values(), Decimal(0))
    if residual == KEEP:
        return parts, left
    sign = unit if left > 0 else -unit
    # Largest remainder first; equal remainders in the order given.
    order = sorted(free, key=lambda key: -abs(exact[key] - parts[key]))
    for key in order[: int(abs(left) / unit)]:
        parts[key] += sign
        left -= sign
    if left:
        parts[max(free, key=lambda key: abs(exact[key]))] += left
    return parts, Decimal(0)
