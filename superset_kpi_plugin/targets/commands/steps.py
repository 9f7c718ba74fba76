"""The steps of an agreement: propose, accept, approve, lock, unlock. Set-based, all or nothing, audited.

Publishing follows an approval as a command of its own, so that a warehouse that is down undoes no approval.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from superset.extensions import db

from superset_kpi_plugin.access.reach import EVERYTHING, Power, Reach
from superset_kpi_plugin.audit import trail
from superset_kpi_plugin.config import setting
from superset_kpi_plugin.targets import agreement, checking, storage
from superset_kpi_plugin.targets.commands.checks import locked_within, refuse, refuse_forbidden, refuse_too_many
from superset_kpi_plugin.targets.commands.comment import write_with_step
from superset_kpi_plugin.targets.models import APPROVED, DISCARDED, SUPERSEDED, TargetVersion, utc_now
from superset_kpi_plugin.targets.rules import Problem


class Step:
    """One step for many targets.

    :param etags: etag by target id; people agree to what they read, not to what came after.
    :param reason: why an approved target changes, or is unlocked; a reason given earlier stays.
    :param comment: written as a comment on each target.
    :raises ValidationFailed: a target is unknown, or stands where the step can't be taken.
    :raises Forbidden: a target lies outside the reach, or the same person stands on both sides.
    :raises PreconditionFailed: a target changed since its etag was read.
    """

    name = ""
    power: Power = "edit"

    def __init__(
        self,
        ids: Sequence[int],
        actor: str,
        etags: dict[str, str] | None = None,
        *,
        reason: str | None = None,
        comment: str | None = None,
        reach: Reach = EVERYTHING,
    ) -> None:
        self.ids = ids
        self.actor = actor
        self.etags = etags or {}
        self.reason = (reason or "").strip() or None
        self.comment = (comment or "").strip() or None
        self.reach = reach
        self.four_eyes = bool(setting("KPI_FOUR_EYES"))
        self.needs_owner = bool(setting("KPI_OWNER_REQUIRED"))

    def validate(self) -> list[storage.Locked]:
        """Lock the targets and refuse what can't take the step."""
        refuse_too_many(self.ids)
        locked = locked_within(self.ids, self.etags, self.reach, self.power)
        problems: list[Problem] = []
        forbidden: list[Problem] = []
        for index, item in enumerate(locked):
            found = self.refusal(item)
            if found is not None:
                problem = Problem(index, found.field, found.message, {**found.values, "id": item.target.id})
                (forbidden if found.is_forbidden else problems).append(problem)
        refuse(problems)
        refuse_forbidden(forbidden)
        return locked

    def refusal(self, item: storage.Locked) -> agreement.Refusal | None:
        """Why one target can't take the step."""
        return agreement.refusal(self.name, item.standing, self.actor, self.reason, self.four_eyes)

    def run(self) -> int:
        """Take the step; returns for how many targets."""
        try:
            locked = self.validate()
            self.move(locked, utc_now())
            if self.comment:
                write_with_step(locked, self.comment, self.actor)
            trail.record(self.actor, self.name, [self._audited(item) for item in locked])
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise
        return len(locked)

    def move(self, locked: list[storage.Locked], now: Any) -> None:
        """Write the step."""
        raise NotImplementedError

    def _move_drafts(self, locked: list[storage.Locked], **columns: Any) -> None:
        if self.reason:
            columns["reason"] = sa.func.coalesce(TargetVersion.__table__.c.reason, self.reason)
        storage.move_versions((item.draft.id for item in locked), **columns)
        storage.move_targets(item.target.id for item in locked)

    def _audited(self, item: storage.Locked) -> dict[str, Any]:
        said = {"target_id": item.target.id, "version": (item.draft or item.approved).version}
        return {**said, "reason": self.reason} if self.reason else said


class ProposeTargets(Step):
    """Put drafts forward."""

    name = "propose"

    def move(self, locked: list[storage.Locked], now: Any) -> None:
        proposed = {"stage": agreement.PROPOSED, "proposed_by": self.actor, "proposed_at": now}
        self._move_drafts(locked, **proposed, accepted_by=None, accepted_at=None)


class AcceptTargets(Step):
    """Agree to what somebody else put forward."""

    name = "accept"

    def move(self, locked: list[storage.Locked], now: Any) -> None:
        self._move_drafts(locked, stage=agreement.ACCEPTED, accepted_by=self.actor, accepted_at=now)


class ApproveTargets(Step):
    """Make drafts the approved versions; what was approved before is superseded."""

    name = "approve"
    power: Power = "approve"

    def refusal(self, item: storage.Locked) -> agreement.Refusal | None:
        """Also where nobody answers for the target."""
        found = super().refusal(item)
        if found is None and self.needs_owner and not item.draft.owner:
            return agreement.Refusal("owner", "Target {id} has no owner: name who answers for it.", {})
        return found

    def validate(self) -> list[storage.Locked]:
        """Also refuse owners who would have more core KPIs than anybody can heed, unless that is waived."""
        locked = super().validate()
        crowded = checking.crowded(locked)
        message = "{owner} would have {count} core KPIs, more than 15: take some away, weigh them 0, or have it waived."
        refuse([Problem(0, "owner", message, {**row}) for row in crowded])
        return locked

    def move(self, locked: list[storage.Locked], now: Any) -> None:
        old = [item.approved.id for item in locked if item.approved is not None]
        # The old versions make room before the new ones take their place.
        storage.move_versions(old, state=SUPERSEDED, closed_by=self.actor, closed_at=now)
        self._move_drafts(locked, state=APPROVED, stage=None, approved_by=self.actor, approved_at=now)


class LockTargets(Step):
    """Close approved targets to any change."""

    name = "lock"
    power: Power = "approve"

    def move(self, locked: list[storage.Locked], now: Any) -> None:
        storage.move_targets((item.target.id for item in locked), locked_by=self.actor, locked_at=now)


class UnlockTargets(Step):
    """Open locked targets again; needs a reason."""

    name = "unlock"
    power: Power = "approve"

    def move(self, locked: list[storage.Locked], now: Any) -> None:
        storage.move_targets((item.target.id for item in locked), locked_by=None, locked_at=None)


class DiscardDrafts(Step):
    """Close drafts as discarded; what is approved stays as it is."""

    name = "discard"

    def refusal(self, item: storage.Locked) -> agreement.Refusal | None:
        if item.draft is None:
            return agreement.Refusal("ids", "Target {id} has no draft.", {})
        return None

    def move(self, locked: list[storage.Locked], now: Any) -> None:
        self._move_drafts(locked, state=DISCARDED, closed_by=self.actor, closed_at=now)
