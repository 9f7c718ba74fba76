# ruff: noqa: N818 (the names say what happened; the base class says that it is an error)
"""The pipeline's errors: one tree that knows what is worth trying again (transient) and what is not (terminal).

Each message is one line for a person: what happened, that nothing was lost, what to do. The context (platform, stream,
account, status ...) is in attributes, never a secret.
"""

from __future__ import annotations

from typing import Any

NOTHING_CHANGED = "nothing was changed"


class PipelineError(Exception):
    """Base of all errors that the pipeline raises on purpose."""

    is_transient = False

    def __init__(self, message: str, **context: Any) -> None:
        super().__init__(" ".join(message.split()))
        self.context = context

    @property
    def message(self) -> str:
        return str(self.args[0])


class TransientError(PipelineError):
    """The same call may succeed later without anybody doing anything."""

    is_transient = True


class Throttled(TransientError):
    """The platform asked for patience; ``retry_after`` is in seconds, or None where it gave no time."""

    def __init__(self, message: str, retry_after: float | None = None, **context: Any) -> None:
        super().__init__(message, retry_after=retry_after, **context)
        self.retry_after = retry_after


class ServerUnavailable(TransientError):
    """The platform answered 5xx, or with something that is not its protocol."""


class NetworkFailed(TransientError):
    """No answer: connection refused or reset, timeout, a body that ended early."""


class NotReady(TransientError):
    """A report was not finished within the time that the caller gave it."""


class PagingBroken(TransientError):
    """A list that was read page by page came back to where it was, or doesn't have the rows that it stated."""


class WarehouseUnavailable(TransientError):
    """The warehouse can't be reached; a load that was under way was rolled back by the server."""


class BuildFailed(TransientError):
    """A model or a test of the KPI layer failed.

    Streams that belong together may have been at different states, because a load was under way: try again.
    """


class TerminalError(PipelineError):
    """Somebody has to change something first."""


class ConfigurationError(TerminalError):
    """A setting, connection or name is missing or wrong."""


class LoginRefused(TerminalError):
    """The platform or the warehouse refused the credentials."""


class RequestRefused(TerminalError):
    """The platform refused the request (4xx other than login and throttling)."""


class ReportFailed(TerminalError):
    """The platform gave up on a report (FATAL, FAILED)."""


class DocumentBroken(TerminalError):
    """A file that can't be read: truncated, not of the promised format, too large."""


class WrongDocument(TerminalError):
    """A readable file that holds another report, or lacks columns that the contract needs."""


class WrongAccount(TerminalError):
    """The file's rows belong to another account."""


class AllRowsRefused(TerminalError):
    """Not one row of the document meets the contract."""
