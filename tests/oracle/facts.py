"""A fact: one row of a source of measures, and the entities that it counts for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.oracle.books import REPORTING_CURRENCY, Books
from tests.oracle.missing import Exact

REPORTING_KINDS = {"company", "platform", "team", "person"}


@dataclass
class Fact:
    """Measures of one row: numbers by name; a count of distinct things holds the thing itself.

    ``sku``, ``campaign``, ``ad_group`` and ``person`` are None where the row isn't of one; ``entity`` names kind and id
    of a row that is of none of these.
    """

    account: str
    day: date
    measures: dict[str, Any]
    currency: str | None = None
    sku: str | None = None
    campaign: str | None = None
    ad_group: str | None = None
    person: str | None = None
    team: str | None = None
    entity: tuple[str, str] | None = None
    # The entity's account, where that is another one.
    extra: dict[str, Any] = field(default_factory=dict)


def entities_of(fact: Fact, books: Books) -> list[tuple[str, str]]:
    """Kind and id of each entity that a fact counts for."""
    if fact.entity:
        return [fact.entity]
    account = fact.account
    found = [("company", "company")]
    if account in books.selling:
        found += [("platform", f"platform:{books.platform(account)}"), ("account", f"account:{account}")]
    person, team = fact.person, fact.team
    if fact.sku is not None:
        found.append(("sku", f"sku:{account}/{fact.sku}"))
        found.append(("category", f"category:{account}/{books.category(account, fact.sku)}"))
        person, team = books.owner(account, fact.sku, fact.day)
    if person:
        found.append(("person", f"person:{person}"))
    if team:
        found.append(("team", f"team:{team}"))
    if fact.campaign is not None:
        found.append(("campaign", f"campaign:{account}/{fact.campaign}"))
    if fact.ad_group is not None:
        found.append(("ad_group", f"ad_group:{account}/{fact.ad_group}"))
    return found


def currency_of(kind: str, entity: str, fact: Fact, books: Books) -> str:
    """The currency of the entity's money: its account's, and the reporting currency above accounts and of people."""
    if kind in REPORTING_KINDS:
        return REPORTING_CURRENCY
    account = entity.split(":", 1)[1].split("/", 1)[0] if fact.entity else fact.account
    return books.currency(account)


def number(value: int | None) -> Exact | None:
    return None if value is None else Exact(value)
