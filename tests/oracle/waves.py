"""Tells the story of a world in waves: what is known at first is incomplete and partly wrong, and is restated later.

After the last wave the raw tables hold exactly what the world's loads say.
"""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

from airflow_dags.contracts import Contract
from tests.oracle.warehouse import CONTRACTS
from tests.oracle.world import Account, Load, Row, World

WAVES = 3


def in_waves(world: World, seed: int) -> World:
    """The world with loads that carry their wave, in the order in which they arrive."""
    rng = random.Random(seed)
    told = World(world.name, list(world.accounts))
    for load in world.loads:
        told.loads += _told(rng, CONTRACTS[load.table], load)
    told.loads.sort(key=lambda load: load.wave)
    return told


def first_accounts(world: World, seed: int) -> list[Account]:
    """The accounts as they are known at first: some with another time zone."""
    rng = random.Random(seed)
    return [replace(account, time_zone="UTC") if rng.random() < 0.3 else account for account in world.accounts]


def _told(rng: random.Random, contract: Contract, load: Load) -> list[Load]:
    last = rng.randrange(WAVES)
    if contract.mode == "changes":
        return _documents(rng, contract, load)
    if last == 0 or load.window is None:
        return [replace(load, wave=last)]
    first, after = load.window
    known = [row for row in load.rows if first <= row[str(contract.window_column)] <= after]
    before = replace(load, rows=_wrong(rng, contract, known), wave=rng.randrange(last))
    return [before, replace(load, wave=last)]


def _documents(rng: random.Random, contract: Contract, load: Load) -> list[Load]:
    """Every document has a wave of its own; some have an earlier version that was wrong."""
    waves: list[list[Row]] = [[] for _ in range(WAVES)]
    by_key: dict[tuple[Any, ...], list[Row]] = {}
    for row in load.rows:
        by_key.setdefault(tuple(row[name] for name in contract.key), []).append(row)
    for rows in by_key.values():
        last = rng.randrange(WAVES)
        waves[last] += rows
        if last and rng.random() < 0.6:
            waves[rng.randrange(last)] += _wrong(rng, contract, rows)
    return [replace(load, rows=rows, wave=wave) for wave, rows in enumerate(waves) if rows or wave == WAVES - 1]


def _wrong(rng: random.Random, contract: Contract, rows: list[Row]) -> list[Row]:
    """The rows with some left out and some amounts, counts and words changed."""
    kept = []
    for row in rows:
        if rng.random() < 0.2:
            continue
        row = dict(row)
        for name, value in row.items():
            free = name not in contract.unique and name not in contract.key and rng.random() < 0.3
            if free and isinstance(value, Decimal | int) and not isinstance(value, bool):
                row[name] = value + 1
        kept.append(row)
    return kept
