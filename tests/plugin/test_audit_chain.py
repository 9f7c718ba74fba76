"""The audit trail's chain: whatever is done to the rows by somebody without the key is found."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from typing import Any

import pytest

from superset_kpi_plugin.audit.chain import GENESIS, Entry, Head, canonical, faults, hash_of, head_of, next_entry

KEY, OTHER = b"k" * 32, b"x" * 32
MANIPULATIONS = int(os.environ.get("KPI_AUDIT_MANIPULATIONS", "1000"))
TEXTS = ("", "mei", "李梅", "a|b", "1:", "'; drop table kpi_audit; --", "\u200b", "0")


def trail(length: int, source: random.Random) -> tuple[list[Entry], Head | None]:
    entries: list[Entry] = []
    head = None
    for number in range(length):
        payload = canonical({"items": [{"target_id": source.randrange(9), "owner": source.choice(TEXTS)}]})
        at = f"2026-11-01T00:00:{number:02d}+00:00"
        entry = next_entry(head, at, source.choice(TEXTS), source.choice(["save", "approve"]), payload)
        entries.append(entry)
        head = head_of(entry, KEY)
    return entries, head


def rechained(entries: list[Entry]) -> list[Entry]:
    """The same contents as a chain that is whole by itself, as a forger without the key would make it."""
    made: list[Entry] = []
    previous = GENESIS
    for seq, entry in enumerate(entries, start=1):
        content = (seq, entry.at, entry.actor, entry.action, entry.payload, previous)
        made.append(Entry(*content, hash_of(*content)))
        previous = made[-1].hash
    return made


def edit(entries: list[Entry], source: random.Random) -> list[Entry]:
    place = source.randrange(len(entries))
    field = source.choice(["seq", "at", "actor", "action", "payload", "previous_hash", "hash"])
    old = getattr(entries[place], field)
    if field == "seq":
        new: Any = old + source.choice([-1, 1, 1000])
    elif field.endswith("hash"):
        cut = source.randrange(64)
        new = old[:cut] + ("0" if old[cut] != "0" else "1") + old[cut + 1 :]
    else:
        new = source.choice([text for text in (*TEXTS, old + " ", old[:-1]) if text != old])
    return [*entries[:place], replace(entries[place], **{field: new}), *entries[place + 1 :]]


def delete(entries: list[Entry], source: random.Random) -> list[Entry]:
    place = source.randrange(len(entries))
    return entries[:place] + entries[place + 1 :]


def cut_off(entries: list[Entry], source: random.Random) -> list[Entry]:
    return entries[: source.randrange(len(entries))]


def reorder(entries: list[Entry], source: random.Random) -> list[Entry]:
    """Two rows change places, contents and hashes with them, and keep the numbers of the places."""
    one, other = sorted(source.sample(range(len(entries)), 2))
    changed = list(entries)
    changed[one] = replace(entries[other], seq=entries[one].seq)
    changed[other] = replace(entries[one], seq=entries[other].seq)
    return changed


def insert(entries: list[Entry], source: random.Random) -> list[Entry]:
    place = source.randrange(len(entries) + 1)
    before = entries[place - 1].hash if place else GENESIS
    content = (place + 1, "2026-11-01T00:00:00+00:00", "mallory", "approve", "{}", before)
    return [*entries[:place], Entry(*content, hash_of(*content)), *entries[place:]]


WAYS = {"edit": edit, "delete": delete, "cut off": cut_off, "reorder": reorder, "insert": insert}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("forged", [False, True], ids=["plainly", "with the chain made anew"])
def test_every_manipulation_is_found(way: str, forged: bool) -> None:
    source = random.Random(f"{way} {forged}")
    for number in range(MANIPULATIONS // (len(WAYS) * 2)):
        entries, head = trail(source.randint(2, 12), source)
        assert faults(entries, head, [KEY]) == []
        changed = WAYS[way](entries, source)
        if forged:
            changed = rechained(changed)
            if changed == entries:
                continue  # an edited hash or number, put right again: nothing is different from before
        assert faults(changed, head, [KEY]), (number, way)


def test_a_head_that_was_made_without_the_key_is_found() -> None:
    entries, _ = trail(5, random.Random(1))
    shorter = entries[:3]
    assert faults(shorter, head_of(shorter[-1], OTHER), [KEY]) == [
        "the seal of the head is not this site's (was SECRET_KEY changed?)"
    ]
    assert faults(shorter, head_of(shorter[-1], OTHER), [KEY, OTHER]) == []
    assert faults(entries, None, [KEY]) == ["the head is missing"]
    assert faults([], None, [KEY]) == []


def test_what_was_cut_off_is_named() -> None:
    entries, head = trail(5, random.Random(2))
    assert faults(entries[:3], head, [KEY]) == ["entries 4 to 5 were cut off"]
    assert faults([], head, [KEY]) == ["entries 1 to 5 were cut off"]


def test_no_two_entries_share_their_bytes() -> None:
    assert hash_of(1, "a", "bc", "d", "e", "f") != hash_of(1, "a", "b", "cd", "e", "f")
    assert hash_of(1, "1:a", "", "d", "e", "f") != hash_of(1, "", "1:a", "d", "e", "f")
