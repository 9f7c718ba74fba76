"""What an installation would do: assets to create, to update, and those that are already as the files say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from superset_kpi_plugin.assets.bundle import chart_items, filters, is_ours
from superset_kpi_plugin.assets.source import Config

#: Numbers that differ from site to site, and the query that is derived from the rest.
_SITE_KEYS = {"chartId", "query_context", "datasource"}
_KINDS = {"datasets": "dataset", "charts": "chart", "dashboards": "dashboard"}


@dataclass
class InstallPlan:
    """Names of assets by what happens to them. ``database`` is empty where everything is taken out."""

    database: str
    dry_run: bool
    create: list[str] = field(default_factory=list)
    update: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    #: Role and dataset of each access that was (or would be) granted.
    grants: list[str] = field(default_factory=list)
    remove: list[str] = field(default_factory=list)
    #: Assets that would be removed if nothing of users' rested on them, each with the reason.
    keep: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """True where nothing is left to do."""
        return not (self.create or self.update or self.grants or self.remove)

    def __str__(self) -> str:
        counted = [
            (len(self.create), "new"),
            (len(self.update), "changed"),
            (len(self.unchanged), "unchanged"),
            (len(self.remove), "removed"),
            (len(self.grants), "grants"),
        ]
        parts = ", ".join(f"{count} {word}" for count, word in counted if count or word in ("new", "changed"))
        lines = [f"{'Would install' if self.dry_run else 'Installed'} on database {self.database!r}: {parts}."]
        if not self.database:
            lines = [f"{'Would remove' if self.dry_run else 'Removed'} {len(self.remove)}, kept {len(self.keep)}."]
        groups = (("create", self.create), ("update", self.update), ("remove", self.remove), ("keep", self.keep))
        for label, names in (*groups, ("grant", self.grants)):
            lines += [f"  {label:<6} {name}" for name in names]
        return "\n".join(lines)


def compare(files: Mapping[str, Config], existing: Mapping[str, Config], plan: InstallPlan) -> None:
    """Sort every asset of the bundle into the plan, against Superset's export of the present ones."""
    chart_numbers = _chart_numbers(files)
    for path, wanted in files.items():
        kind = _KINDS.get(path.split("/")[0])
        if kind is None:
            continue
        name = f"{kind} {wanted.get('table_name') or wanted.get('slice_name') or wanted['dashboard_title']}"
        present = existing.get(wanted["uuid"])
        if present is None:
            plan.create.append(name)
        elif _same(kind, wanted, present, chart_numbers.get(wanted["uuid"], {})):
            plan.unchanged.append(name)
        else:
            plan.update.append(name)


def _chart_numbers(files: Mapping[str, Config]) -> dict[str, dict[int, str]]:
    return {
        config["uuid"]: numbers_of(config["position"])
        for path, config in files.items()
        if path.startswith("dashboards/")
    }


def numbers_of(position: Config) -> dict[int, str]:
    """Chart uuid by the number that stands for it in a layout."""
    return {item["meta"]["chartId"]: item["meta"]["uuid"] for item in chart_items(position) if "uuid" in item["meta"]}


def _same(kind: str, wanted: Config, present: Config, numbers: dict[int, str]) -> bool:
    if kind == "dataset":
        members = {"metrics": "metric_name", "columns": "column_name"}
        plain = {key: value for key, value in wanted.items() if key not in members}
        return _covers(present, plain) and all(
            _same_members(wanted[key], present.get(key) or [], name) for key, name in members.items()
        )
    if kind == "dashboard":
        wanted = _with_uuids(wanted, numbers)
        present = _with_uuids(present, numbers_of(present.get("position") or {}))
    return _covers(present, wanted)


def _same_members(wanted: list[Config], present: list[Config], name: str) -> bool:
    """The same metrics or columns: none more, none less, and each as wanted."""
    by_name = {member[name]: member for member in present}
    return set(by_name) == {member[name] for member in wanted} and all(
        _covers(by_name[member[name]], member) for member in wanted
    )


def _with_uuids(dashboard: Config, numbers: dict[int, str]) -> Config:
    """The dashboard with our filters only, their excluded charts as uuids, and its charts' cross-filters by uuid."""
    metadata = dashboard.get("metadata") or {}
    native = [
        {**item, "scope": {**item.get("scope", {}), "excluded": sorted(_excluded(item, numbers))}}
        for item in filters(metadata)
        if is_ours(item)
    ]
    reached = {
        str(numbers.get(int(chart), chart)): {"scope": settings["crossFilters"]["scope"]}
        for chart, settings in (metadata.get("chart_configuration") or {}).items()
        if "crossFilters" in settings
    }
    return {
        **dashboard,
        "metadata": {**metadata, "native_filter_configuration": native, "chart_configuration": reached},
    }


def _excluded(item: Config, numbers: dict[int, str]) -> list[str]:
    return [str(numbers.get(chart, chart)) for chart in item.get("scope", {}).get("excluded", [])]


def _covers(present: Any, wanted: Any) -> bool:
    """True where ``present`` says all that ``wanted`` says; Superset adds keys of its own.

    A layout's ``children`` may have gained rows with users' charts at their end.
    """
    if isinstance(wanted, Mapping):
        if not isinstance(present, Mapping):
            return not wanted and not present
        return all(
            _starts_with(present.get(key), value) if key == "children" else _covers(present.get(key), value)
            for key, value in wanted.items()
            if key not in _SITE_KEYS
        )
    if isinstance(wanted, list):
        return (
            isinstance(present, list)
            and len(present) == len(wanted)
            and all(_covers(have, want) for have, want in zip(present, wanted, strict=True))
        ) or (not wanted and not present)
    if isinstance(wanted, str) and isinstance(present, str):
        return present.strip() == wanted.strip()
    return bool(present == wanted) or (not present and not wanted and wanted is not False)


def _starts_with(present: Any, wanted: list[Any]) -> bool:
    return isinstance(present, list) and present[: len(wanted)] == wanted
