"""The sandbox's answers against the OpenAPI that Walmart published in 2023, where it is at hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from airflow_dags.ingest import Job
from tests.sandbox.conftest import MATERIAL

FOLDER = MATERIAL / "walmart-openapi"
Ask = Callable[[str, dict[str, str]], Any]


@pytest.fixture
def folder() -> Path:
    if not FOLDER.is_dir():
        pytest.skip(f"Walmart's OpenAPI is not at {FOLDER}: the answers are NOT checked against it")
    return FOLDER


@pytest.fixture
def ask(jobs: Callable[[str, str], list[Job]]) -> Ask:
    """A call with a valid token; the answer as it is."""
    client = jobs("walmart", "orders")[0].client()
    return lambda path, query: client.get("schema", path, query).json()


def check(folder: Path, name: str, schema: dict[str, Any], value: Any) -> None:
    document = json.loads((folder / f"{name}.json").read_text())
    jsonschema.Draft4Validator({**schema, "components": document["components"]}).validate(value)


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def response_of(folder: Path, name: str, path: str) -> dict[str, Any]:
    operation = json.loads((folder / f"{name}.json").read_text())["paths"][path]["get"]
    return dict(operation["responses"]["200"]["content"]["application/json"]["schema"])


def test_orders(folder: Path, ask: Ask) -> None:
    answer = ask("/v3/orders", {"createdStartDate": "2026-10-01", "limit": "200"})
    orders = answer["list"]["elements"]["order"]
    lines = [line for order in orders for line in order["orderLines"]["orderLine"]]
    states = {line["orderLineStatuses"]["orderLineStatus"][0]["status"] for line in lines}
    assert {"Delivered", "Cancelled"} <= states
    assert any("refund" in line for line in lines)
    for line in lines:
        check(folder, "orders", ref("OrderLineType"), line)
    # The response's own schema describes its lines as those of a refund, which Walmart's example doesn't meet either.
    for order in orders:
        order["orderLines"] = {"orderLine": []}
    check(folder, "orders", response_of(folder, "orders", "/v3/orders"), answer)
    assert answer["list"]["meta"]["nextCursor"].startswith("?")


def test_returns(folder: Path, ask: Ask) -> None:
    answer = ask("/v3/returns", {"returnLastModifiedStartDate": "2026-10-01", "limit": "2"})
    assert len(answer["returnOrders"]) == 2
    check(folder, "returns", response_of(folder, "returns", "/v3/returns"), answer)


def test_inventory(folder: Path, ask: Ask) -> None:
    answer = ask("/v3/inventories", {"limit": "3"})
    stock = answer["elements"]["inventories"]
    assert len(stock) == 3
    document = json.loads((folder / "inventory.json").read_text())
    example = next(
        found["example"]
        for found in json.loads((folder / "examples" / "inventory.json").read_text())
        if found["op"] == "getMultiNodeInventoryForAllSkuAndAllShipNodes"
    )
    # The schema has one object where Walmart's example, and its API, have a list of them.
    assert isinstance(example["elements"]["inventories"], list)
    schema = response_of(folder, "inventory", "/v3/inventories")
    for item in stock:
        check(folder, "inventory", schema, {**answer, "elements": {"inventories": item}})
        assert set(item) == set(example["elements"]["inventories"][0])
        assert set(item["nodes"][0]) == set(example["elements"]["inventories"][0]["nodes"][0])
    assert document["paths"]["/v3/inventories"]["get"]["operationId"]


def test_wfs_inventory(folder: Path, ask: Ask) -> None:
    answer = ask("/v3/fulfillment/inventory", {"limit": "300"})
    assert answer["payload"]["inventory"]
    check(folder, "inventory", response_of(folder, "inventory", "/v3/fulfillment/inventory"), answer)


def test_recon_dates(folder: Path, ask: Ask) -> None:
    path = "/v3/report/reconreport/availableReconFiles"
    answer = ask(path, {"reportVersion": "v1"})
    assert answer["availableApReportDates"] == ["10132026", "10272026", "11102026"]
    check(folder, "reports", response_of(folder, "reports", path), answer)


def test_token(folder: Path, jobs: Callable[[str, str], list[Job]], sandbox: Any) -> None:
    from airflow_dags.sandbox.walmart import auth

    check(folder, "auth", ref("OAuthToken"), auth.issue(sandbox, "harbor_walmart"))
