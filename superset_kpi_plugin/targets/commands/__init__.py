"""What can be done with targets: each command validates, then runs, all or nothing."""

from superset_kpi_plugin.targets.commands.approve import ApproveTargets
from superset_kpi_plugin.targets.commands.discard import DiscardDrafts
from superset_kpi_plugin.targets.commands.publish import PublishTargets
from superset_kpi_plugin.targets.commands.save import SaveDrafts

__all__ = ["ApproveTargets", "DiscardDrafts", "PublishTargets", "SaveDrafts"]
