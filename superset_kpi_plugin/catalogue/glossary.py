"""The glossary: each KPI with what people need to know of it, in both languages."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from superset_kpi_plugin.catalogue import queries
from superset_kpi_plugin.errors import WarehouseContractBroken
from superset_kpi_plugin.locale import translate
from superset_kpi_plugin.warehouse import Warehouse

Row = dict[str, Any]
PLAYBOOKS_SQL = "select kpi_id, playbook, playbook_zh from kpi.kpi_catalogue where playbook is not null"
STANDARDS_SQL = """
select standards.kpi_id, standards.platform, platforms.entity_name as platform_name, standards.name_en,
    standards.name_zh, standards.comparison, standards.limit_value, standards.warn_limit, standards.window_days,
    standards.age_from_days, standards.age_to_days, standards.fee_unit, standards.currency, standards.valid_from,
    standards.valid_to, standards.is_verified, standards.source, standards.note
from kpi.kpi_standards as standards
left join kpi.kpi_entities as platforms
    on platforms.entity_kind = 'platform' and platforms.platform = standards.platform
where standards.kpi_id is not null
order by standards.platform, standards.standard_id, standards.valid_from desc
"""
LISTS = ("entity_kinds", "drivers", "counter_kpis", "source")


def glossary(warehouse: Warehouse) -> Row:
    """All KPIs in display order, for JSON.

    ``source`` lists streams in order of precedence; ``standards`` are the official limits and fees with their days of
    validity, the newest of each rule first. What a warehouse's contract lacks is left out, and a warning says so.
    """
    kpis = queries.catalogue(warehouse)
    warnings: list[Row] = []
    playbooks = {row["kpi_id"]: row for row in _optional(PLAYBOOKS_SQL, warehouse, warnings)}
    standards: defaultdict[str, list[Row]] = defaultdict(list)
    for row in _optional(STANDARDS_SQL, warehouse, warnings):
        standards[row.pop("kpi_id")].append(row)
    for kpi in kpis:
        playbook = playbooks.get(kpi["kpi_id"], {})
        kpi.update({name: _listed(kpi[name]) for name in LISTS})
        kpi["playbook_en"], kpi["playbook_zh"] = playbook.get("playbook"), playbook.get("playbook_zh")
        kpi["standards"] = standards.get(kpi["kpi_id"], [])
    return {"result": kpis, "warnings": warnings}


def _optional(sql: str, warehouse: Warehouse, warnings: list[Row]) -> list[Row]:
    """The rows; none, and a warning, where the contract of this warehouse has no such thing."""
    try:
        return warehouse.read(sql)
    except WarehouseContractBroken as error:
        warnings.append({"code": error.code, "message": translate(error.template, **error.values)})
        return []


def _listed(text: Any) -> list[str]:
    return [name.strip() for name in str(text or "").split(",") if name.strip()]
