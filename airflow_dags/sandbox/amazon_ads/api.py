"""Amazon Ads API: reporting v3 for Sponsored Products, Brands and Display, the lists of campaigns and of profiles."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import wraps
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from airflow_dags.sandbox.amazon_ads.campaigns import add_campaign_routes
from airflow_dags.sandbox.amazon_ads.documents import (
    GROUP_BY,
    ad_product_of,
    ads_document,
    columns_of,
    retention_of,
)
from airflow_dags.sandbox.amazon_ads.errors import AdsError
from airflow_dags.sandbox.business.catalogue import CURRENCY, MARKETPLACE_ID, TIME_ZONE
from airflow_dags.sandbox.content import Place, is_stuck, note, report_end, rows_of
from airflow_dags.sandbox.credentials import ADS, TokenError
from airflow_dags.sandbox.state import Report, SandboxState, iso, new_id, now

MAX_DAYS = 31
OPEN = ("PENDING", "PROCESSING")


class AdsReports:
    """The reports of all profiles, apart from HTTP: takes and gives plain values, raises AdsError."""

    def __init__(self, state: SandboxState) -> None:
        self.state = state

    def create(self, account_id: str, body: Any) -> Report:
        wanted = self._validated(body)
        with self.state.lock:
            for other in self.state.ads_reports.values():
                is_open = other.account_id == account_id and other.status in OPEN
                if is_open and other.revision == self.state.revision and _same(other.request, wanted):
                    raise AdsError(425, f"The Request is a duplicate of : {other.report_id}")
            ends = report_end(self.state, place_of(wanted, account_id))
            report = Report(new_id(), account_id, wanted, self.state.revision, now())
            report.status = "PENDING"
            report.ends = ends
            self.state.ads_reports[report.report_id] = report
        return report

    def get(self, account_id: str, report_id: str) -> Report:
        report = self.state.ads_reports.get(report_id)
        if report is None or report.account_id != account_id:
            raise AdsError(404, f"Report {report_id} not found")
        return report

    def poll(self, account_id: str, report_id: str) -> Report:
        with self.state.lock:
            report = self.get(account_id, report_id)
            if report.status in OPEN:
                report.polls += 1
                left = self.state.options.polls - report.polls
                report.status = "PENDING" if left > 1 else "PROCESSING"
                if left <= 0 and not is_stuck(self.state, report.ends):
                    report.finished_at = now()
                    report.status = "FAILED" if report.ends in ("fatal", "cancelled") else "COMPLETED"
                    if report.status == "COMPLETED":
                        rows = ads_document(self.state.business, account_id, report.request, report.revision)
                        rows = rows_of(self.state, place_of(report.request, account_id), rows)
                        report.content = gzip.compress(json.dumps(rows).encode(), 3, mtime=0)
        note(self.state, place_of(report.request, account_id))
        return report

    def _validated(self, body: Any) -> dict[str, Any]:
        if not isinstance(body, dict) or not isinstance(body.get("configuration"), dict):
            raise AdsError(400, "The request body is not a report request with a configuration")
        wanted: dict[str, Any] = {name: body.get(name) for name in ("name", "startDate", "endDate", "configuration")}
        configuration = wanted["configuration"]
        report_type, group_by = configuration.get("reportTypeId"), configuration.get("groupBy")
        if report_type not in GROUP_BY:
            raise AdsError(400, f"configuration reportTypeId: {report_type!r} is not valid")
        self._check_dates(wanted, retention_of(report_type))
        if configuration.get("adProduct") != ad_product_of(report_type):
            raise AdsError(400, f"configuration adProduct: {configuration.get('adProduct')!r} has no {report_type}")
        if not isinstance(group_by, list) or not group_by or set(group_by) - set(GROUP_BY[report_type]):
            raise AdsError(400, f"configuration groupBy: {group_by!r} is not valid for {report_type}")
        if configuration.get("format") != "GZIP_JSON":
            raise AdsError(400, "configuration format must be GZIP_JSON")
        unit, columns = configuration.get("timeUnit"), configuration.get("columns")
        if unit not in ("DAILY", "SUMMARY"):
            raise AdsError(400, f"configuration timeUnit: {unit!r} is not valid")
        if not isinstance(columns, list) or not columns:
            raise AdsError(400, "configuration columns cannot be null or empty")
        unknown = sorted(set(columns) - columns_of(report_type, group_by, unit))
        if unknown:
            raise AdsError(400, f"configuration columns includes invalid values: ({', '.join(unknown)})")
        return wanted

    def _check_dates(self, wanted: dict[str, Any], longest: int) -> None:
        try:
            start, end = date.fromisoformat(wanted["startDate"]), date.fromisoformat(wanted["endDate"])
        except (TypeError, ValueError):
            raise AdsError(400, "startDate and endDate must be dates in the format YYYY-MM-DD") from None
        if end < start:
            raise AdsError(400, "startDate must not be after endDate")
        if (end - start).days + 1 > MAX_DAYS:
            raise AdsError(400, f"The date range {start} - {end} must not exceed {MAX_DAYS} days")
        option = self.state.options.ads_retention_days
        retention = None if option is None else min(option, longest)
        if retention is not None and start < self.state.business.as_of - timedelta(days=retention):
            raise AdsError(400, f"startDate {start} is older than the retention of {retention} days")


def place_of(request: dict[str, Any], account_id: str) -> Place:
    """The stream is named after the report type: spCampaigns is sp_campaigns."""
    report_type = request["configuration"]["reportTypeId"]
    return Place(ADS, re.sub(r"(?<!^)(?=[A-Z])", "_", report_type).lower(), account_id)


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """A report's name says nothing about its content."""
    return all(one[name] == other[name] for name in ("startDate", "endDate", "configuration"))


def _as_json(state: SandboxState, report: Report) -> dict[str, Any]:
    finished = iso(report.finished_at) if report.finished_at else None
    url = expires = None
    if report.content is not None:
        expires = iso(now() + timedelta(seconds=3600))
        url = f"{state.base_url}/ads-reports/{report.report_id}/report-{report.report_id}.json.gz"
    return {
        "configuration": {"filters": None, **report.request["configuration"]},
        "createdAt": iso(report.created_at),
        "endDate": report.request["endDate"],
        "failureReason": "Internal error" if report.status == "FAILED" else None,
        "fileSize": len(report.content) if report.content is not None else None,
        "generatedAt": finished if report.content is not None else None,
        "name": report.request["name"],
        "reportId": report.report_id,
        "startDate": report.request["startDate"],
        "status": report.status,
        "updatedAt": finished or iso(report.created_at),
        "url": url,
        "urlExpiresAt": expires,
    }


def _account(state: SandboxState) -> str:
    """The account of a request with a valid token, its own client id and its own profile as the scope."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        if scheme != "Bearer" or not token:
            raise TokenError("Authorization header with a Bearer token is missing.")
        grant = state.credentials.check(token)
    except TokenError as error:
        raise AdsError(401, str(error), "UNAUTHORIZED") from None
    if grant.platform != ADS or request.headers.get("Amazon-Advertising-API-ClientId") != grant.client_id:
        raise AdsError(401, "Amazon-Advertising-API-ClientId doesn't match the access token", "UNAUTHORIZED")
    return grant.account_id


def _check_scope(state: SandboxState, account_id: str) -> None:
    scope = request.headers.get("Amazon-Advertising-API-Scope")
    if not scope:
        raise AdsError(400, "Amazon-Advertising-API-Scope header is missing")
    if scope != state.credentials.profile_id(account_id):
        raise AdsError(401, f"Not authorized to access scope {scope}", "UNAUTHORIZED")


def blueprint(state: SandboxState) -> Blueprint:
    routes = Blueprint("amazon_ads", __name__)
    reports = AdsReports(state)

    def operation(name: str, needs_scope: bool = True) -> Callable:
        def decorate(function: Callable) -> Callable:
            @wraps(function)
            def answer(**values: str) -> Response:
                try:
                    account_id = _account(state)
                    if needs_scope:
                        _check_scope(state, account_id)
                    g.account_id = account_id
                    wait = state.buckets.take(name, account_id)
                    if wait is not None:
                        raise AdsError(429, "Too Many Requests", retry_after=wait)
                    response = function(account_id, **values)
                except AdsError as error:
                    response = error.response()
                response.headers["x-amzn-RequestId"] = new_id()
                return response

            return answer

        return decorate

    @routes.post("/reporting/reports")
    @operation("ads.createReport")
    def create_report(account_id: str) -> Response:
        return jsonify(_as_json(state, reports.create(account_id, request.get_json(force=True, silent=True))))

    @routes.get("/reporting/reports/<report_id>")
    @operation("ads.getReport")
    def get_report(account_id: str, report_id: str) -> Response:
        return jsonify(_as_json(state, reports.poll(account_id, report_id)))

    @routes.delete("/reporting/reports/<report_id>")
    @operation("ads.deleteReport")
    def delete_report(account_id: str, report_id: str) -> Response:
        report = reports.get(account_id, report_id)
        if report.status != "PENDING":
            raise AdsError(400, f"Report {report_id} is {report.status}; only pending reports can be deleted")
        del state.ads_reports[report_id]
        return jsonify({"reportId": report_id})

    add_campaign_routes(routes, state, operation)

    @routes.get("/v2/profiles")
    @operation("ads.profiles", needs_scope=False)
    def profiles(account_id: str) -> Response:
        account = state.business.catalogue.account_by_id[account_id]
        info = {
            "marketplaceStringId": MARKETPLACE_ID,
            "id": state.credentials.seller_id(account_id),
            "type": "seller",
            "name": account.name,
        }
        profile = {
            "profileId": int(state.credentials.profile_id(account_id)),
            "countryCode": "US",
            "currencyCode": CURRENCY,
            "timezone": TIME_ZONE,
            "accountInfo": info,
        }
        return jsonify([profile])

    @routes.get("/ads-reports/<report_id>/<file_name>")
    def download(report_id: str, file_name: str) -> Response:
        report = state.ads_reports.get(report_id)
        if report is None or report.content is None:
            return Response("<Error><Code>AccessDenied</Code></Error>", 403, mimetype="application/xml")
        g.account_id = report.account_id
        note(state, place_of(report.request, report.account_id))
        return Response(report.content, content_type="application/octet-stream")

    return routes
