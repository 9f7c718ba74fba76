"""Builds the KPI layer of a world in a database of its own and compares it with the oracle's expectation."""

from __future__ import annotations

from pathlib import Path

from tests.oracle import warehouse, waves
from tests.oracle.compare import Comparison, compare
from tests.oracle.kpis import Expected, Key
from tests.oracle.maker import AS_OF
from tests.oracle.oracle import expect
from tests.oracle.world import World


def judged(
    server: str, world: World, project: Path | None = None, expected: dict[Key, Expected] | None = None
) -> Comparison:
    """One build of everything."""
    with warehouse.database(server) as uri:
        warehouse.fill(uri, world)
        warehouse.build(uri, AS_OF, project=project)
        return compare(expected or expect(world), warehouse.values(uri))


def judged_in_waves(server: str, world: World, seed: int) -> Comparison:
    """A build after each wave of loads; the last one must say what one build of everything would.

    What is known before is wrong on purpose and adds up to no total, so only the last wave is held to the data's tests.
    """
    told = waves.in_waves(world, seed)
    with warehouse.database(server) as uri:
        for wave in range(waves.WAVES):
            accounts = waves.first_accounts(world, seed) if wave == 0 else world.accounts
            warehouse.fill(uri, World(told.name, accounts, told.loads), wave)
            warehouse.build(uri, AS_OF, only_models=wave < waves.WAVES - 1)
        return compare(expect(world), warehouse.values(uri))
