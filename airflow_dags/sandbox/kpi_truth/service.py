"""Service, account health, people and plans.

- contacts: tickets by the day of the selling account on which the buyer wrote (the desk's export of messages holds the
  same ones again); hours from the message to the first reply in whole minutes; without a reply within 24 hours when
  these had passed at the end of the data. Ratings of answers by the day on which they were given.
- stars: feedback on the seller by its day. Account health: the rates of the day on which the data are asked for; of
  Walmart those that the seller answers for, over 30 days, refunds over 60.
- budgets for ads are whole months'; heads are those of the month, gmv and margin per head with the month's so far.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from airflow_dags.sandbox.business import Business, erp_records
from airflow_dags.sandbox.business.calendar import add_months, marketplace_day
from airflow_dags.sandbox.business.health import feedback_on, health_of
from airflow_dags.sandbox.business.support import tickets
from airflow_dags.sandbox.business.walmart_service import rate
from airflow_dags.sandbox.kpi_truth.book import Book, Kpi, Month, Numbers, money, of, ratio, summed, zero
from airflow_dags.sandbox.kpi_truth.entities import COMPANY, Entity, account_entity, platform_entity
from airflow_dags.sandbox.kpi_truth.finance import KPIS as FINANCE

DAY = timedelta(hours=24)
AMAZON_RATES = {
    "orderDefectRate": "odr",
    "lateShipmentRate": "late_shipment_rate",
    "preFulfillmentCancellationRate": "cancel_rate",
    "validTrackingRate": "valid_tracking_rate",
    "onTimeDeliveryRate": "on_time_delivery_rate",
}
# Walmart's name: the KPI, the days of its window, whether Walmart tells the seller's own part apart.
WALMART_RATES = {
    "lateShipment": ("late_shipment_rate", 30, False),
    "cancellations": ("cancel_rate", 30, False),
    "vtr": ("valid_tracking_rate", 30, False),
    "otd": ("on_time_delivery_rate", 30, True),
    "srr": ("seller_response_rate", 30, True),
    "refunds": ("platform_refund_rate", 60, False),
}
RATES = (*AMAZON_RATES.values(), "seller_response_rate", "platform_refund_rate")


def _nps(numbers: Numbers) -> Decimal | None:
    balance = numbers.less("promoters", "detractors")
    return None if balance is None else 100 * balance


KPIS: dict[str, Kpi] = {
    **{name: summed(name) for name in ("contacts", "first_response_p50", "first_response_p90", "ipi", "headcount")},
    **{name: summed(name) for name in RATES},
    "contact_rate": Kpi(("is_served",), zero("contacts"), of("orders")),
    "response_24h_rate": ratio("answered_in_24h", "response_due"),
    "csat": ratio("good_ratings", "answered_ratings"),
    "seller_rating": ratio("stars", "seller_ratings"),
    "negative_feedback_rate": ratio("negative_ratings", "seller_ratings"),
    "nps": Kpi(("responses",), _nps, of("responses")),
    "budget_use": Kpi(("planned_ad_spend",), of("ad_cost"), of("planned_ad_spend")),
    "gmv_per_head": Kpi(("headcount",), of("gmv"), of("headcount")),
    "margin_per_head": Kpi(("headcount",), FINANCE["gross_margin"].numerator, of("headcount")),
}


def add(book: Book, business: Business, month: Month) -> None:
    above = _above(business)
    _add_contacts(book, business, month, above)
    for account in business.catalogue.accounts:
        entities = above[account.account_id]
        for day in month.days:
            for one in feedback_on(business, account.account_id, day, month.revision):
                negative = int(one.rating <= 2)
                book.count(entities, stars=one.rating, seller_ratings=1, negative_ratings=negative)
    if month.first <= business.as_of < add_months(month.first, 1):
        _add_health(book, business, month)
    _add_plans(book, business, month)
    _add_scores(book, business, month, above)


def _above(business: Business) -> dict[str, tuple[Entity, ...]]:
    """An account, its platform and the company, by the account's id."""
    platforms = {account.account_id: "amazon_sp" for account in business.catalogue.accounts}
    platforms |= {shop.account_id: shop.platform for shop in business.shops}
    return {name: (COMPANY, platform_entity(platform), account_entity(name)) for name, platform in platforms.items()}


# -- Contacts ------------------------------------------------------------------------------------------------------


def _add_contacts(book: Book, business: Business, month: Month, above: dict[str, tuple[Entity, ...]]) -> None:
    end = add_months(month.first, 1)
    zones = {shop.account_id: shop.zone for shop in business.shops}

    def day_of(account_id: str, instant: datetime) -> date:
        zone: ZoneInfo | None = zones.get(account_id)
        return instant.astimezone(zone).date() if zone else marketplace_day(instant)

    def counts(account_id: str, instant: datetime) -> bool:
        # All that is known: in the zones of the east the day after the last one has begun.
        return month.first <= day_of(account_id, instant) < end

    hours: dict[Entity, list[Decimal]] = defaultdict(list)
    served: set[Entity] = set()
    for ticket in tickets(business, month.revision):
        agent = (("person", f"person:{ticket.agent.employee_id}"), ("team", f"team:{ticket.agent.team_id}"))
        entities = (*above[ticket.account_id], *agent)
        served.update(above[ticket.account_id])
        if counts(ticket.account_id, ticket.created_at):
            minutes = ticket.first_reply_minutes
            book.count(entities, contacts=1)
            if minutes is not None or ticket.created_at + DAY <= business.closed_at:
                in_time = minutes is not None and minutes <= 24 * 60
                book.count(entities, response_due=1, answered_in_24h=int(in_time))
            if minutes is not None:
                for entity in entities:
                    hours[entity].append(Decimal(minutes) / 60)
        rating = ticket.rating
        is_given = rating is not None and rating.score in ("good", "bad")
        if rating and is_given and counts(ticket.account_id, rating.updated_at):
            book.count(entities, answered_ratings=1, good_ratings=int(rating.score == "good"))
    for entity, waits in hours.items():
        book.count([entity], first_response_p50=percentile(waits, "0.5"), first_response_p90=percentile(waits, "0.9"))
    book.count(served, is_served=0)


def percentile(values: Iterable[Decimal], share: str) -> Decimal:
    """Continuous: between the two nearest values in proportion."""
    ordered = sorted(values)
    place = Decimal(share) * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


# -- Account health, plans, scores -----------------------------------------------------------------------------------


def _add_health(book: Book, business: Business, month: Month) -> None:
    for account in business.catalogue.accounts:
        for one in health_of(business, account.account_id, month.revision):
            book.count([account_entity(account.account_id)], **{AMAZON_RATES[one.metric]: one.rate})
    for shop in business.shops:
        if shop.platform != "walmart":
            continue
        for metric, (kpi_id, days, has_own_part) in WALMART_RATES.items():
            found = rate(business, shop, metric, days=days, revision=month.revision)
            if found is not None:
                percent = found.accountable_percent if has_own_part else found.percent
                book.count([account_entity(shop.account_id)], **{kpi_id: percent / 100})


def _add_plans(book: Book, business: Business, month: Month) -> None:
    for account_id, first, cents in erp_records.ad_budgets(business):
        if first == month.first:
            book.count([account_entity(account_id)], planned_ad_spend=money(cents))
    for team_id, first, _, actual in erp_records.headcount(business):
        if first == month.first and actual is not None:
            book.count([("team", f"team:{team_id}"), COMPANY], headcount=actual)


def _add_scores(book: Book, business: Business, month: Month, above: dict[str, tuple[Entity, ...]]) -> None:
    latest: dict[str, Decimal] = {}
    for day, account_id, score, value, promoters, detractors, responses in erp_records.scores(business):
        if not month.holds(day):
            continue
        if score == "ipi" and value is not None:
            latest[account_id] = value
        if promoters is not None and detractors is not None and responses is not None:
            book.count(above[account_id], promoters=promoters, detractors=detractors, responses=responses)
    for account_id, value in latest.items():
        book.count([account_entity(account_id)], ipi=value)
