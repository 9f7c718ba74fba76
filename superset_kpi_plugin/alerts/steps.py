"""The named steps of evaluating and delivering, in order: where a process may die without harm.

Tests replace ``reached`` to kill there; otherwise it does nothing.
"""

from __future__ import annotations

EVALUATING = ("rule locked", "warehouse read", "events written", "outbox written", "states committed")
DELIVERING = ("message taken", "message sent", "message recorded", "record committed")


def reached(step: str, subject: str) -> None:
    """A process has come to ``step`` with ``subject``: a rule's id, or the key under which a message goes out."""
