"""The plugin's error tree: what the API, the command line and the commands raise.

Each error carries a stable ``code`` for programs, an HTTP ``status``, one plain sentence for people and ``details``
for the page. Messages are written in English and translated where they are shown (``locale``). This module imports
no framework. The names are the conditions themselves, as a caller reads them.
"""

# ruff: noqa: N818

from __future__ import annotations

from typing import Any


class KpiError(Exception):
    """Base of every error that the plugin raises on purpose.

    :param message: English sentence, with ``{name}`` placeholders that are filled from ``values``.
    :param details: JSON-ready context for programs (the ``details`` of the API's error shape).
    :param values: what fills the placeholders, kept apart so that the sentence can be translated first.
    """

    code = "error"
    status = 500
    #: True where the same call may succeed later without any change by the caller.
    is_transient = False

    def __init__(self, message: str = "", *, details: dict[str, Any] | None = None, **values: Any) -> None:
        self.template = message or self.default_message
        self.values = values
        self.details = details or {}
        super().__init__(self.message)

    default_message = "Something went wrong in the KPI plugin."

    @property
    def message(self) -> str:
        """The English sentence, filled in."""
        return self.template.format(**self.values) if self.values else self.template


class ValidationFailed(KpiError):
    """The request was understood and refused; ``details["errors"]`` names row, field and reason."""

    code = "validation_failed"
    status = 422
    default_message = "Nothing was saved: some values can't be accepted."


class BadRequest(KpiError):
    """The request could not be read (not JSON, an unknown parameter, a wrong type)."""

    code = "bad_request"
    status = 400
    default_message = "The request could not be read."


class Unauthorized(KpiError):
    """Nobody is logged in."""

    code = "unauthorized"
    status = 401
    default_message = "Please log in first."


class Forbidden(KpiError):
    """The user's roles don't allow this."""

    code = "forbidden"
    status = 403
    default_message = "Your roles don't allow this."


class NotFound(KpiError):
    """No such thing, or none that this user may see."""

    code = "not_found"
    status = 404
    default_message = "Not found."


class Conflict(KpiError):
    """The thing is in a state in which this can't be done."""

    code = "conflict"
    status = 409
    default_message = "This can't be done in the present state."


class PreconditionFailed(KpiError):
    """Somebody changed it in between; ``details["conflicts"]`` holds both values."""

    code = "stale"
    status = 412
    default_message = "Nothing was saved: somebody changed this in the meantime."


class CsrfRefused(BadRequest):
    """A writing request came without a valid CSRF token."""

    code = "csrf"
    default_message = (
        "The request was refused: its CSRF token is missing or has expired. Reload the page and try again."
    )


class WarehouseUnavailable(KpiError):
    """The warehouse can't be reached, is not configured, or didn't answer in time. Never holds a password."""

    code = "warehouse_unavailable"
    status = 503
    is_transient = True
    default_message = "The warehouse does not answer. Nothing was lost; try again later."


class WarehouseContractBroken(KpiError):
    """The warehouse answered, but a relation or column of the contract is missing or forbidden."""

    code = "warehouse_contract"
    status = 503
    default_message = "The warehouse lacks a part of the KPI contract. Run the build, then `superset kpi doctor`."


class SetupError(KpiError):
    """The plugin is not (completely) set up; the message says which command to run."""

    code = "setup"
    status = 503
    default_message = "The KPI plugin is not set up: run `superset kpi upgrade`."
