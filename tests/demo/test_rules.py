"""What the demo switches on: every pack that is there, by the command that a customer runs."""

from __future__ import annotations

from typing import Any

import yaml

from demo import superset


class Recorded:
    """Stands in the place of Superset's command line and keeps what it was told."""

    def __init__(self) -> None:
        self.commands: list[tuple[str, ...]] = []

    def command(self, processes: Any, *arguments: str) -> str:
        self.commands.append(arguments)
        return ""


def test_every_rule_pack_is_on_and_told_by_both_channels() -> None:
    recorded = Recorded()
    count = superset.set_rules(recorded, None)  # type: ignore[arg-type]
    (arguments,) = recorded.commands
    names, channels = arguments[2:-4], arguments[-4:]
    assert arguments[:2] == ("rules", "packs")
    assert channels == ("--channel", "operations-mail", "--channel", "operations-webhook")
    assert len(names) == count == len(list(superset.PACKS.glob("*.yaml")))
    rules = [
        rule["name"]
        for name in names
        for rule in yaml.safe_load((superset.PACKS / f"{name}.yaml").read_text(encoding="utf-8"))["rules"]
    ]
    assert {"Ad group over its ACoS line", "Account under its GMV pace", "Less than three days of supply"} <= set(rules)


def test_the_channels_are_those_of_the_demos_configuration() -> None:
    text = (superset.ROOT / "demo" / "superset_config.py").read_text(encoding="utf-8")
    assert all(f'"{name}":' in text for name in superset.CHANNELS)
