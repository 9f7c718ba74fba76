"""The hash chain of the audit trail, as pure functions.

Each entry's hash covers its own content and the hash of the entry before it; the head repeats the last number and hash
under a seal (HMAC-SHA256 with a key that is not in the database). So whoever can write to the database and doesn't
have the key is detected when they edit, insert, delete, reorder or cut off entries, even if they compute the whole
chain anew. Not detected: setting the whole trail together with its head back to an earlier backup of both.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: What the first entry has for the hash of the one before it.
GENESIS = "0" * 64


@dataclass(frozen=True)
class Entry:
    """One action. ``at`` is an ISO instant in UTC, ``payload`` canonical JSON: what was touched, and what it said."""

    seq: int
    at: str
    actor: str
    action: str
    payload: str
    previous_hash: str
    hash: str


@dataclass(frozen=True)
class Head:
    """The anchor: number and hash of the last entry, sealed."""

    seq: int
    hash: str
    seal: str


def canonical(payload: object) -> str:
    """JSON that is the same for the same content: sorted keys, no spaces, no floats in it by the caller's care."""
    return json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def hash_of(*content: int | str) -> str:
    """SHA-256 over an entry's columns but the hash, in their order; lengths stand before texts, so that no two entries
    share their bytes."""
    digest = hashlib.sha256()
    for part in content:
        encoded = str(part).encode()
        digest.update(f"{len(encoded)}:".encode())
        digest.update(encoded)
    return digest.hexdigest()


def next_entry(head: Head | None, at: str, actor: str, action: str, payload: str) -> Entry:
    """The entry that follows ``head`` (the first one without a head)."""
    seq, previous = (head.seq + 1, head.hash) if head else (1, GENESIS)
    return Entry(seq, at, actor, action, payload, previous, hash_of(seq, at, actor, action, payload, previous))


def head_of(entry: Entry, key: bytes) -> Head:
    """The sealed head after ``entry``."""
    return Head(entry.seq, entry.hash, seal_of(entry.seq, entry.hash, key))


def seal_of(seq: int, last_hash: str, key: bytes) -> str:
    """HMAC-SHA256 of the head."""
    return hmac.new(key, f"{seq}:{last_hash}".encode(), hashlib.sha256).hexdigest()


def faults(entries: Iterable[Entry], head: Head | None, keys: Sequence[bytes]) -> list[str]:
    """What is wrong with a trail, in English; empty when it is whole.

    :param entries: all entries in the order of their numbers.
    :param keys: the present key and, after a rotation, earlier ones.
    """
    found: list[str] = []
    expected_seq, previous = 1, GENESIS
    for entry in entries:
        if entry.seq != expected_seq:
            found.append(f"entry {expected_seq} is missing (the next one is {entry.seq})")
        if entry.previous_hash != previous:
            found.append(f"entry {entry.seq} does not follow the entry before it")
        content = (entry.seq, entry.at, entry.actor, entry.action, entry.payload, entry.previous_hash)
        if hash_of(*content) != entry.hash:
            found.append(f"entry {entry.seq} was changed")
        expected_seq, previous = entry.seq + 1, entry.hash
    return found + _head_faults(expected_seq - 1, previous, head, keys)


def _head_faults(last_seq: int, last_hash: str, head: Head | None, keys: Sequence[bytes]) -> list[str]:
    if head is None:
        return ["the head is missing"] if last_seq else []
    found = []
    if not any(hmac.compare_digest(seal_of(head.seq, head.hash, key), head.seal) for key in keys):
        found.append("the seal of the head is not this site's (was SECRET_KEY changed?)")
    if head.seq > last_seq:
        found.append(f"entries {last_seq + 1} to {head.seq} were cut off")
    elif head.seq < last_seq:
        found.append(f"entries {head.seq + 1} to {last_seq} were added past the head")
    elif head.hash != last_hash:
        found.append(f"entry {head.seq} is not the one that the head names")
    return found
