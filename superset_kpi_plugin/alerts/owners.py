"""The people who answer for KPIs: how to reach them, in which language, and who is next when they don't answer.

KPI_OWNERS names them by the owner that targets and the warehouse name (an employee's id, or a name):
``{"e003": {"email": ..., "user": ..., "locale": "zh", "next": "e001"}}``. An owner who isn't there is looked up among
Superset's users.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from superset_kpi_plugin.config import setting

LONGEST_CHAIN = 10


@dataclass(frozen=True)
class Owner:
    """One person. ``user`` is the Superset user whose row scope bounds what is sent; None is nobody known."""

    name: str
    email: str | None = field(default=None, repr=False)
    user: str | None = None
    locale: str | None = None
    next: str | None = None


def find(name: str | None) -> Owner | None:
    """The owner of that id or name; None where nobody is named."""
    if not name:
        return None
    entry = (setting("KPI_OWNERS") or {}).get(name)
    if entry is not None:
        known = {key: entry.get(key) for key in ("email", "user", "locale", "next")}
        return Owner(name, **known)
    user = _superset_user(name)
    return Owner(name, getattr(user, "email", None), getattr(user, "username", None))


def username_of(name: str) -> str:
    """The Superset user who is that owner as KPI_OWNERS says; the name itself where it says nothing."""
    entry = (setting("KPI_OWNERS") or {}).get(name) or {}
    return str(entry.get("user") or name)


def at_step(name: str | None, step: int) -> Owner | None:
    """The owner after ``step`` steps of escalation (0 is the owner); None where the chain ends before."""
    owner = find(name)
    for _ in range(min(step, LONGEST_CHAIN)):
        owner = find(owner.next) if owner and owner.next else None
    return owner


def by_email(email: str) -> Owner | None:
    """The owner in KPI_OWNERS with that address."""
    for name, entry in (setting("KPI_OWNERS") or {}).items():
        if str(entry.get("email") or "").lower() == email.lower():
            return find(str(name))
    return None


def names_of(user: Any) -> frozenset[str]:
    """The names by which targets may call a Superset user: the other way round of `find`."""
    username, email = getattr(user, "username", "") or "", (getattr(user, "email", "") or "").lower()
    names = {username, email} - {""}
    for name, entry in (setting("KPI_OWNERS") or {}).items():
        theirs = {entry.get("user"), str(entry.get("email") or "").lower()} - {None, ""}
        if theirs & names:
            names.add(str(name))
    return frozenset(names)


def _superset_user(name: str) -> object | None:
    from superset.extensions import security_manager

    return security_manager.find_user(username=name) or security_manager.find_user(email=name)
