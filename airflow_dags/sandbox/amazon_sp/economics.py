"""Data Kiosk 2023-11-15 with the data set economics (analytics_economics_2024_03_15), by MSKU and day or range.

A query is read far enough to honour its dates, marketplace, granularity and fields, and refused where it asks for what
the schema doesn't have. The result is one JSON object a line, compressed by Content-Encoding, at a presigned address.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from airflow_dags.sandbox.amazon_sp.calls import SpError, invalid, operation
from airflow_dags.sandbox.amazon_sp.graphql import Field, GraphqlError, parse
from airflow_dags.sandbox.business.catalogue import CURRENCY, MARKETPLACE_ID, Sku
from airflow_dags.sandbox.business.economics import SkuDay, sku_days
from airflow_dags.sandbox.content import Place, is_stuck, note, report_end, rows_of
from airflow_dags.sandbox.state import Report, SandboxState, iso, new_id, now

DATA_SET = "analytics_economics_2024_03_15"
BASE = "/dataKiosk/2023-11-15"
LONGEST_QUERY = 8000
YEARS = 2
ENDS = {"fatal": "FATAL", "cancelled": "CANCELLED"}
_AMOUNT = {"amount": None, "currencyCode": None}
_DETAIL = {
    "amount": _AMOUNT,
    "amountPerUnit": _AMOUNT,
    "amountPerUnitDelta": _AMOUNT,
    "promotionAmount": _AMOUNT,
    "quantity": None,
    "taxAmount": _AMOUNT,
    "totalAmount": _AMOUNT,
}
_PROPERTY = {"propertyName": None, "propertyValue": None}
_FEE = {
    "aggregatedDetail": _DETAIL,
    "components": {"aggregatedDetail": _DETAIL, "name": None, "properties": _PROPERTY},
    "endDate": None,
    "identifier": None,
    "properties": _PROPERTY,
    "startDate": None,
}
# The schema's fields: None for a value, a dictionary for an object (or a list of them).
SCHEMA: dict[str, Any] = {
    "ads": {"adTypeName": None, "charge": _DETAIL},
    "childAsin": None,
    "cost": {
        "costOfGoodsSold": _AMOUNT,
        "fbaCost": {"shippingToAmazonCost": _AMOUNT},
        "mfnCost": {"fulfillmentCost": _AMOUNT, "storageCost": _AMOUNT},
        "miscellaneousCost": _AMOUNT,
    },
    "endDate": None,
    "fees": {"charge": _FEE, "charges": _FEE, "feeTypeName": None},
    "fnsku": None,
    "marketplaceId": None,
    "msku": None,
    "netProceeds": {"perUnit": _AMOUNT, "total": _AMOUNT},
    "parentAsin": None,
    "sales": {
        "averageSellingPrice": _AMOUNT,
        "netProductSales": _AMOUNT,
        "netUnitsSold": None,
        "orderedProductSales": _AMOUNT,
        "refundedProductSales": _AMOUNT,
        "unitsOrdered": None,
        "unitsRefunded": None,
    },
    "startDate": None,
}


# -- the answer ----------------------------------------------------------------------------------------------------


def _money(cents: float) -> dict[str, Any]:
    return {"amount": round(cents) / 100, "currencyCode": CURRENCY}


def _detail(cents: int, quantity: int | None) -> dict[str, Any]:
    return {
        "amount": _money(cents),
        "amountPerUnit": _money(cents / quantity) if quantity else None,
        "amountPerUnitDelta": None,
        "promotionAmount": _money(0),
        "quantity": float(quantity) if quantity else None,
        "taxAmount": _money(0),
        "totalAmount": _money(cents),
    }


def _fee(name: str, cents: int, quantity: int | None, days: tuple[date, date]) -> dict[str, Any]:
    charge: dict[str, Any] = {
        "aggregatedDetail": _detail(cents, quantity),
        "components": None,
        "endDate": days[1].isoformat(),
        "identifier": name.upper().replace(" ", "_"),
        "properties": [],
        "startDate": days[0].isoformat(),
    }
    return {"charge": charge, "charges": [charge], "feeTypeName": name}


def economics_answer(sku: Sku, facts: SkuDay, days: tuple[date, date]) -> dict[str, Any]:
    """One product's economics over the days, with every field of the schema."""
    net_units, net_sales, cost = facts.units - facts.units_refunded, facts.sales - facts.refunds, sku.cost_on(days[1])
    proceeds = net_sales - sum(facts.fees.values()) - facts.ads - cost * net_units
    fees = [
        _fee(name, cents, facts.units_charged.get(name), days) for name, cents in sorted(facts.fees.items()) if cents
    ]
    ads = [{"adTypeName": "Sponsored Products charge", "charge": _detail(facts.ads, None)}] if facts.ads else []
    return {
        "ads": ads,
        "childAsin": sku.asin,
        "cost": {
            "costOfGoodsSold": _money(cost),
            "fbaCost": {"shippingToAmazonCost": None},
            "mfnCost": {"fulfillmentCost": None, "storageCost": None},
            "miscellaneousCost": None,
        },
        "endDate": days[1].isoformat(),
        "fees": fees,
        "fnsku": "X" + sku.asin[1:],
        "marketplaceId": MARKETPLACE_ID,
        "msku": sku.sku,
        "netProceeds": {"perUnit": _money(proceeds / net_units) if net_units else None, "total": _money(proceeds)},
        "parentAsin": sku.parent_asin,
        "sales": {
            "averageSellingPrice": _money(facts.sales / facts.units) if facts.units else None,
            "netProductSales": _money(net_sales),
            "netUnitsSold": net_units,
            "orderedProductSales": _money(facts.sales),
            "refundedProductSales": _money(facts.refunds),
            "unitsOrdered": facts.units,
            "unitsRefunded": facts.units_refunded,
        },
        "startDate": days[0].isoformat(),
    }


def _projected(answer: Any, fields: list[Field]) -> Any:
    """Only the fields that were asked for, in the order of the question."""
    if isinstance(answer, list):
        return [_projected(item, fields) for item in answer]
    if not isinstance(answer, dict) or not fields:
        return answer
    return {one.name: _projected(answer[one.name], one.fields) for one in fields}


def _rows(state: SandboxState, account_id: str, wanted: dict[str, Any], revision: int) -> Iterator[dict[str, Any]]:
    start, end = wanted["start"], wanted["end"]
    found = state.cached(("sku_days", account_id, revision), lambda: sku_days(state.business, account_id, revision))
    groups: dict[tuple[date, date, Sku], SkuDay] = {}
    for (day, sku), facts in sorted(found.items(), key=lambda item: (item[0][0], item[0][1].sku)):
        if start <= day <= end:
            days = (day, day) if wanted["date"] == "DAY" else (start, end)
            _add(groups.setdefault((*days, sku), SkuDay()), facts)
    for (first, last, sku), facts in groups.items():
        yield _projected(economics_answer(sku, facts, (first, last)), wanted["fields"])


def _add(total: SkuDay, facts: SkuDay) -> None:
    for name in ("units", "sales", "units_refunded", "refunds", "ads"):
        setattr(total, name, getattr(total, name) + getattr(facts, name))
    for name, cents in facts.fees.items():
        total.fees[name] += cents
    for name, units in facts.units_charged.items():
        total.units_charged[name] += units


# -- the question --------------------------------------------------------------------------------------------------


def _wanted(query: Any) -> dict[str, Any]:
    """What a query asks for; raises SpError for one that Data Kiosk would refuse."""
    if not isinstance(query, str) or not query.strip():
        raise invalid("query is missing")
    if len(" ".join(query.split())) > LONGEST_QUERY:
        raise invalid(f"query is longer than {LONGEST_QUERY} characters")
    try:
        roots = parse(query)
    except GraphqlError as error:
        raise invalid(f"query is not valid: {error}") from None
    if [root.name for root in roots] != [DATA_SET] or [one.name for one in roots[0].fields] != ["economics"]:
        raise invalid(f"query must ask for {DATA_SET} {{ economics }}")
    economics = roots[0].fields[0]
    _refuse_unknown(economics.fields, SCHEMA, "economics")
    return {**_arguments(economics.arguments), "fields": economics.fields}


def _refuse_unknown(fields: list[Field], schema: dict[str, Any], path: str) -> None:
    if not fields:
        raise invalid(f"{path} needs a selection of fields")
    for one in fields:
        if one.name not in schema:
            raise invalid(f"Cannot query field {one.name!r} of {path}")
        if schema[one.name] is None and one.fields:
            raise invalid(f"{path}.{one.name} has no fields")
        if schema[one.name] is not None:
            _refuse_unknown(one.fields, schema[one.name], f"{path}.{one.name}")


def _arguments(given: dict[str, Any]) -> dict[str, Any]:
    allowed = {"startDate", "endDate", "marketplaceIds", "aggregateBy", "includeComponentsForFeeTypes"}
    if unknown := sorted(set(given) - allowed):
        raise invalid(f"Unknown argument {', '.join(unknown)} of economics")
    try:
        start, end = date.fromisoformat(given["startDate"]), date.fromisoformat(given["endDate"])
    except (KeyError, TypeError, ValueError):
        raise invalid("startDate and endDate must be dates (YYYY-MM-DD)") from None
    if end < start:
        raise invalid("endDate is before startDate")
    if start < now().date() - timedelta(days=365 * YEARS + 1):
        raise invalid("startDate must be no more than two years ago")
    if given.get("marketplaceIds") != [MARKETPLACE_ID]:
        raise invalid(f"marketplaceIds {given.get('marketplaceIds')!r}: the seller sells in {MARKETPLACE_ID} only")
    by = {"date": "DAY", "productId": "MSKU", **(given.get("aggregateBy") or {})}
    if by["date"] not in ("DAY", "RANGE") or by["productId"] != "MSKU" or len(by) != 2:
        raise invalid(f"aggregateBy {by} is not simulated: DAY or RANGE, by MSKU")
    return {"start": start, "end": end, "date": by["date"]}


# -- the operations ------------------------------------------------------------------------------------------------


class Kiosk:
    """The queries of all accounts, apart from HTTP."""

    def __init__(self, state: SandboxState) -> None:
        self.state = state

    @property
    def queries(self) -> dict[str, Report]:
        return self.state.jobs["data_kiosk"]

    def create(self, account_id: str, body: Any) -> str:
        query = body.get("query") if isinstance(body, dict) else None
        wanted = _wanted(query)
        ends = report_end(self.state, Place("amazon_sp", "economics", account_id))
        with self.state.lock:
            query_id = str(70_000_000_001 + len(self.queries))
            report = Report(query_id, account_id, {"query": query}, self.state.revision, now(), status="IN_QUEUE")
            report.ends = ends
            report.facts["wanted"] = wanted
            self.queries[query_id] = report
        return query_id

    def find(self, account_id: str, query_id: str) -> Report:
        report = self.queries.get(query_id)
        if report is None or report.account_id != account_id:
            raise SpError(404, "NotFound", f"Query {query_id} not found")
        note(self.state, Place("amazon_sp", "economics", account_id))
        return report

    def poll(self, account_id: str, query_id: str) -> Report:
        with self.state.lock:
            report = self.find(account_id, query_id)
            if report.status in ("IN_QUEUE", "IN_PROGRESS"):
                report.polls += 1
                report.status = "IN_PROGRESS"
                if report.polls >= self.state.options.polls and not is_stuck(self.state, report.ends):
                    self._finish(report)
        return report

    def document(self, account_id: str, document_id: str) -> Report:
        report = self.find(account_id, document_id.rpartition(".")[2])
        if report.document_id != document_id:
            raise SpError(404, "NotFound", f"Document {document_id} not found")
        return report

    def _finish(self, report: Report) -> None:
        report.finished_at, report.status = now(), ENDS.get(report.ends or "", "DONE")
        if report.status != "DONE":
            return
        found = list(_rows(self.state, report.account_id, report.facts["wanted"], report.revision))
        rows = rows_of(self.state, Place("amazon_sp", "economics", report.account_id), found)
        if rows:
            lines = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows]
            report.content = gzip.compress(("\n".join(lines) + "\n").encode(), 3, mtime=0)
            report.document_id = f"amzn1.tortuga.4.na.{new_id()}.{report.report_id}"


def _as_json(report: Report) -> dict[str, Any]:
    answer = {
        "queryId": report.report_id,
        "query": report.request["query"],
        "createdTime": iso(report.created_at),
        "processingStatus": report.status,
    }
    if report.status != "IN_QUEUE":
        answer["processingStartTime"] = iso(report.created_at)
    if report.finished_at:
        answer["processingEndTime"] = iso(report.finished_at)
    if report.document_id:
        answer["dataDocumentId"] = report.document_id
    return answer


def add_routes(routes: Blueprint, state: SandboxState) -> None:
    kiosk = Kiosk(state)

    @routes.post(f"{BASE}/queries")
    @operation(state, "createQuery")
    def create_query(account_id: str) -> Response:
        answer = jsonify({"queryId": kiosk.create(account_id, request.get_json(force=True, silent=True))})
        answer.status_code = 202
        return answer

    @routes.get(f"{BASE}/queries/<query_id>")
    @operation(state, "getQuery")
    def get_query(account_id: str, query_id: str) -> Response:
        return jsonify(_as_json(kiosk.poll(account_id, query_id)))

    @routes.get(f"{BASE}/documents/<document_id>")
    @operation(state, "getDocument")
    def get_kiosk_document(account_id: str, document_id: str) -> Response:
        report = kiosk.document(account_id, document_id)
        expires = int((now() + timedelta(seconds=state.options.document_seconds)).timestamp())
        signed = f"X-Amz-Expires={expires}&X-Amz-Signature={document_id[-49:]}"
        return jsonify(
            {"documentId": document_id, "documentUrl": f"{state.base_url}/kiosk/{report.report_id}?{signed}"}
        )

    @routes.get("/kiosk/<query_id>")
    def download_kiosk(query_id: str) -> Response:
        """The presigned address: no token, but the signature, for a while."""
        report = kiosk.queries.get(query_id)
        signature = request.args.get("X-Amz-Signature")
        if report is None or report.document_id is None or report.document_id[-49:] != signature:
            return Response("<Error><Code>SignatureDoesNotMatch</Code></Error>", 403, mimetype="application/xml")
        if int(request.args.get("X-Amz-Expires", "0")) < now().timestamp():
            return Response("<Error><Code>AccessDenied</Code></Error>", 403, mimetype="application/xml")
        g.account_id = report.account_id
        note(state, Place("amazon_sp", "economics", report.account_id))
        return Response(report.content, headers={"Content-Encoding": "gzip"}, content_type="application/jsonl")
