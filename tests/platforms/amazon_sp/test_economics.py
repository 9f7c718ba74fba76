"""Economics: the query and the sandbox that reads it, documents in all their forms, days that stay days."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from airflow_dags.contracts import Window
from airflow_dags.errors import DocumentBroken, RequestRefused, WrongDocument
from airflow_dags.ingest import Job
from airflow_dags.platforms.amazon_sp.economics import QUERY
from airflow_dags.registry import platform_of
from airflow_dags.streams import ReportStatus
from tests.pipeline.conftest import Warehouse

from ..support import run

Jobs = Callable[[str, str], list[Job]]
MARKETPLACE = "ATVPDKIKX0DER"


def money(amount: float) -> dict[str, Any]:
    return {"amount": amount, "currencyCode": "USD"}


def detail(total: float) -> dict[str, Any]:
    return {"amount": money(total), "promotionAmount": money(0), "taxAmount": money(0), "totalAmount": money(total)}


PRODUCT = {
    "startDate": "2026-11-01",
    "endDate": "2026-11-01",
    "marketplaceId": MARKETPLACE,
    "parentAsin": "B0P",
    "childAsin": "B0C",
    "msku": "CHG-101",
    "fnsku": None,
    "sales": {
        "unitsOrdered": 3,
        "unitsRefunded": 1,
        "netUnitsSold": 2,
        "orderedProductSales": money(59.97),
        "refundedProductSales": money(19.99),
        "netProductSales": money(39.98),
        "averageSellingPrice": money(19.99),
    },
    "fees": [
        {
            "feeTypeName": "Referral fees",
            "charges": [
                {
                    "identifier": "REFERRAL",
                    "startDate": "2026-11-01",
                    "endDate": "2026-11-01",
                    "aggregatedDetail": {**detail(6.0), "quantity": 2.0, "amountPerUnit": money(3.0)},
                }
            ],
        }
    ],
    "ads": [{"adTypeName": "Sponsored Products charge", "charge": detail(1.55)}],
    "cost": {"costOfGoodsSold": money(8.5), "miscellaneousCost": None, "fbaCost": None, "mfnCost": None},
    "netProceeds": {"total": money(15.43), "perUnit": money(7.72)},
}


def stored(warehouse: Warehouse) -> list[dict[str, Any]]:
    return warehouse.rows("select * from raw.amazon_sp__economics order by msku, row_level")


FORMS = {
    "lines": json.dumps(PRODUCT).encode() + b"\n",
    "gzip": gzip.compress(json.dumps(PRODUCT).encode()),
    "list": json.dumps([PRODUCT]).encode(),
    "answer": json.dumps({"data": {"analytics_economics_2024_03_15": {"economics": [PRODUCT]}}}, indent=1).encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_document_by_hand(warehouse: Warehouse, form: str) -> None:
    warehouse.load("amazon_sp", "economics", FORMS[form])
    ad, fee, product = stored(warehouse)
    assert (product["row_level"], product["units_ordered"], product["net_units_sold"]) == ("product", 3, 2)
    assert (product["ordered_product_sales"], product["refunded_product_sales"]) == (Decimal("59.97"), Decimal("19.99"))
    assert (product["cost_of_goods_sold"], product["net_proceeds_total"]) == (Decimal("8.5"), Decimal("15.43"))
    assert (fee["charge_type"], fee["total_amount"], fee["charge_quantity"]) == ("Referral fees", 6, 2)
    assert (ad["charge_type"], ad["total_amount"]) == ("Sponsored Products charge", Decimal("1.55"))
    assert {row["currency"] for row in (ad, fee, product)} == {"USD"}
    assert product["total_amount"] is None, "no sum counts a fee twice"
    assert fee["units_ordered"] is None, "no sum counts a unit twice"


def test_what_is_no_economics_by_day_is_refused(warehouse: Warehouse) -> None:
    week = {**PRODUCT, "endDate": "2026-11-07"}
    with pytest.raises(WrongDocument, match="economics are kept by day"):
        warehouse.load("amazon_sp", "economics", json.dumps(week).encode())
    with pytest.raises(WrongDocument, match="is not a result of analytics_economics"):
        warehouse.load("amazon_sp", "economics", b'{"reportSpecification": {}}')
    with pytest.raises(DocumentBroken, match="line 2 is not valid JSON"):
        warehouse.load("amazon_sp", "economics", FORMS["lines"] + FORMS["lines"][:40])
    with pytest.raises(DocumentBroken, match="is not built like"):
        warehouse.load("amazon_sp", "economics", b'{"msku": "A"}\n{"msku": "B"}\n')
    assert stored(warehouse) == []


def test_an_upload_recognises_it() -> None:
    stream = platform_of("amazon_sp").stream("economics")
    assert stream.recognises(list(PRODUCT)) == 1.0
    assert stream.recognises(["sku", "date"]) == 0.0


def test_a_day_is_replaced_as_a_whole(jobs: Jobs, warehouse: Warehouse, sandbox: Any, business: Any) -> None:
    """The emptied ad group's day loses its ads rows at the restatement."""
    [job, *_] = [j for j in jobs("amazon_sp", "economics") if j.account.account_id == "aurora_us"]
    day = date.fromordinal(business.as_of.toordinal() - 5)
    ads = "select coalesce(sum(total_amount), 0) as cost from raw.amazon_sp__economics where row_level = 'ad'"
    run(job, Window(day, day))
    [before] = warehouse.rows(ads)
    sandbox.revision = 1
    run(job, Window(day, day))
    [after] = warehouse.rows(ads)
    lost = sum(row.cost for row in business.ads("aurora_us", day, 0) if row.ad_group is business.emptied_ad_group())
    assert before["cost"] - after["cost"] == Decimal(lost).scaleb(-2)


def test_a_query_is_honoured_or_refused(jobs: Jobs) -> None:
    client = jobs("amazon_sp", "economics")[0].client()
    good = QUERY % {"start": "2026-11-01", "end": "2026-11-02", "marketplace_id": MARKETPLACE}
    assert client.create_query(good)
    wrong = {
        "another marketplace": good.replace(MARKETPLACE, "A1F83G8C2ARO7P"),
        "an unknown field": good.replace("netUnitsSold", "netUnits"),
        "a field without its parts": good.replace("netProductSales { amount currencyCode }", "netProductSales"),
        "no dates": good.replace('startDate: "2026-11-01", ', ""),
        "days that end before they start": good.replace('"2026-11-02"', '"2026-10-02"'),
        "older than two years": good.replace('"2026-11-01"', '"2020-11-01"'),
        "half a query": good[:-3],
        "another data set": good.replace("analytics_economics_2024_03_15", "analytics_vendor"),
        "a granularity that is none": good.replace("date: DAY", "date: HOUR"),
    }
    for what, query in wrong.items():
        with pytest.raises(RequestRefused, match="400"):
            client.create_query(query)
        assert query != good, what


def test_only_the_fields_that_were_asked_for_come_back(jobs: Jobs) -> None:
    client = jobs("amazon_sp", "economics")[0].client()
    query_id = client.create_query(
        'query { analytics_economics_2024_03_15 { economics(startDate: "2026-10-01" endDate: "2026-10-31" '
        f'marketplaceIds: ["{MARKETPLACE}"] aggregateBy: {{date: RANGE, productId: MSKU}}) '
        "{ msku endDate sales { unitsOrdered } } } }"
    )
    status = job_status(jobs, query_id)
    document = client.download_query(str(status.document_id), "economics")
    rows = [json.loads(line) for line in document.plain().splitlines()]
    assert len({row["msku"] for row in rows}) == len(rows), "one row a product over the whole range"
    assert all(list(row) == ["msku", "endDate", "sales"] and list(row["sales"]) == ["unitsOrdered"] for row in rows)
    assert {row["endDate"] for row in rows} == {"2026-10-31"}


def job_status(jobs: Jobs, query_id: str) -> ReportStatus:
    job = jobs("amazon_sp", "economics")[0]
    return job.stream.check(job.client(), query_id)  # type: ignore[attr-defined,no-any-return]


class Answer:
    """A client whose query answers as it is told."""

    def __init__(self, **fields: Any) -> None:
        self.fields = fields

    def get_query(self, query_id: str) -> dict[str, Any]:
        return {"queryId": query_id, "processingEndTime": "2026-11-02T03:04:05Z", **self.fields}


def test_the_states_of_a_query() -> None:
    stream = platform_of("amazon_sp").stream("economics")

    def state(**fields: Any) -> str:
        return stream.check(Answer(**fields), "7").state  # type: ignore[attr-defined,no-any-return]

    assert state(processingStatus="IN_QUEUE") == state(processingStatus="IN_PROGRESS") == "requested"
    assert state(processingStatus="DONE", dataDocumentId="d") == "done"
    assert state(processingStatus="DONE") == "empty"
    assert state(processingStatus="FATAL") == state(processingStatus="CANCELLED") == "failed"
    paged = stream.check(  # type: ignore[attr-defined]
        Answer(processingStatus="DONE", dataDocumentId="d", pagination={"nextToken": "n"}), "7"
    )
    assert paged.state == "failed"
    assert "lower request_days" in paged.reason
