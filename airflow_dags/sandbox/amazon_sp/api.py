"""Selling Partner API: Reports 2021-06-30 (create, get, list, cancel, document, download).

Reports are done on the poll that the options say, CANCELLED when they would be empty, FATAL when a fault was planned.
Errors have Amazon's shape {"errors": [{"code", "message", "details"}]}; every answer names the rate limit.
"""

from __future__ import annotations

import base64
import gzip
import json
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from airflow_dags.sandbox.amazon_sp.calls import SpError, invalid, operation
from airflow_dags.sandbox.amazon_sp.kinds import instant, modules, report_kinds
from airflow_dags.sandbox.business.catalogue import MARKETPLACE_ID
from airflow_dags.sandbox.content import Place, is_stuck, note, report_end
from airflow_dags.sandbox.state import Report, SandboxState, iso, new_id, now

BASE = "/reports/2021-06-30"
STATUSES = ("CANCELLED", "DONE", "FATAL", "IN_PROGRESS", "IN_QUEUE")
COMPRESS_FROM = 2048  # bytes; Amazon leaves small documents uncompressed


class SpReports:
    """The reports of all accounts, apart from HTTP: takes and gives plain values, raises SpError."""

    def __init__(self, state: SandboxState) -> None:
        self.state = state

    def create(self, account_id: str, body: Any) -> str:
        wanted = self._validated(body)
        ends = report_end(self.state, self.place(wanted["reportType"], account_id))
        with self.state.lock:
            report_id = str(50_000_000_001 + len(self.state.sp_reports))
            report = Report(report_id, account_id, wanted, self.state.revision, now(), status="IN_QUEUE")
            report.ends = ends
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
                if left <= 0 and not is_stuck(self.state, report.ends):
                    self._finish(report)
        note(self.state, self.place(report.request["reportType"], account_id))
        return report

    @staticmethod
    def place(report_type: str, account_id: str) -> Place:
        return Place("amazon_sp", report_kinds()[report_type].stream, account_id)

    def cancel(self, account_id: str, report_id: str) -> None:
        report = self.get(account_id, report_id)
        if report.status != "IN_QUEUE":
            raise invalid(f"Report {report_id} is {report.status}; only reports in queue can be cancelled")
        report.status, report.finished_at = "CANCELLED", now()

    def document(self, account_id: str, document_id: str) -> Report:
        report = self.state.sp_reports.get(document_id.rpartition(".")[2])
        if report is not None and report.document_id == document_id and report.account_id == account_id:
            note(self.state, self.place(report.request["reportType"], account_id))
            if report.content is None:
                self._keep(report, self._content(report) or b"")
            return report
        raise SpError(404, "NotFound", f"Report document {document_id} not found")

    def search(self, account_id: str, filters: dict[str, Any]) -> tuple[list[Report], str | None]:
        """Newest first; the token carries the filters and where to go on."""
        size, offset = filters["pageSize"], filters["offset"]
        self._make_listed(account_id, filters["reportTypes"])
        since, until = (filters[name] and instant(filters[name]) for name in ("createdSince", "createdUntil"))
        found = [
            report
            for report in reversed(list(self.state.sp_reports.values()))
            if report.account_id == account_id
            and report.request["reportType"] in filters["reportTypes"]
            and (not filters["processingStatuses"] or report.status in filters["processingStatuses"])
            and (not since or report.created_at >= since)
            and (not until or report.created_at <= until)
        ]
        found.sort(key=lambda report: report.created_at, reverse=True)
        token = None
        if len(found) > offset + size:
            token = base64.urlsafe_b64encode(json.dumps({**filters, "offset": offset + size}).encode()).decode()
        return found[offset : offset + size], token

    def _finish(self, report: Report) -> None:
        report.finished_at = now()
        bad_end = {"fatal": "FATAL", "cancelled": "CANCELLED"}.get(report.ends or "")
        content = None if bad_end else self._content(report)
        report.status = bad_end or ("DONE" if content is not None else "CANCELLED")
        if content is not None:
            report.document_id = f"amzn1.spdoc.1.4.na.{new_id()}.{report.report_id}"
            self._keep(report, content)

    @staticmethod
    def _keep(report: Report, content: bytes) -> None:
        report.facts["is_compressed"] = len(content) > COMPRESS_FROM
        report.content = gzip.compress(content, 3, mtime=0) if len(content) > COMPRESS_FROM else content

    def _make_listed(self, account_id: str, report_types: list[str]) -> None:
        """Reports that Amazon makes by itself are there without anybody asking; their documents are made when read."""
        with self.state.lock:
            for kind in (kind for name, kind in report_kinds().items() if name in report_types and kind.listed):
                note(self.state, self.place(kind.report_type, account_id))
                for listed in kind.listed(self.state, account_id):  # type: ignore[misc]
                    request = {
                        "reportType": kind.report_type,
                        "marketplaceIds": [MARKETPLACE_ID],
                        "dataStartTime": listed.start,
                        "dataEndTime": listed.end,
                    }
                    report = Report(listed.report_id, account_id, request, self.state.revision, listed.created_at)
                    report.status, report.finished_at = "DONE", listed.created_at
                    report.document_id = f"amzn1.spdoc.1.4.na.{new_id()}.{listed.report_id}"
                    self.state.sp_reports.setdefault(listed.report_id, report)

    def _content(self, report: Report) -> bytes | None:
        kind = report_kinds()[report.request["reportType"]]
        return kind.document(self.state, report.account_id, report.request, report.revision)

    @staticmethod
    def _validated(body: Any) -> dict[str, Any]:
        if not isinstance(body, dict):
            raise invalid("The request body is not a JSON object")
        report_type = str(body.get("reportType"))
        kind = report_kinds().get(report_type)
        if kind is None or not kind.is_requestable:
            raise invalid(f"Report type {report_type!r} is not valid, or can't be requested")
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
            if instant(wanted["dataStartTime"]) > instant(wanted["dataEndTime"]):
                raise invalid("dataStartTime is after dataEndTime")
        except (ValueError, TypeError, AttributeError):
            raise invalid("dataStartTime and dataEndTime must be ISO 8601 date times") from None
        for name, value in wanted["reportOptions"].items():
            if value not in kind.options.get(name, ()):
                raise invalid(f"Report option {name}={value!r} is not valid for {report_type}")
        return wanted


def _as_json(report: Report) -> dict[str, Any]:
    answer = {
        "reportId": report.report_id,
        "reportType": report.request["reportType"],
        "marketplaceIds": report.request["marketplaceIds"],
        "dataStartTime": iso(instant(report.request["dataStartTime"])),
        "dataEndTime": iso(instant(report.request["dataEndTime"])),
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
    try:
        _ = [instant(text) for text in (since, until) if text]
    except ValueError:
        raise invalid("createdSince and createdUntil must be ISO 8601 date times") from None
    return {**lists, "pageSize": int(size), "offset": 0, "createdSince": since, "createdUntil": until}


def blueprint(state: SandboxState) -> Blueprint:
    routes = Blueprint("amazon_sp", __name__)
    reports = SpReports(state)
    for module in modules():
        if add_routes := getattr(module, "add_routes", None):
            add_routes(routes, state)

    @routes.post(f"{BASE}/reports")
    @operation(state, "createReport")
    def create_report(account_id: str) -> Response:
        answer = jsonify({"reportId": reports.create(account_id, request.get_json(force=True, silent=True))})
        answer.status_code = 202
        return answer

    @routes.get(f"{BASE}/reports")
    @operation(state, "getReports")
    def get_reports(account_id: str) -> Response:
        found, token = reports.search(account_id, _search_filters())
        answer: dict[str, Any] = {"reports": [_as_json(report) for report in found]}
        return jsonify({**answer, "nextToken": token} if token else answer)

    @routes.get(f"{BASE}/reports/<report_id>")
    @operation(state, "getReport")
    def get_report(account_id: str, report_id: str) -> Response:
        return jsonify(_as_json(reports.poll(account_id, report_id)))

    @routes.delete(f"{BASE}/reports/<report_id>")
    @operation(state, "cancelReport")
    def cancel_report(account_id: str, report_id: str) -> Response:
        reports.cancel(account_id, report_id)
        return Response("", 200, mimetype="application/json")

    @routes.get(f"{BASE}/documents/<document_id>")
    @operation(state, "getReportDocument")
    def get_report_document(account_id: str, document_id: str) -> Response:
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
        g.account_id = report.account_id
        note(state, reports.place(report.request["reportType"], report.account_id))
        return Response(report.content, content_type=report_kinds()[report.request["reportType"]].content_type)

    return routes


def _storage_error(status: int, code: str) -> Response:
    return Response(f'<?xml version="1.0"?><Error><Code>{code}</Code></Error>', status, mimetype="application/xml")
