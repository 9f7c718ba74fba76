"""The people who answer for KPIs: how to reach them, in which language, and who is next when they don't answer.

KPI_OWNERS names them by the owner that targets and the warehouse name (an employee's id, or a name):
``{"e003": {"email": ..., "user": ..., "locale": "zh", "next": "e001"}}``. An owner who isn't there is looked up among
Superset's users.
"""

from __future__ import annotations

from dataclasses import dataclass, field

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


def names_of(user: str | None, email: str | None) -> set[str]:
    """Every name under which targets and alerts may know a Superset user."""
    names = {name for name in (user, email) if name}
    entries = (setting("KPI_OWNERS") or {}).items()
    return names | {str(name) for name, entry in entries if user and entry.get("user") == user}


def _superset_user(name: str) -> object | None:
    from superset.extensions import security_manager

    return security_manager.find_user(username=name) or security_manager.find_user(email=name)
