"""Appends to the audit trail in the transaction of the change itself, and checks it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import astuple
from datetime import datetime, timezone
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import IntegrityError
from superset.extensions import db

from superset_kpi_plugin.api import jsonable
from superset_kpi_plugin.audit import chain
from superset_kpi_plugin.audit.models import AuditEntry, AuditHead

#: Entries are read by this many, so that checking a long trail takes little memory.
BATCH = 1_000
HEAD_ID = 1


def record(actor: str, action: str, items: list[dict[str, Any]]) -> None:
    """Append one entry in the present transaction; commit and roll back belong to the caller.

    The head's row is locked until then, so that entries follow one another. Call it last, after all other locks.

    :param items: what was touched, in JSON's types or what `jsonable` knows.
    """
    head = _locked_head()
    at = datetime.now(timezone.utc).isoformat()
    known = chain.Head(head.seq, head.hash, head.seal) if head.seq else None
    entry = chain.next_entry(known, at, actor, action, chain.canonical(jsonable({"items": items})))
    sealed = chain.head_of(entry, keys()[0])
    db.session.execute(sa.insert(AuditEntry.__table__).values(**vars(entry)))
    head.seq, head.hash, head.seal = astuple(sealed)
    db.session.flush()


def _locked_head() -> Any:
    query = db.session.query(AuditHead).filter_by(id=HEAD_ID).populate_existing().with_for_update()
    head = query.one_or_none()
    if head is None:
        try:
            with db.session.begin_nested():
                db.session.add(AuditHead(id=HEAD_ID, seq=0, hash=chain.GENESIS, seal=""))
        except IntegrityError:
            pass  # another writer made it at the same moment
        head = query.one()
    return head


def verify() -> list[str]:
    """What is wrong with the trail (see `chain.faults`)."""
    head = db.session.get(AuditHead, HEAD_ID, populate_existing=True)
    known = chain.Head(head.seq, head.hash, head.seal) if head is not None and (head.seq or head.seal) else None
    return chain.faults(_entries(), known, keys())


def anchor() -> str:
    """The trail's end as ``number:hash``, to be kept outside the database; empty where there is no entry."""
    last = db.session.query(AuditEntry.seq, AuditEntry.hash).order_by(AuditEntry.seq.desc()).first()
    return f"{last.seq}:{last.hash}" if last else ""


def holds(known: str) -> bool:
    """Whether the trail still holds the entry at which it once ended (see `anchor`).

    A trail that was restored to before it, head and all, doesn't: its own seal can't tell.
    """
    seq, _, digest = known.strip().partition(":")
    if not seq.isdigit() or not digest:
        return False
    found = db.session.query(AuditEntry.hash).filter(AuditEntry.seq == int(seq)).scalar()
    return found is not None and hmac.compare_digest(found, digest)


def count() -> int:
    """How many entries there are."""
    return int(db.session.query(sa.func.count(AuditEntry.seq)).scalar())


def page(number: int, size: int) -> list[dict[str, Any]]:
    """A page of entries, the newest first, in JSON's types."""
    query = db.session.query(AuditEntry).order_by(AuditEntry.seq.desc()).offset(number * size).limit(size)
    names = ("seq", "at", "actor", "action", "hash")
    return [
        {**{name: getattr(entry, name) for name in names}, "items": json.loads(entry.payload)["items"]}
        for entry in query
    ]


def keys() -> list[bytes]:
    """Keys of the seal, derived from SECRET_KEY; after a rotation also from PREVIOUS_SECRET_KEY."""
    secrets = [current_app.config["SECRET_KEY"], current_app.config.get("PREVIOUS_SECRET_KEY")]
    return [hashlib.sha256(b"kpi audit head:" + str(secret).encode()).digest() for secret in secrets if secret]


def _entries() -> Iterator[chain.Entry]:
    table = AuditEntry.__table__
    after = None
    while True:
        query = sa.select(table).order_by(table.c.seq).limit(BATCH)
        if after is not None:
            query = query.where(table.c.seq > after)
        rows = db.session.execute(query).all()
        for row in rows:
            yield chain.Entry(*row)
        if len(rows) < BATCH:
            return
        after = rows[-1].seq
