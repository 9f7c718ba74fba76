"""The agreement on a target, as pure rules; imports no framework.

::

    draft --propose--> proposed --accept--> accepted --approve--> approved --lock--> locked
                          |  ^                 |                     ^                 |
                       counter propose      counter                  +-----unlock------+
                          v  |                 |
                       countered <-------------+   countered --accept--> accepted

Saving other values begins anew with a draft. An approver may approve a draft or a proposal directly; what was countered
must be accepted first. Four eyes: who wrote or proposed the values approves only after somebody else accepted them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DRAFT, PROPOSED, COUNTERED, ACCEPTED = "draft", "proposed", "countered", "accepted"
APPROVED, LOCKED = "approved", "locked"
STATES = (DRAFT, PROPOSED, COUNTERED, ACCEPTED, APPROVED, LOCKED)

#: From which stages of the open version a step may be taken; None stands for "no open version".
STEPS: dict[str, frozenset[str | None]] = {
    "propose": frozenset({DRAFT, COUNTERED}),
    "accept": frozenset({PROPOSED, COUNTERED}),
    "counter": frozenset({PROPOSED, ACCEPTED}),
    "approve": frozenset({DRAFT, PROPOSED, ACCEPTED}),
    "lock": frozenset({None}),
    "unlock": frozenset({None}),
}


@dataclass(frozen=True)
class Standing:
    """Where a target stands. ``stage`` is that of the open version, None where there is none."""

    stage: str | None = None
    has_approved: bool = False
    is_locked: bool = False
    changed_by: str | None = None
    proposed_by: str | None = None
    accepted_by: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Refusal:
    """Why a step can't be taken: an English sentence with placeholders, and the field that it is about."""

    field: str
    message: str
    values: Mapping[str, Any]
    is_forbidden: bool = False


def state_of(standing: Standing) -> str | None:
    """The state that people see: the open version's stage, else approved or locked; None without any version."""
    if standing.stage is not None:
        return standing.stage
    if not standing.has_approved:
        return None
    return LOCKED if standing.is_locked else APPROVED


def refusal(step: str, standing: Standing, actor: str, reason: str | None, four_eyes: bool) -> Refusal | None:
    """Why ``actor`` can't take ``step``; None where it can be taken."""
    if standing.is_locked and step != "unlock":
        return Refusal("ids", "Target {id} is locked; unlock it first.", {})
    if step in ("lock", "unlock"):
        return _lock_refusal(step, standing, reason)
    if standing.stage is None:
        return Refusal("ids", "Target {id} has no draft.", {})
    if standing.stage not in STEPS[step]:
        return Refusal("ids", "Target {id} is {state}: this step can't be taken.", {"state": standing.stage})
    if step in ("propose", "approve") and standing.has_approved and not (reason or standing.reason):
        return Refusal("reason", "Target {id} was approved before: say why it changes.", {})
    return _people_refusal(step, standing, actor, four_eyes)


def _people_refusal(step: str, standing: Standing, actor: str, four_eyes: bool) -> Refusal | None:
    if step == "accept" and actor in _behind(standing):
        return Refusal("ids", "Target {id} must be accepted by somebody else than who put it forward.", {}, True)
    if step == "approve" and four_eyes and is_alone(standing, actor):
        return Refusal("ids", "Target {id} must be approved by somebody else than who wrote or proposed it.", {}, True)
    return None


def _lock_refusal(step: str, standing: Standing, reason: str | None) -> Refusal | None:
    if standing.stage is not None or not standing.has_approved:
        return Refusal("ids", "Target {id} can be locked once it is approved and has no open draft.", {})
    if step == "unlock" and not standing.is_locked:
        return Refusal("ids", "Target {id} is not locked.", {})
    if step == "unlock" and not reason:
        return Refusal("reason", "Say why target {id} is unlocked.", {})
    return None


def _behind(standing: Standing) -> set[str | None]:
    """Who put the values forward: the proposer, or who countered."""
    return {standing.changed_by if standing.stage == COUNTERED else standing.proposed_by}


def is_alone(standing: Standing, actor: str) -> bool:
    """Whether ``actor`` put the values forward (wrote them, where nobody proposed them), and nobody else accepted."""
    accepted_by_other = standing.accepted_by not in (None, actor)
    return actor == (standing.proposed_by or standing.changed_by) and not accepted_by_other
