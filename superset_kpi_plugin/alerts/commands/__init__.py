"""What can be done with alerts, one module a verb; each validates, then runs."""

from superset_kpi_plugin.alerts.commands.deliver import deliver
from superset_kpi_plugin.alerts.commands.evaluate import evaluate

__all__ = ["deliver", "evaluate"]
