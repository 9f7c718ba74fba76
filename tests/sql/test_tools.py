"""What a data team relies on: complete definitions, a glossary like the catalogue, a frame for new KPIs, lineage."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from sql.tools import glossary
from sql.tools.definitions import KPIS, definitions, parse
from sql.tools.new_kpi import lay_out
from tests.sql.dbt_project import PROJECT, run_dbt, shared_target
from tests.sql.raw_rows import Warehouse

TEXTS = ("name_zh", "description_zh", "formula_en", "formula_zh", "playbook", "playbook_zh", "source", "owner_role")
CHINESE = ("name_zh", "description_zh", "playbook_zh")
DASHBOARDS = PROJECT.parent / "dashboards"


def lacks(folder: Path = KPIS) -> list[str]:
    """One line for each thing that a KPI's definition lacks."""
    found, known = [], {one.kpi_id for one in definitions(folder)}
    for one in definitions(folder):
        texts = {**{name: str(one.meta.get(name) or "") for name in TEXTS}, "label": one.name, "text": one.description}
        found += [f"{one.kpi_id}: {name} is missing" for name, text in texts.items() if not text or "TODO" in text]
        found += [
            f"{one.kpi_id}: {name} is not Chinese"
            for name in CHINESE
            if not any("\u4e00" <= letter <= "\u9fff" for letter in texts[name])
        ]
        others = [*one.meta["drivers"], *one.meta["counter_kpis"]]
        found += [f"{one.kpi_id}: there is no KPI {other}" for other in others if other not in known]
        found += [f"{one.kpi_id}: is its own driver" for other in others if other == one.kpi_id]
    return found


def test_every_kpi_is_whole() -> None:
    assert lacks() == []
    orders = [one.meta["display_order"] for one in definitions()]
    assert len(set(orders)) == len(orders), "two KPIs have one place in the order"


def test_the_glossary_is_what_the_definitions_and_the_catalogue_say(world: Warehouse) -> None:
    assert glossary.main(["--check"]) == 0, "run make glossary"
    english, chinese = (path.read_text(encoding="utf-8") for path in glossary.pages())
    rows = world.query(
        "select kpi_id, name_en, name_zh, description_en, description_zh, formula_en, formula_zh, playbook, "
        "playbook_zh from kpi.kpi_catalogue"
    )
    assert {row[0] for row in rows} == {one.kpi_id for one in definitions()}
    for kpi_id, *texts in rows:
        for text, page in zip(texts, [english, chinese] * 4, strict=True):
            assert " ".join(text.split()) in page, (kpi_id, text)
        assert english.count(f'<a id="{kpi_id}">') == chinese.count(f'<a id="{kpi_id}">') == 1


def test_links_of_the_glossary_lead_somewhere() -> None:
    for text in glossary.pages().values():
        targets = {part.split(")")[0] for part in text.split("](#")[1:]}
        assert targets <= {one.kpi_id for one in definitions()}


def test_a_new_kpi_fails_only_for_what_is_left_to_fill_in(tmp_path: Path) -> None:
    folder = tmp_path / "kpis"
    shutil.copytree(KPIS, folder)
    path = lay_out("units_per_session", "traffic", None, "traffic_units/sessions", folder)
    assert path == folder / "traffic.yml"
    (new,) = [one for one in definitions(folder) if one.kpi_id == "units_per_session"]
    assert new.type == "ratio"
    assert new.meta["display_order"] > max(one.meta["display_order"] for one in definitions())
    left = {"label", "text", "name_zh", "description_zh", "formula_zh", "source", "playbook", "playbook_zh"}
    missing = {line for line in lacks(folder) if line.endswith("is missing")}
    assert missing == {f"units_per_session: {name} is missing" for name in left}


@pytest.mark.parametrize(
    ("name", "domain", "ratio", "message"),
    [
        ("gmv", "sales", None, "there is a KPI 'gmv' already"),
        ("Return Cost", "sales", None, "not a lower snake case name"),
        ("return_cost", "weather", None, "there is no weather.yml; the domains are"),
        ("return_cost", "sales", "gmv", "write it as numerator/denominator"),
    ],
)
def test_a_wrong_name_is_refused_and_nothing_is_written(
    tmp_path: Path, name: str, domain: str, ratio: str | None, message: str
) -> None:
    folder = tmp_path / "kpis"
    shutil.copytree(KPIS, folder)
    with pytest.raises(ValueError, match=message):
        lay_out(name, domain, None, ratio, folder)
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        path.name: path.read_text() for path in KPIS.iterdir() if path.is_file()
    }


def test_lineage_ends_in_every_dashboard(world: Warehouse) -> None:
    """Each dashboard is an exposure, and names all relations of the contract that its datasets read."""
    exposures = parse((PROJECT / "models" / "exposures.yml").read_text())["exposures"]
    by_name = {one["name"]: one for one in exposures}
    relations = {}
    for path in DASHBOARDS.glob("datasets/*.yaml"):
        if path.name != "zh.yaml":
            dataset = parse(path.read_text())
            relations[dataset["uuid"]] = set(re.findall(r"\b(?:kpi|marts)\.([a-z_]+)", dataset["sql"]))
    for path in DASHBOARDS.glob("*/dashboard.yaml"):
        assert path.parent.name in by_name, f"no exposure for {path.parent.name}"
        charts = [parse(chart.read_text()) for chart in path.parent.glob("charts/*.yaml")]
        read = set().union(*(relations[chart["dataset_uuid"]] for chart in charts)) - {"kpi_targets"}
        named = {re.sub(r"ref\('(\w+)'\)", r"\1", text) for text in by_name[path.parent.name]["depends_on"]}
        assert read <= named, f"{path.parent.name} reads {sorted(read - named)} too"
    run_dbt(world.uri, "docs", "generate", "--no-compile")
    manifest = json.loads((shared_target() / "manifest.json").read_text())
    catalog = json.loads((shared_target() / "catalog.json").read_text())
    found = {one["name"]: set(one["depends_on"]["nodes"]) for one in manifest["exposures"].values()}
    assert found.keys() == by_name.keys()
    assert "model.kpi_layer.kpi_values" in found["kpi_overview"]
    assert "model.kpi_layer.kpi_values" in catalog["nodes"]
