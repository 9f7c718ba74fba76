"""The alert's whole life over random histories: each one is held against every property.

Hypothesis draws some and shrinks what fails; thousands more are drawn by number. KPI_HISTORIES=all takes a hundred
thousand, KPI_HISTORIES=4711 the one of that number alone.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from tests.plugin.alerts import histories
from tests.plugin.alerts.properties import HAPPENINGS, RESTATED, check

WANTED = os.environ.get("KPI_HISTORIES", "")
NUMBERS = range(int(WANTED), int(WANTED) + 1) if WANTED.isdigit() else range(100_000 if WANTED == "all" else 2_000)
pytestmark = pytest.mark.timeout(7200 if WANTED == "all" else 600)


@settings(max_examples=100, deadline=None)
@given(st.randoms(use_true_random=False))
def test_every_property_holds_of_any_history(chance: random.Random) -> None:
    history = histories.draw(chance)
    note(str(history))
    check(history)


def test_every_property_holds_of_each_numbered_history() -> None:
    begun, counts = time.monotonic(), Counter(dict.fromkeys((*HAPPENINGS, *RESTATED), 0))
    for number in NUMBERS:
        try:
            counts.update(check(histories.numbered(number)))
        except Exception as error:
            error.add_note(f"KPI_HISTORIES={number} repeats this history alone.")
            raise
    came = ", ".join(f"{name} {count}" for name, count in counts.items())
    sys.stderr.write(f"\n{len(NUMBERS)} histories in {time.monotonic() - begun:.0f} s; of these came to: {came}\n")
    assert len(NUMBERS) == 1 or min(counts.values()) > 0, "some histories never happen, so nothing is known of them"
