"""`superset kpi`: the plugin's commands."""

import click


@click.group()
def kpi() -> None:
    """KPI targets, alerts and dashboards."""
