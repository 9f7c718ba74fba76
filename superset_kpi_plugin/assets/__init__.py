"""Dashboards as code: installs the folder ``dashboards/`` into a running Superset, as often as one likes.

``source`` reads the files, ``editions`` turns them into other languages, ``metrics`` and ``queries`` derive what the
files leave out, ``bundle`` completes them for one site, ``plan`` says what would change; these import no framework.
``present`` looks at Superset, ``installer`` and ``removal`` change it.
"""

from __future__ import annotations

from collections.abc import Sequence

from superset_kpi_plugin.assets.plan import InstallPlan


def install(
    database_name: str | None = None, dry_run: bool = False, languages: Sequence[str] | None = None
) -> InstallPlan:
    """Install or update the dashboards; see :func:`superset_kpi_plugin.assets.installer.install`."""
    from superset_kpi_plugin.assets.installer import install as run

    return run(database_name, dry_run, languages)


def uninstall(dry_run: bool = False) -> InstallPlan:
    """Take the dashboards out again; see :func:`superset_kpi_plugin.assets.installer.uninstall`."""
    from superset_kpi_plugin.assets.installer import uninstall as run

    return run(dry_run)


__all__ = ["InstallPlan", "install", "uninstall"]
