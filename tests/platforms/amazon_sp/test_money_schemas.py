"""The sandbox's answers against the models that Amazon published, where they are at hand."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from airflow_dags.ingest import Job
from airflow_dags.platforms.amazon_sp.economics import QUERY
from airflow_dags.platforms.amazon_sp.orders_api import INCLUDED
from tests.sandbox.conftest import MATERIAL

FOLDER = MATERIAL / "amzn-sp-api-models"
Jobs = Callable[[str, str], list[Job]]
MARKETPLACE = "ATVPDKIKX0DER"


@pytest.fixture
def models() -> Path:
    if not FOLDER.is_dir():
        pytest.skip(f"Amazon's models are not at {FOLDER}: the answers are NOT checked against them")
    return FOLDER / "models"


def check(model: Path, name: str, answer: Any) -> None:
    """Against one definition, with nothing beside what the model knows."""
    document = json.loads(model.read_text())
    for definition in document["definitions"].values():
        if definition.get("type") == "object" and "properties" in definition:
            definition["additionalProperties"] = False
    # A context is one of several kinds, which the model writes as all of them at once.
    document["definitions"].get("Context", {}).pop("allOf", None)
    schema = {"$ref": f"#/definitions/{name}", "definitions": document["definitions"]}
    jsonschema.Draft4Validator(schema).validate(answer)


def ask(job: Job, path: str, query: dict[str, Any], body: Any = None) -> Any:
    """The operation's answer as it is, by the library's own login."""
    import httpx

    client = job.client()
    with client._borrowed("Reports") as reports:
        headers, endpoint = {**reports.headers}, reports.endpoint
    headers.pop("host")
    answer = httpx.request("POST" if body else "GET", endpoint + path, params=query, json=body, headers=headers)
    assert answer.is_success, answer.text
    return answer.json()


def test_list_transactions(models: Path, jobs: Jobs) -> None:
    job = jobs("amazon_sp", "finances")[0]
    query = {"postedAfter": "2026-11-01T00:00:00Z", "postedBefore": "2026-11-21T00:00:00Z"}
    answer = ask(job, "/finances/2024-06-19/transactions", query)
    kinds = {one["transactionType"] for one in answer["payload"]["transactions"]}
    assert {"Shipment", "ProductAdsPayment"} <= kinds
    check(models / "finances-api-model" / "finances_2024-06-19.json", "ListTransactionsResponse", answer)
    context = json.loads((models / "finances-api-model" / "finances_2024-06-19.json").read_text())["definitions"]
    for transaction in answer["payload"]["transactions"]:
        for item in transaction["items"]:
            for one in item.get("contexts", []):
                assert set(one) - {"contextType"} <= set(context["ProductContext"]["properties"])


def test_search_orders(models: Path, jobs: Jobs) -> None:
    job = jobs("amazon_sp", "orders_api")[0]
    query = {"lastUpdatedAfter": "2026-11-20T00:00:00Z", "includedData": ",".join([*INCLUDED, "RECIPIENT"])}
    answer = ask(job, "/orders/2026-01-01/orders", query)
    assert answer["orders"]
    check(models / "orders-api-model" / "orders_2026-01-01.json", "SearchOrdersResponse", answer)


def test_data_kiosk(models: Path, jobs: Jobs) -> None:
    job, base = jobs("amazon_sp", "economics")[0], "/dataKiosk/2023-11-15"
    model = models / "data-kiosk-api-model" / "dataKiosk_2023-11-15.json"
    query = QUERY % {"start": "2026-11-01", "end": "2026-11-02", "marketplace_id": MARKETPLACE}
    created = ask(job, f"{base}/queries", {}, {"query": query})
    check(model, "CreateQueryResponse", created)
    found = ask(job, f"{base}/queries/{created['queryId']}", {})
    check(model, "Query", found)
    check(model, "GetDocumentResponse", ask(job, f"{base}/documents/{found['dataDocumentId']}", {}))


def test_list_reports(models: Path, jobs: Jobs) -> None:
    job = jobs("amazon_sp", "settlement")[0]
    query = {"reportTypes": "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2", "createdSince": "2026-10-01T00:00:00Z"}
    answer = ask(job, "/reports/2021-06-30/reports", query)
    assert answer["reports"]
    check(models / "reports-api-model" / "reports_2021-06-30.json", "GetReportsResponse", answer)


def test_the_fields_of_economics_are_those_of_the_schema(models: Path) -> None:
    """What the sandbox lets through, type by type."""
    from airflow_dags.sandbox.amazon_sp.economics import SCHEMA

    text = (models.parent / "schemas-data-kiosk" / "analytics_economics_2024_03_15.graphql").read_text()
    text = re.sub(r'""".*?"""|"[^"\n]*"', "", text, flags=re.S)
    types = {
        name: dict(re.findall(r"^\s+(\w+)(?:\([^)]*\))?: \[?(\w+)", body, flags=re.M))
        for name, body in re.findall(r"type (\w+) \{(.*?)\n\}", text, flags=re.S)
    }

    def compare(schema: dict[str, Any], name: str) -> None:
        assert set(schema) == set(types[name]), name
        for field, parts in schema.items():
            assert (parts is not None) == (types[name][field] in types), f"{name}.{field}"
            if parts is not None:
                compare(parts, types[name][field])

    compare(SCHEMA, "Economics")
