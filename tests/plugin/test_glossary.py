"""The glossary's API: everything that is known of a KPI, and what a warehouse lacks is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

STANDARDS = """
drop table if exists kpi.kpi_standards;
create table kpi.kpi_standards (standard_id text, platform text, kpi_id text, name_en text, name_zh text,
    comparison text, limit_value numeric, warn_limit numeric, window_days integer, age_from_days integer,
    age_to_days integer, fee_unit text, currency text, valid_from date, valid_to date, is_verified boolean,
    source text, note text);
insert into kpi.kpi_standards (standard_id, platform, kpi_id, name_en, name_zh, comparison, limit_value, valid_from,
    valid_to, is_verified, source) values
('acos_cap', 'amazon', 'acos', 'ACoS cap', '成本比上限', 'below', 0.40, '2024-01-01', '2026-01-01', true, 'help page'),
('acos_cap', 'amazon', 'acos', 'ACoS cap', '成本比上限', 'below', 0.35, '2026-01-01', null, true, 'help page');
alter table kpi.kpi_catalogue add column playbook text, add column playbook_zh text;
"""


@pytest.fixture
def standards(clean: Any) -> Iterator[Any]:
    """A warehouse with standards and playbooks, as the build makes it."""
    reader = clean.uris["reader"].partition("//")[2].partition(":")[0]
    clean.execute(STANDARDS + f'grant select on kpi.kpi_standards to "{reader}"')
    yield clean
    clean.execute(
        "drop table kpi.kpi_standards; alter table kpi.kpi_catalogue drop column playbook, drop column playbook_zh"
    )


def test_each_kpi_comes_with_standards_playbook_and_relations(viewer: Any, standards: Any) -> None:
    standards.execute(
        "update kpi.kpi_catalogue set formula_en = 'cost / sales', playbook = 'Lower the bids', playbook_zh = '降价', "
        "source = 'amazon_ads.campaigns,  tiktok_ads.ads', drivers = 'units', counter_kpis = 'gmv, units' "
        "where kpi_id = 'acos'"
    )
    first = viewer.get("glossary/")
    assert first.get_json()["warnings"] == []
    rows = {row["kpi_id"]: row for row in first.get_json()["result"]}
    assert list(rows) == ["gmv", "units", "conversion_rate", "acos"]
    acos = rows["acos"]
    assert (acos["formula_en"], acos["playbook_en"], acos["playbook_zh"]) == ("cost / sales", "Lower the bids", "降价")
    assert acos["source"] == ["amazon_ads.campaigns", "tiktok_ads.ads"]
    assert (acos["drivers"], acos["counter_kpis"]) == (["units"], ["gmv", "units"])
    assert [(rule["limit_value"], rule["valid_from"], rule["valid_to"]) for rule in acos["standards"]] == [
        ("0.35", "2026-01-01", None),
        ("0.4", "2024-01-01", "2026-01-01"),
    ]
    assert {rule["platform_name"] for rule in acos["standards"]} == {"Amazon"}
    assert (rows["gmv"]["standards"], rows["gmv"]["playbook_en"]) == ([], None)
    assert viewer.get("glossary/", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_a_contract_without_standards_is_told_and_costs_nothing_else(viewer: Any, clean: Any) -> None:
    clean.execute("drop table if exists kpi.kpi_standards")
    answer = viewer.get("glossary/").get_json()
    assert [row["kpi_id"] for row in answer["result"]] == ["gmv", "units", "conversion_rate", "acos"]
    assert {warning["code"] for warning in answer["warnings"]} == {"warehouse_contract"}
