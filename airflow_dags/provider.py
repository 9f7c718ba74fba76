"""Airflow's provider entry point: the connection types, with forms made of the platforms' own settings."""

from __future__ import annotations

from typing import Any

from airflow_dags.registry import platforms

SUPERSET = {
    "hook-class-name": "airflow_dags.hooks.SupersetKpiHook",
    "hook-name": "Superset KPI plugin",
    "connection-type": "superset_kpi",
    "conn-fields": {},
    "ui-field-behaviour": {
        "hidden-fields": ["extra"],
        "relabeling": {"schema": "Scheme (http or https)"},
        "placeholders": {"host": "superset.example.com", "schema": "https"},
    },
}

COMMON_FIELDS = {
    "consolidation_currency": {
        "label": "Consolidation currency",
        "description": "Of the company's figures; empty: KPI_CONSOLIDATION_CURRENCY, else USD",
    },
}


def get_provider_info() -> dict[str, Any]:
    """What Airflow asks of every provider package."""
    return {
        "package-name": "superset-kpi-plugin",
        "name": "KPI pipeline",
        "description": "Connections to e-commerce platforms, ERPs and the KPI plugin in Superset",
        "connection-types": [*(_connection_type(name) for name in platforms()), SUPERSET],
    }


def hook_name(platform: str) -> str:
    return "".join(part.capitalize() for part in platform.split("_")) + "Hook"


def _connection_type(name: str) -> dict[str, Any]:
    """The form of a platform's connection, from ``connection`` in its settings.yml."""
    platform = platforms()[name]
    form = platform.settings.get("connection") or {}
    return {
        "hook-class-name": f"airflow_dags.hooks.{hook_name(name)}",
        "hook-name": platform.title,
        "connection-type": name,
        "conn-fields": {name: _field(field) for name, field in {**(form.get("fields") or {}), **COMMON_FIELDS}.items()},
        "ui-field-behaviour": {
            "hidden-fields": list(form.get("hidden") or []),
            "relabeling": dict(form.get("relabeling") or {}),
            "placeholders": {},
        },
    }


def _field(settings: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": ["string", "null"]}
    if settings.get("secret"):
        schema["format"] = "password"
    if settings.get("default") is not None:
        schema["default"] = settings["default"]
    return {"label": settings["label"], "schema": schema, "description": settings.get("description", "")}
