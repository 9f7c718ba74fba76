"""What can be done with targets: each command validates, then runs, all or nothing."""

from superset_kpi_plugin.targets.commands.comment import AddComment
from superset_kpi_plugin.targets.commands.imports import ImportTargets
from superset_kpi_plugin.targets.commands.publish import PublishTargets
from superset_kpi_plugin.targets.commands.save import CounterTargets, SaveDrafts
from superset_kpi_plugin.targets.commands.steps import (
    AcceptTargets,
    ApproveTargets,
    DiscardDrafts,
    LockTargets,
    ProposeTargets,
    UnlockTargets,
)

__all__ = [
    "AcceptTargets",
    "AddComment",
    "ApproveTargets",
    "CounterTargets",
    "DiscardDrafts",
    "ImportTargets",
    "LockTargets",
    "ProposeTargets",
    "PublishTargets",
    "SaveDrafts",
    "UnlockTargets",
]
