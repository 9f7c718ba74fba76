"""Returns: units on the marketplace's day, the seller's requests in the report's own dates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from airflow_dags.contracts import Window
from airflow_dags.ingest import Job
from tests.pipeline.conftest import Warehouse

from ..support import run, whole_window

Jobs = Callable[[str, str], list[Job]]
FBA = (
    "return-date\torder-id\tsku\tasin\tfnsku\tproduct-name\tquantity\tfulfillment-center-id\tdetailed-disposition\t"
    "reason\tstatus\tlicense-plate-number\tcustomer-comments\r\n"
)
SELLER = (
    "Order ID\tOrder date\tReturn request date\tReturn request status\tAmazon RMA ID\tMerchant SKU\tReturn quantity\t"
    "Return Reason\tReturn delivery date\tRefunded Amount\tCurrency code\r\n"
)


def unit(returned_at: str, plate: str, order: str = "111-0000001-0000001") -> str:
    return (
        f"{returned_at}\t{order}\tCHG-101\tB01\tX01\tA “charger”\t1\tLEX1\tSELLABLE\tDEFECTIVE\tok\t{plate}\tto’ld\r\n"
    )


def test_a_unit_is_on_the_day_of_its_marketplace(warehouse: Warehouse) -> None:
    """Around the end of daylight saving time: 07:30 UTC is still the day before at first, 08:30 UTC later."""
    rows = unit("2026-11-01T06:30:00+00:00", "LPN1") + unit("2026-11-01T07:30:00+00:00", "LPN2")
    rows += unit("2026-11-02T07:30:00+00:00", "LPN3") + unit("2026-11-02T08:30:00+00:00", "LPN4")
    warehouse.load("amazon_sp", "returns", (FBA + rows).encode("cp1252"))
    found = warehouse.rows(
        "select license_plate_number as n, return_day, product_name from raw.amazon_sp__returns order by 1"
    )
    assert [(row["n"], row["return_day"].isoformat()) for row in found] == [
        ("LPN1", "2026-10-31"),
        ("LPN2", "2026-11-01"),
        ("LPN3", "2026-11-01"),
        ("LPN4", "2026-11-02"),
    ]
    assert found[0]["product_name"] == "A “charger”"


def test_two_units_of_an_order_are_two_and_a_repeated_row_is_one(warehouse: Warehouse) -> None:
    first, second = unit("2026-11-01T12:00:00+00:00", "LPN1"), unit("2026-11-01T12:00:00+00:00", "LPN2")
    warehouse.load("amazon_sp", "returns", (FBA + first + second + first).encode("cp1252"))
    assert warehouse.value("select sum(quantity) from raw.amazon_sp__returns") == 2


def test_a_time_that_is_none_sets_its_row_aside(warehouse: Warehouse) -> None:
    rows = unit("2026-11-01T12:00:00+00:00", "LPN1") + unit("next week", "LPN2")
    warehouse.load("amazon_sp", "returns", (FBA + rows).encode("cp1252"))
    assert warehouse.value("select count(*) from raw.amazon_sp__returns") == 1
    assert "next week" in warehouse.value("select reason from raw.quarantine")


def test_the_sellers_returns_have_dates_of_their_own(warehouse: Warehouse) -> None:
    row = "111-0000002-0000001\t28-Feb-2026\t09-Mar-2026\tCompleted\tD1\tCHG-101\t2\tCR-DEFECTIVE\t\t19.99\tUSD\r\n"
    other = (
        "111-0000003-0000001\t2026-02-28\t2026-03-09\tApproved\tD2\tCHG-102\t1\tCR-DEFECTIVE\t15-Mar-2026\t\tUSD\r\n"
    )
    warehouse.load("amazon_sp", "seller_returns", (SELLER + row + other).encode("cp1252"))
    first, second = warehouse.rows("select * from raw.amazon_sp__seller_returns order by order_id")
    assert (first["return_request_date"], first["order_date"]) == (date(2026, 3, 9), date(2026, 2, 28))
    assert (first["refunded_amount"], first["return_delivery_date"]) == (Decimal("19.99"), None)
    assert (second["refunded_amount"], second["return_delivery_date"]) == (None, date(2026, 3, 15))


def test_a_day_that_is_none_sets_its_row_aside(warehouse: Warehouse) -> None:
    rows = (
        "111-0000002-0000001\t\t09-Smarch-2026\tx\tD1\tCHG-101\t2\tCR-DEFECTIVE\t\t\tUSD\r\n"
        "111-0000002-0000002\t\t31-Feb-2026\tx\tD1\tCHG-101\t2\tCR-DEFECTIVE\t\t\tUSD\r\n"
        "111-0000002-0000003\t\t28-Feb-2026\tx\tD1\tCHG-101\t2\tCR-DEFECTIVE\t\t\tUSD\r\n"
    )
    warehouse.load("amazon_sp", "seller_returns", (SELLER + rows).encode("cp1252"))
    assert warehouse.value("select count(*) from raw.amazon_sp__seller_returns") == 1
    assert len(warehouse.rows("select * from raw.quarantine")) == 2


def test_amazons_and_the_sellers_returns_share_no_order(jobs: Jobs, warehouse: Warehouse, business: Any) -> None:
    for stream in ("returns", "seller_returns"):
        job = jobs("amazon_sp", stream)[0]
        run(job, whole_window(business, job.stream))
    assert warehouse.value("select count(*) from raw.amazon_sp__returns") > 0
    assert warehouse.value("select count(*) from raw.amazon_sp__seller_returns") > 0
    assert (
        warehouse.rows("select order_id from raw.amazon_sp__returns natural join raw.amazon_sp__seller_returns") == []
    )


def test_a_days_request_takes_the_whole_of_a_long_day(jobs: Jobs) -> None:
    job = jobs("amazon_sp", "returns")[0]
    day = date(2026, 11, 1)
    assert job.stream.bounds(job.account, Window(day, day)) == (  # type: ignore[attr-defined]
        "2026-11-01T07:00:00Z",
        "2026-11-02T08:00:00Z",
    )
