"""Dashboards as code: installs the folder ``dashboards/`` into a running Superset, as often as one likes.

``source`` reads the files, ``metrics`` and ``queries`` derive what the files leave out, ``bundle`` completes them for
one site, ``plan`` says what would change; these import no framework. ``installer`` alone talks to Superset.
"""

from __future__ import annotations

from superset_kpi_plugin.assets.plan import InstallPlan


def install(database_name: str | None = None, dry_run: bool = False) -> InstallPlan:
    """Install or update the dashboards; see :func:`superset_kpi_plugin.assets.installer.install`."""
    from superset_kpi_plugin.assets.installer import install as run

    return run(database_name, dry_run)


__all__ = ["InstallPlan", "install"]
