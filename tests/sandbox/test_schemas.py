"""The server's answers against the schemas that Amazon publishes, where those are at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import requests

from airflow_dags.sandbox.state import SandboxState

from .clients import ORDERS, SKU_BY_DAY, TRAFFIC, ads_client, ads_request, sp_client, sp_document


@pytest.fixture
def check(material: Path):
    """check(value, definition): against a definition of the Reports API's Swagger model, dates included."""
    model = material / "amzn-sp-api-models" / "models" / "reports-api-model" / "reports_2021-06-30.json"
    definitions = json.loads(model.read_text())["definitions"]

    def validate(value: Any, definition: str) -> None:
        schema = {"$ref": f"#/definitions/{definition}", "definitions": definitions}
        jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker()).validate(value)

    return validate


@pytest.fixture
def call(connections: dict, state: SandboxState):
    """Plain HTTP with a valid token, to see the answers as they are."""
    client = sp_client(connections["amazon_sp_aurora_us"])
    headers = {"x-amz-access-token": client.auth.access_token}

    def send(method: str, path: str, **more: Any) -> requests.Response:
        return requests.request(
            method, f"{state.base_url}/reports/2021-06-30{path}", headers=headers, timeout=5, **more
        )

    return send


def test_report_operations_match_the_reports_model(check, call) -> None:
    body = {
        "reportType": ORDERS,
        "marketplaceIds": ["ATVPDKIKX0DER"],
        "dataStartTime": "2026-10-30T07:00:00Z",
        "dataEndTime": "2026-10-31T07:00:00Z",
    }
    created = call("POST", "/reports", json=body)
    assert created.status_code == 202
    check(created.json(), "CreateReportResponse")
    for _ in range(2):
        report = call("GET", f"/reports/{created.json()['reportId']}").json()
        check(report, "Report")
    check(call("GET", f"/documents/{report['reportDocumentId']}").json(), "ReportDocument")
    call("POST", "/reports", json=body)
    page = call("GET", "/reports", params={"reportTypes": ORDERS, "pageSize": 1}).json()
    assert "nextToken" in page
    check(page, "GetReportsResponse")


def test_errors_match_the_reports_model(check, call, state: SandboxState) -> None:
    state.buckets.set_plan("cancelReport", 0.001, 0)
    answers = {
        400: call("POST", "/reports", json={"reportType": "BAD"}),
        403: requests.get(f"{state.base_url}/reports/2021-06-30/reports", timeout=5),
        404: call("GET", "/reports/none"),
        429: call("DELETE", "/reports/none"),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        check(answer.json(), "ErrorList")
        assert answer.headers["x-amzn-RateLimit-Limit"]


@pytest.mark.parametrize(
    ("window", "options"),
    [
        (("2026-10-31", "2026-10-31"), SKU_BY_DAY),
        (("2026-10-04", "2026-10-17"), {"dateGranularity": "WEEK", "asinGranularity": "CHILD"}),
        (("2026-10-01", "2026-10-31"), {"dateGranularity": "MONTH", "asinGranularity": "PARENT"}),
    ],
    ids=["day", "week", "month"],
)
def test_sales_and_traffic_matches_its_schema(material: Path, connections: dict, window: tuple, options: dict) -> None:
    folder = material / "amzn-sp-api-models"
    schema = json.loads((folder / "schemas-reports" / "sellerSalesAndTrafficReport.json").read_text())
    document = json.loads(sp_document(sp_client(connections["amazon_sp_aurora_us"]), TRAFFIC, *window, **options))
    jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker()).validate(document)
    number = {"DAY": 0, "WEEK": 1, "MONTH": 2}[options["dateGranularity"]]
    example = json.loads((folder / "examples" / f"report__sellerSalesAndTrafficReport__{number}.json").read_text())
    for part in ("salesAndTrafficByDate", "salesAndTrafficByAsin"):
        assert _names(document[part][0]) == _names(example[part][0])


def _names(value: Any) -> Any:
    return {name: _names(part) for name, part in value.items()} if isinstance(value, dict) else None


def test_ads_answers_look_like_the_published_examples(material: Path, connections: dict) -> None:
    examples = json.loads((material / "amzn-ads" / "postman_examples.json").read_text())
    by_case = {
        example["case"]: json.loads(example["response_body"])
        for example in examples
        if example["group"] == "/Reporting/Sponsored ads V3"
        and example["case"] in ("SP daily campaign report", "Pending status", "Complete status")
    }
    assert len(by_case) == 3
    client = ads_client(connections["amazon_ads_aurora_us"])
    created = client.post_report(body=ads_request("2026-10-01", "2026-10-02")).payload
    client.get_report(reportId=created["reportId"])
    done = client.get_report(reportId=created["reportId"]).payload
    for answer, case in ((created, "SP daily campaign report"), (created, "Pending status"), (done, "Complete status")):
        example = by_case[case]
        assert _kinds(answer) == _kinds(example), case


def _kinds(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: _kinds(value) if isinstance(value, dict) else type(value).__name__ for name, value in answer.items()}
