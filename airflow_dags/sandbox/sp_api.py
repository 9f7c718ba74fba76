"""Selling Partner API: Reports 2021-06-30 (create, get, list, cancel, document, download).

Reports are done on the poll that the options say, CANCELLED when they would be empty, FATAL when a fault was planned.
Errors have Amazon's shape {"errors": [{"code", "message", "details"}]}; every answer names the rate limit.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

from flask import Blueprint, Response, jsonify, request

from airflow_dags.sandbox.business.catalogue import MARKETPLACE_ID
from airflow_dags.sandbox.credentials import SP, TokenError
from airflow_dags.sandbox.sp_documents import (
    ORDERS_REPORT,
    TRAFFIC_REPORT,
    orders_document,
    report_days,
    traffic_document,
)
from airflow_dags.sandbox.state import Report, SandboxState, iso, new_id, now

BASE = "/reports/2021-06-30"
OPTIONS = {"dateGranularity": ("DAY", "WEEK", "MONTH"), "asinGranularity": ("PARENT", "CHILD", "SKU")}
STATUSES = ("CANCELLED", "DONE", "FATAL", "IN_PROGRESS", "IN_QUEUE")
GATEWAY_PAGE = "<html><body><h1>503 Service Unavailable</h1></body></html>"
COMPRESS_FROM = 2048  # bytes; Amazon leaves small documents uncompressed


class SpError(Exception):
    def __init__(self, status: int, code: str, message: str, details: str = "", retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.details = status, code, message, details
        self.retry_after = retry_after

    def response(self) -> Response:
        error = {"code": self.code, "message": self.message, "details": self.details}
        answer = jsonify({"errors": [error]})
        answer.status_code = self.status
        if self.retry_after is not None:
            answer.headers["Retry-After"] = str(self.retry_after)
        return answer


def quota_exceeded(wait: int) -> SpError:
    return SpError(429, "QuotaExceeded", "You exceeded your quota for the requested resource.", retry_after=wait)


def invalid(details: str) -> SpError:
    return SpError(400, "InvalidInput", "Invalid Input", details)


class SpReports:
    """The reports of all accounts, apart from HTTP: takes and gives plain values, raises SpError."""

    def __init__(self, state: SandboxState) -> None:
        self.state = state

    def create(self, account_id: str, body: Any) -> str:
        wanted = self._validated(body)
        ends = self.state.take_fault("createReport", account_id, "fatal", "cancelled")
        with self.state.lock:
            report_id = str(50_000_000_001 + len(self.state.sp_reports))
            report = Report(report_id, account_id, wanted, self.state.revision, now(), status="IN_QUEUE")
            report.ends = {"fatal": "FATAL", "cancelled": "CANCELLED"}.get(ends or "")
            self.state.sp_reports[report_id] = report
        return report_id

    def get(self, account_id: str, report_id: str) -> Report:
        report = self.state.sp_reports.get(report_id)
        if report is None or report.account_id != account_id:
            raise SpError(404, "NotFound", f"Report {report_id} not found")
        return report

    def poll(self, account_id: str, report_id: str) -> Report:
        with self.state.lock:
            report = self.get(account_id, report_id)
            if report.status in ("IN_QUEUE", "IN_PROGRESS"):
                report.polls += 1
                left = self.state.options.polls - report.polls
                report.status = "IN_QUEUE" if left > 1 else "IN_PROGRESS"
                if left <= 0:
                    self._finish(report)
        return report

    def cancel(self, account_id: str, report_id: str) -> None:
        report = self.get(account_id, report_id)
        if report.status != "IN_QUEUE":
            raise invalid(f"Report {report_id} is {report.status}; only reports in queue can be cancelled")
        report.status, report.finished_at = "CANCELLED", now()

    def document(self, account_id: str, document_id: str) -> Report:
        report = self.state.sp_reports.get(document_id.rpartition(".")[2])
        if report is not None and report.document_id == document_id and report.account_id == account_id:
            return report
        raise SpError(404, "NotFound", f"Report document {document_id} not found")

    def search(self, account_id: str, filters: dict[str, Any]) -> tuple[list[Report], str | None]:
        """Newest first; the token carries the filters and where to go on."""
        size, offset = filters["pageSize"], filters["offset"]
        found = [
            report
            for report in reversed(list(self.state.sp_reports.values()))
            if report.account_id == account_id
            and report.request["reportType"] in filters["reportTypes"]
            and (not filters["processingStatuses"] or report.status in filters["processingStatuses"])
            and (not filters["createdSince"] or iso(report.created_at) >= filters["createdSince"])
            and (not filters["createdUntil"] or iso(report.created_at) <= filters["createdUntil"])
        ]
        token = None
        if len(found) > offset + size:
            token = base64.urlsafe_b64encode(json.dumps({**filters, "offset": offset + size}).encode()).decode()
        return found[offset : offset + size], token

    def _finish(self, report: Report) -> None:
        report.finished_at = now()
        content = None if report.ends else self._content(report)
        report.status = report.ends or ("DONE" if content is not None else "CANCELLED")
        if content is not None:
            report.document_id = f"amzn1.spdoc.1.4.na.{new_id()}.{report.report_id}"
            report.facts["is_compressed"] = len(content) > COMPRESS_FROM
            report.content = gzip.compress(content, 3, mtime=0) if len(content) > COMPRESS_FROM else content

    def _content(self, report: Report) -> bytes | None:
        if report.request["reportType"] == ORDERS_REPORT:
            start, end = _instant(report.request["dataStartTime"]), _instant(report.request["dataEndTime"])
            return orders_document(self.state.business, report.account_id, start, end, report.revision)
        return traffic_document(self.state.business, report.account_id, report.request, report.revision)

    @staticmethod
    def _validated(body: Any) -> dict[str, Any]:
        if not isinstance(body, dict):
            raise invalid("The request body is not a JSON object")
        report_type = body.get("reportType")
        if report_type not in (ORDERS_REPORT, TRAFFIC_REPORT):
            raise invalid(f"Report type {report_type!r} is not valid")
        if body.get("marketplaceIds") != [MARKETPLACE_ID]:
            raise invalid(f"marketplaceIds {body.get('marketplaceIds')!r}: the seller sells in {MARKETPLACE_ID} only")
        moment = iso(now())
        wanted = {
            "reportType": report_type,
            "marketplaceIds": body["marketplaceIds"],
            "dataStartTime": body.get("dataStartTime") or moment,
            "dataEndTime": body.get("dataEndTime") or moment,
            "reportOptions": body.get("reportOptions") or {},
        }
        try:
            if _instant(wanted["dataStartTime"]) > _instant(wanted["dataEndTime"]):
                raise invalid("dataStartTime is after dataEndTime")
            report_days(wanted)
        except (ValueError, TypeError, AttributeError):
            raise invalid("dataStartTime and dataEndTime must be ISO 8601 date times") from None
        for name, value in wanted["reportOptions"].items():
            if report_type == TRAFFIC_REPORT and value not in OPTIONS.get(name, ()):
                raise invalid(f"Report option {name}={value!r} is not valid for {report_type}")
        return wanted


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant


def _as_json(report: Report) -> dict[str, Any]:
    answer = {
        "reportId": report.report_id,
        "reportType": report.request["reportType"],
        "marketplaceIds": report.request["marketplaceIds"],
        "dataStartTime": iso(_instant(report.request["dataStartTime"])),
        "dataEndTime": iso(_instant(report.request["dataEndTime"])),
        "createdTime": iso(report.created_at),
        "processingStatus": report.status,
    }
    if report.status != "IN_QUEUE":
        answer["processingStartTime"] = iso(report.created_at)
    if report.finished_at:
        answer["processingEndTime"] = iso(report.finished_at)
    if report.document_id:
        answer["reportDocumentId"] = report.document_id
    return answer


def _search_filters() -> dict[str, Any]:
    """The list operation's parameters, checked; a nextToken must come alone."""
    given = request.args
    if "nextToken" in given:
        if set(given) - {"nextToken"}:
            raise invalid("nextToken must be the only parameter")
        try:
            return json.loads(base64.urlsafe_b64decode(given["nextToken"]))
        except ValueError:
            raise invalid("nextToken is not valid") from None
    lists = {
        name: [value for text in given.getlist(name) for value in text.split(",") if value]
        for name in ("reportTypes", "processingStatuses")
    }
    if not lists["reportTypes"]:
        raise invalid("Either reportTypes or nextToken is required")
    if set(lists["processingStatuses"]) - set(STATUSES):
        raise invalid("Invalid input in processing status")
    size = given.get("pageSize", "10")
    if not size.isdigit() or not 1 <= int(size) <= 100:
        raise invalid("pageSize must be between 1 and 100")
    since, until = (given.get(name) for name in ("createdSince", "createdUntil"))
    return {**lists, "pageSize": int(size), "offset": 0, "createdSince": since, "createdUntil": until}


def blueprint(state: SandboxState) -> Blueprint:
    routes = Blueprint("sp_api", __name__)
    reports = SpReports(state)

    def operation(name: str) -> Callable:
        """Checks token, planned faults and rate; gives the account to the function and Amazon's headers to it all."""

        def decorate(function: Callable) -> Callable:
            @wraps(function)
            def answer(**values: str) -> Response:
                try:
                    account_id = _account(state)
                    if _is_down(state, name, account_id):
                        return Response(GATEWAY_PAGE, 503, mimetype="text/html")
                    wait = state.buckets.take(name, account_id)
                    if wait is not None:
                        raise quota_exceeded(wait)
                    response = function(account_id, **values)
                except SpError as error:
                    response = error.response()
                response.headers["x-amzn-RateLimit-Limit"] = str(state.buckets.plan(name)[0])
                response.headers["x-amzn-RequestId"] = new_id()
                return response

            return answer

        return decorate

    @routes.post(f"{BASE}/reports")
    @operation("createReport")
    def create_report(account_id: str) -> Response:
        answer = jsonify({"reportId": reports.create(account_id, request.get_json(force=True, silent=True))})
        answer.status_code = 202
        return answer

    @routes.get(f"{BASE}/reports")
    @operation("getReports")
    def get_reports(account_id: str) -> Response:
        found, token = reports.search(account_id, _search_filters())
        answer: dict[str, Any] = {"reports": [_as_json(report) for report in found]}
        return jsonify({**answer, "nextToken": token} if token else answer)

    @routes.get(f"{BASE}/reports/<report_id>")
    @operation("getReport")
    def get_report(account_id: str, report_id: str) -> Response:
        return jsonify(_as_json(reports.poll(account_id, report_id)))

    @routes.delete(f"{BASE}/reports/<report_id>")
    @operation("cancelReport")
    def cancel_report(account_id: str, report_id: str) -> Response:
        reports.cancel(account_id, report_id)
        return Response("", 200, mimetype="application/json")

    @routes.get(f"{BASE}/documents/<document_id>")
    @operation("getReportDocument")
    def get_document(account_id: str, document_id: str) -> Response:
        report = reports.document(account_id, document_id)
        expires = int((now() + timedelta(seconds=state.options.document_seconds)).timestamp())
        signed = f"X-Amz-Expires={expires}&X-Amz-Signature={document_id[-49:]}"
        url = f"{state.base_url}/documents/{report.report_id}?{signed}"
        answer = {"reportDocumentId": document_id, "url": url}
        return jsonify({**answer, "compressionAlgorithm": "GZIP"} if report.facts["is_compressed"] else answer)

    @routes.get("/documents/<report_id>")
    def download(report_id: str) -> Response:
        """The presigned address: no token, but the signature, for a while."""
        report = state.sp_reports.get(report_id)
        if report is None or report.document_id is None or report.content is None:
            return _storage_error(404, "NoSuchKey")
        if request.args.get("X-Amz-Signature") != report.document_id[-49:]:
            return _storage_error(403, "SignatureDoesNotMatch")
        if int(request.args.get("X-Amz-Expires", "0")) < now().timestamp():
            return _storage_error(403, "AccessDenied")
        content = report.content
        if state.take_fault("download", report.account_id, "truncate"):
            content = content[: len(content) * 2 // 3]
        is_flat_file = report.request["reportType"] == ORDERS_REPORT
        content_type = "text/plain;charset=Cp1252" if is_flat_file else "application/json;charset=UTF-8"
        return Response(content, content_type=content_type)

    return routes


def _account(state: SandboxState) -> str:
    token = request.headers.get("x-amz-access-token")
    denied = "Access to requested resource is denied."
    if not token:
        raise SpError(403, "Unauthorized", denied, "Access token is missing in the request header.")
    try:
        grant = state.credentials.check(token)
    except TokenError as error:
        raise SpError(403, "Unauthorized", denied, str(error)) from None
    if grant.platform != SP:
        raise SpError(403, "Unauthorized", denied, "The application has no role for this operation.")
    return grant.account_id


def _is_down(state: SandboxState, name: str, account_id: str) -> bool:
    """True when the planned fault is a gateway's HTML page, which isn't in Amazon's shape; other faults raise."""
    fault = state.take_fault(name, account_id, "throttle", "error", "html")
    if fault == "throttle":
        raise quota_exceeded(1)
    if fault == "error":
        raise SpError(500, "InternalFailure", "We encountered an internal error.")
    return fault == "html"


def _storage_error(status: int, code: str) -> Response:
    return Response(f'<?xml version="1.0"?><Error><Code>{code}</Code></Error>', status, mimetype="application/xml")
