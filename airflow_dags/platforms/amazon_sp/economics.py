"""Economics (Data Kiosk, JSON lines): a SKU's day as one row of sales and proceeds, one a fee and one an ads charge.

Provisional: fees are those that Amazon expects of the day's orders; the settlement is final. `row_level` tells the
rows apart: `product` holds units, sales, costs and net proceeds; `fee` and `ad` hold one charge each (`charge_type`),
positive is paid by the seller: total_amount = amount - promotion_amount + tax_amount. Money is in the row's currency,
days are the marketplace's.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from airflow_dags.contracts import Column, Contract, Extract
from airflow_dags.errors import DocumentBroken, WrongDocument
from airflow_dags.platforms.amazon_sp.reports import SpStream
from airflow_dags.streams import ReportStatus, ReportStream

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Window
    from airflow_dags.documents import Document

DATA_SET = "analytics_economics_2024_03_15"
CONTRACT = Contract(
    platform="amazon_sp",
    stream="economics",
    mode="window",
    report_name=f"Data Kiosk {DATA_SET}",
    window_column="start_date",
    seller_ids=("msku",),
    unique=(
        "start_date",
        "end_date",
        "row_level",
        "marketplace_id",
        "parent_asin",
        "child_asin",
        "msku",
        "fnsku",
        "charge_type",
        "charge_id",
        "charge_start_date",
    ),
    columns=(
        Column("row_level", required=True, nullable=False),
        Column("start_date", "date", required=True, nullable=False),
        Column("end_date", "date", required=True, nullable=False),
        Column("marketplace_id", required=True),
        Column("parent_asin"),
        Column("child_asin"),
        Column("msku", required=True),
        Column("fnsku"),
        Column("units_ordered", "integer", required=True),
        Column("units_refunded", "integer"),
        Column("net_units_sold", "integer"),
        Column("ordered_product_sales", "numeric", required=True),
        Column("refunded_product_sales", "numeric"),
        Column("net_product_sales", "numeric"),
        Column("average_selling_price", "numeric"),
        Column("cost_of_goods_sold", "numeric"),
        Column("miscellaneous_cost", "numeric"),
        Column("fba_shipping_to_amazon_cost", "numeric"),
        Column("mfn_fulfillment_cost", "numeric"),
        Column("mfn_storage_cost", "numeric"),
        Column("net_proceeds_total", "numeric"),
        Column("net_proceeds_per_unit", "numeric"),
        Column("charge_type"),
        Column("charge_id"),
        Column("charge_start_date", "date"),
        Column("charge_end_date", "date"),
        Column("charge_quantity", "numeric"),
        Column("amount", "numeric"),
        Column("promotion_amount", "numeric"),
        Column("tax_amount", "numeric"),
        Column("total_amount", "numeric"),
        Column("amount_per_unit", "numeric"),
        Column("currency"),
    ),
)
_AMOUNT = "{ amount currencyCode }"
_DETAIL = " ".join(
    [f"{name} {_AMOUNT}" for name in ("amount", "promotionAmount", "taxAmount", "totalAmount", "amountPerUnit")]
    + ["quantity"]
)
QUERY = f"""query Economics {{
  {DATA_SET} {{
    economics(
      startDate: "%(start)s", endDate: "%(end)s", marketplaceIds: ["%(marketplace_id)s"],
      aggregateBy: {{ date: DAY, productId: MSKU }}
    ) {{
      startDate endDate marketplaceId parentAsin childAsin msku fnsku
      sales {{
        unitsOrdered unitsRefunded netUnitsSold
        orderedProductSales {_AMOUNT} refundedProductSales {_AMOUNT} netProductSales {_AMOUNT}
        averageSellingPrice {_AMOUNT}
      }}
      fees {{ feeTypeName charges {{ identifier startDate endDate aggregatedDetail {{ {_DETAIL} }} }} }}
      ads {{ adTypeName charge {{ {_DETAIL} }} }}
      cost {{
        costOfGoodsSold {_AMOUNT} miscellaneousCost {_AMOUNT} fbaCost {{ shippingToAmazonCost {_AMOUNT} }}
        mfnCost {{ fulfillmentCost {_AMOUNT} storageCost {_AMOUNT} }}
      }}
      netProceeds {{ total {_AMOUNT} perUnit {_AMOUNT} }}
    }}
  }}
}}"""
_KNOWN = {
    "startDate",
    "endDate",
    "marketplaceId",
    "parentAsin",
    "childAsin",
    "msku",
    "fnsku",
    "sales",
    "fees",
    "ads",
    "cost",
    "netProceeds",
}


class Economics(SpStream, ReportStream):
    contract = CONTRACT

    @property
    def fingerprint(self) -> str:
        return DATA_SET

    def request(self, client: Any, account: Account, window: Window) -> str:
        asked = {"start": window.start, "end": window.end, "marketplace_id": self.marketplace_id(account)}
        return str(client.create_query(QUERY % asked))

    def check(self, client: Any, report_id: str) -> ReportStatus:
        query = client.get_query(report_id)
        status = query["processingStatus"]
        made = query.get("processingEndTime")
        known_at = datetime.fromisoformat(made.replace("Z", "+00:00")) if made else None
        if status == "FATAL":
            return ReportStatus("failed", reason=f"Amazon ended query {report_id} with FATAL")
        if status == "CANCELLED":
            return ReportStatus("failed", reason=f"query {report_id} was cancelled before Amazon began with it")
        if status != "DONE":
            return ReportStatus("requested")
        if (query.get("pagination") or {}).get("nextToken"):
            reason = f"query {report_id} has more than one page of results: lower request_days of economics"
            return ReportStatus("failed", reason=reason)
        document_id = query.get("dataDocumentId")
        return ReportStatus("done" if document_id else "empty", document_id, known_at=known_at)

    def download(self, client: Any, document_id: str) -> Document:
        return client.download_query(document_id, self.name)  # type: ignore[no-any-return]

    def recognises(self, names: Collection[str]) -> float:
        return 1.0 if {"msku", "netProceeds"} <= set(names) else super().recognises(names)

    def read(self, document: Document, account: Account, day: date) -> Extract:
        from airflow_dags.documents import table_of_rows

        if document.start(1) not in (b"{", b"["):
            return super().read(document, account, day)
        rows: list[dict[str, Any]] = []
        try:
            for product in _products(document):
                rows += rows_of(product)
        except (AttributeError, KeyError, TypeError) as error:
            raise DocumentBroken(
                f"{document.name} is not built like {DATA_SET} ({type(error).__name__}: {error}); nothing was changed"
            ) from None
        _refuse_longer_than_days(rows, document.name)
        unknown = sorted({name for row in rows for name in row} - set(CONTRACT.by_name))
        return Extract(
            table_of_rows(rows, [column.name for column in CONTRACT.columns] + unknown),
            marketplace_ids=tuple(sorted({row["marketplace_id"] for row in rows if row["marketplace_id"]})),
            currency=next((row["currency"] for row in rows if row["currency"]), None),
        )


def _products(document: Document) -> Iterator[dict[str, Any]]:
    """The document's objects: one a line, or all in the answer that the query would have got at once."""
    from airflow_dags.documents.content import text_of

    text = text_of(document).decode()
    try:
        whole = json.loads(text, parse_float=str, parse_int=str)
    except ValueError:
        whole = None
    if isinstance(whole, dict) and "msku" not in whole:
        found = (whole.get("data") or whole).get(DATA_SET)
        if found is None:
            raise WrongDocument(
                f"{document.name} is not a result of {DATA_SET}; nothing was changed; check --stream, or download it"
            )
        whole = found.get("economics")
    if isinstance(whole, list):
        yield from whole
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                yield json.loads(line, parse_float=str, parse_int=str)
            except (ValueError, RecursionError):
                raise DocumentBroken(
                    f"{document.name}: line {number} is not valid JSON; nothing was changed; download it again"
                ) from None


def rows_of(product: dict[str, Any]) -> list[dict[str, Any]]:
    """One product's day under the contract's names: the product's own row, its fees, its ads."""
    shared = {
        "start_date": product["startDate"],
        "end_date": product["endDate"],
        "marketplace_id": product.get("marketplaceId"),
        "parent_asin": product.get("parentAsin"),
        "child_asin": product.get("childAsin"),
        "msku": product["msku"],
        "fnsku": product.get("fnsku"),
    }
    sales, cost, proceeds = (product.get(name) or {} for name in ("sales", "cost", "netProceeds"))
    currency = (sales.get("orderedProductSales") or {}).get("currencyCode")
    fba, mfn = cost.get("fbaCost") or {}, cost.get("mfnCost") or {}
    own = {
        **shared,
        "row_level": "product",
        "units_ordered": sales.get("unitsOrdered"),
        "units_refunded": sales.get("unitsRefunded"),
        "net_units_sold": sales.get("netUnitsSold"),
        "ordered_product_sales": _amount(sales, "orderedProductSales"),
        "refunded_product_sales": _amount(sales, "refundedProductSales"),
        "net_product_sales": _amount(sales, "netProductSales"),
        "average_selling_price": _amount(sales, "averageSellingPrice"),
        "cost_of_goods_sold": _amount(cost, "costOfGoodsSold"),
        "miscellaneous_cost": _amount(cost, "miscellaneousCost"),
        "fba_shipping_to_amazon_cost": _amount(fba, "shippingToAmazonCost"),
        "mfn_fulfillment_cost": _amount(mfn, "fulfillmentCost"),
        "mfn_storage_cost": _amount(mfn, "storageCost"),
        "net_proceeds_total": _amount(proceeds, "total"),
        "net_proceeds_per_unit": _amount(proceeds, "perUnit"),
        "currency": currency,
        **{name: value for name, value in product.items() if name not in _KNOWN},
    }
    return [own, *({**shared, **charge} for charge in _charges(product))]


def _charges(product: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for fee in product.get("fees") or []:
        for charge in fee.get("charges") or ([fee["charge"]] if fee.get("charge") else []):
            yield {
                "row_level": "fee",
                "charge_type": fee.get("feeTypeName"),
                "charge_id": charge.get("identifier"),
                "charge_start_date": charge.get("startDate"),
                "charge_end_date": charge.get("endDate"),
                **_detail(charge.get("aggregatedDetail") or {}),
            }
    for ad in product.get("ads") or []:
        yield {"row_level": "ad", "charge_type": ad.get("adTypeName"), **_detail(ad.get("charge") or {})}


def _detail(detail: dict[str, Any]) -> dict[str, Any]:
    return {
        "charge_quantity": detail.get("quantity"),
        "amount": _amount(detail, "amount"),
        "promotion_amount": _amount(detail, "promotionAmount"),
        "tax_amount": _amount(detail, "taxAmount"),
        "total_amount": _amount(detail, "totalAmount"),
        "amount_per_unit": _amount(detail, "amountPerUnit"),
        "currency": (detail.get("totalAmount") or {}).get("currencyCode"),
    }


def _amount(owner: dict[str, Any], name: str) -> Any:
    return (owner.get(name) or {}).get("amount")


def _refuse_longer_than_days(rows: list[dict[str, Any]], name: str) -> None:
    """Rows of a week or a month would replace the days that they begin on."""
    longer = next((row for row in rows if row["start_date"] != row["end_date"]), None)
    if longer is not None:
        raise WrongDocument(
            f"{name} has rows of {longer['start_date']} to {longer['end_date']}, economics are kept by day; nothing "
            "was changed; ask for it with aggregateBy date DAY"
        )
