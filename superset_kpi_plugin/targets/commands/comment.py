"""Comment on a target, and name people in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from superset.extensions import db, security_manager

from superset_kpi_plugin.access.reach import EVERYTHING, Reach
from superset_kpi_plugin.audit import trail
from superset_kpi_plugin.errors import NotFound
from superset_kpi_plugin.targets import mentions, storage
from superset_kpi_plugin.targets.commands.checks import refuse
from superset_kpi_plugin.targets.models import Comment, Mention, Target, TargetVersion, utc_now
from superset_kpi_plugin.targets.rules import Problem

#: ``@name`` with the characters of ordinary user names; an e-mail address is none.
NAMED = re.compile(r"(?<![\w.@])@([A-Za-z0-9_][\w.-]{0,62}[A-Za-z0-9_]|[A-Za-z0-9_])")


class AddComment:
    """Write a comment. Names in the text that no user has are just text; those in ``mentions`` must exist."""

    def __init__(
        self, target_id: int, text: str, mentions: Sequence[str], actor: str, reach: Reach = EVERYTHING
    ) -> None:
        self.target_id = target_id
        self.text = text.strip()
        self.mentions = list(dict.fromkeys(mentions))
        self.actor = actor
        self.reach = reach

    def validate(self) -> None:
        """The target can be seen, the text is not empty, and everybody named exists.

        :raises NotFound: no such target, or none that may be seen.
        :raises ValidationFailed: otherwise.
        """
        self.target = target_or_404(self.target_id, self.reach)
        if not self.text:
            refuse([Problem(0, "text", "Required.")])
        named = _named_in(self.text)
        known = _existing([*self.mentions, *named])
        refuse(
            [
                Problem(0, "mentions", "There is no {kind} {name}.", {"kind": "user", "name": name})
                for name in self.mentions
                if name not in known
            ]
        )
        self.mentions = [name for name in dict.fromkeys([*self.mentions, *named]) if name in known]

    def run(self) -> Comment:
        """Write it."""
        self.validate()
        newest = sa.func.max(TargetVersion.version)
        version = db.session.query(newest).filter(TargetVersion.target_id == self.target_id).scalar()
        comment = _write(self.target, version, self.text, self.mentions, self.actor)
        said = {"target_id": self.target_id, "comment_id": comment.id, "text": self.text, "mentions": self.mentions}
        trail.record(self.actor, "comment", [said])
        db.session.commit()
        return comment


def write_with_step(items: Sequence[storage.Locked], text: str, actor: str) -> None:
    """A step's comment, on each of its targets. Who is named is told once, of the first."""
    if not items:
        return
    named = _named_in(text)
    known = _existing(named)
    names = [name for name in dict.fromkeys(named) if name in known]
    first, *others = [(item.target, (item.draft or item.approved).version) for item in items]
    _write(*first, text, names, actor)
    said = {"author": actor, "created_at": utc_now(), "text": text, "mentions": names}
    storage.insert(Comment, [{**said, "target_id": target.id, "version": version} for target, version in others])


def _write(target: Any, version: int | None, text: str, names: list[str], actor: str) -> Comment:
    """Write one comment, and tell who is named in it; in the transaction that is open."""
    comment = Comment(target_id=target.id, version=version, author=actor, text=text, mentions=names)
    db.session.add(comment)
    db.session.flush()
    db.session.add_all(Mention(comment_id=comment.id, username=name) for name in names)
    mentions.enqueue(comment, target, names)
    return comment


def _named_in(text: str) -> list[str]:
    return [name.rstrip(".") for name in NAMED.findall(text)]


def target_or_404(target_id: int, reach: Reach) -> Any:
    """The target, if it exists and may be seen.

    :raises NotFound: otherwise, alike.
    """
    target = db.session.get(Target, target_id)
    if target is None or not reach.covers("see", target.entity_id):
        raise NotFound("There is no target {id}.", id=target_id)
    return target


def _existing(names: Sequence[str]) -> set[str]:
    if not names:
        return set()
    model = security_manager.user_model
    return {row.username for row in db.session.query(model.username).filter(model.username.in_(set(names)))}
