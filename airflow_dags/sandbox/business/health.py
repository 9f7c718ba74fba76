"""How the simulated seller's accounts stand with Amazon: the metrics of account health, and buyers' feedback.

The counts of orders are the simulation's own; the rates are planted: `cascade_us` is just below the limit of order
defects, `harbor_us` uses more than 70 % of its limit of late shipments, all else is far from any limit. Rates drift a
little from day to day. Feedback comes some days after a shipment; at revision 1 some of the last two weeks' is gone.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from airflow_dags.sandbox.business.calendar import marketplace_day
from airflow_dags.sandbox.business.catalogue import stable_number, stable_share
from airflow_dags.sandbox.business.records import SHIPPED

if TYPE_CHECKING:
    from airflow_dags.sandbox.business.simulation import Business

# (target, must the rate be lower?, days of the range, days by which the range ends before today)
RULES = {
    "orderDefectRate": (Decimal("0.01"), True, 60, 1),
    "lateShipmentRate": (Decimal("0.04"), True, 30, 1),
    "preFulfillmentCancellationRate": (Decimal("0.025"), True, 7, 1),
    "validTrackingRate": (Decimal("0.95"), False, 30, 4),
    "onTimeDeliveryRate": (Decimal("0.90"), False, 14, 11),
}
_USUAL = {
    "orderDefectRate": "0.0031",
    "lateShipmentRate": "0.0124",
    "preFulfillmentCancellationRate": "0.0052",
    "validTrackingRate": "0.9843",
    "onTimeDeliveryRate": "0.9612",
}
PLANTED = {("cascade_us", "orderDefectRate"): "0.0095", ("harbor_us", "lateShipmentRate"): "0.0312"}
RESTATED_DAYS, FEEDBACK_SHARE, REMOVED_SHARE = 14, 0.02, 0.3
COMMENTS = {
    5: ("Great seller, arrived early", "Exactly as described – très bien", ""),
    4: ("Good, box was dented", ""),
    3: ("Took a while", "It’s ok"),
    2: ("Wrong colour, slow answer", "Late"),
    1: ("Never arrived", "Broken on arrival, no reply"),
}
_RATINGS = (5,) * 16 + (4,) * 5 + (3,) * 2 + (2,) + (1,) * 2


@dataclass(frozen=True, slots=True)
class Health:
    """One metric of an account as of a day; ``rate`` is a fraction, the range of days is inclusive."""

    metric: str
    rate: Decimal
    target: Decimal
    is_lower_better: bool
    orders: int
    count: int
    first: date
    last: date

    @property
    def is_good(self) -> bool:
        return self.rate < self.target if self.is_lower_better else self.rate > self.target


@dataclass(frozen=True, slots=True)
class FeedbackGiven:
    """A buyer's rating of the seller, 1 to 5, by the marketplace day on which it was left."""

    day: date
    order_id: str
    rating: int
    comment: str
    response: str
    buyer: int


def health_of(business: Business, account_id: str, revision: int) -> list[Health]:
    """The account's metrics as of the end of the data. The restatement finds one more late shipment."""
    return [_metric(business, account_id, name, revision) for name in RULES]


def _metric(business: Business, account_id: str, name: str, revision: int) -> Health:
    target, is_lower_better, length, lag = RULES[name]
    last = business.as_of - timedelta(days=lag)
    first = last - timedelta(days=length - 1)
    orders = _seller_shipped(business, account_id, first, last)
    drift = Decimal(stable_number(business.seed, account_id, name, business.as_of) % 5).scaleb(-4)
    rate = Decimal(PLANTED.get((account_id, name), _USUAL[name])) + drift * (1 if name != "orderDefectRate" else 0)
    if revision and name == "lateShipmentRate":
        rate += Decimal("0.0003")
    return Health(name, rate, target, is_lower_better, orders, int(orders * rate), first, last)


def _seller_shipped(business: Business, account_id: str, first: date, last: date) -> int:
    return sum(
        order.account.account_id == account_id and order.is_merchant_fulfilled and first <= order.day <= last
        for month in business.months
        for order in business.orders(month, 0)
    )


def feedback_on(business: Business, account_id: str, day: date, revision: int) -> list[FeedbackGiven]:
    """The feedback that was left on the marketplace day, as the revision shows it."""
    found = _all_feedback(business).get((account_id, day), [])
    if revision and (business.as_of - day).days <= RESTATED_DAYS:
        return [one for one in found if stable_share(business.seed, one.order_id, "removed") >= REMOVED_SHARE]
    return found


_found: WeakKeyDictionary[Business, dict[tuple[str, date], list[FeedbackGiven]]] = WeakKeyDictionary()
_lock = threading.RLock()


def _all_feedback(business: Business) -> dict[tuple[str, date], list[FeedbackGiven]]:
    with _lock:
        if business not in _found:
            days: dict[tuple[str, date], list[FeedbackGiven]] = defaultdict(list)
            for month in business.months:
                for order in business.orders(month, 0):
                    draw = stable_share(business.seed, order.order_id, "feedback")
                    if order.status != SHIPPED or draw >= FEEDBACK_SHARE:
                        continue
                    day = marketplace_day(order.updated_at + timedelta(days=2 + 700 * draw))
                    if day <= business.last_day:
                        days[order.account.account_id, day].append(_feedback(business, order.order_id, day))
            _found[business] = dict(days)
        return _found[business]


def _feedback(business: Business, order_id: str, day: date) -> FeedbackGiven:
    number = stable_number(business.seed, order_id, "buyer")
    rating = _RATINGS[number % len(_RATINGS)]
    comment = COMMENTS[rating][number // 100 % len(COMMENTS[rating])]
    response = "We are sorry and have sent a new one." if rating < 3 and number % 3 else ""
    return FeedbackGiven(day, order_id, rating, comment, response, number % 10**9)
