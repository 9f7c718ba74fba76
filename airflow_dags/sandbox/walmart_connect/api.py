"""Walmart Connect, Sponsored Search: snapshot reports version 2 of ad items, and the latest date that they have."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from airflow_dags.sandbox.business.shops import Shop
from airflow_dags.sandbox.business.walmart_ads import WalmartAdRow, item_id, walmart_ads
from airflow_dags.sandbox.content import Place, is_stuck, report_end, rows_of
from airflow_dags.sandbox.state import Report, SandboxState, now
from airflow_dags.sandbox.walmart_connect import auth
from airflow_dags.sandbox.walmart_connect.auth import PLATFORM, ConnectError

REPORT_TYPES = ("adItem", "adGroup", "keyword", "platform", "pageType", "placement")
# A planned bad end, in the words of jobStatus.
ENDS = {"fatal": "failed", "cancelled": "expired"}
METRICS: dict[str, Callable[[date, WalmartAdRow], Any]] = {
    "date": lambda day, row: day.isoformat(),
    "campaignId": lambda day, row: row.ad_group.campaign_id,
    "campaignName": lambda day, row: row.ad_group.campaign_name,
    "adGroupId": lambda day, row: row.ad_group.ad_group_id,
    "adGroupName": lambda day, row: row.ad_group.name,
    "itemId": lambda day, row: item_id(row.sku),
    "itemName": lambda day, row: row.sku.name,
    "numAdsShown": lambda day, row: row.impressions,
    "numAdsClicks": lambda day, row: row.clicks,
    "adSpend": lambda day, row: _dollars(row.cost),
    "attributedOrders14days": lambda day, row: row.orders_14d,
    "attributedSales14days": lambda day, row: _dollars(row.sales_14d),
    "attributedSales30days": lambda day, row: _dollars(row.sales_30d),
    "unitsSold14days": lambda day, row: row.units_14d,
    "unitsSold30days": lambda day, row: row.units_30d,
}
DIMENSIONS = ("date", "campaignId", "adGroupId", "itemId")


def _dollars(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


class Snapshots:
    """The snapshots of all advertisers."""

    def __init__(self, state: SandboxState) -> None:
        self.state, self.business = state, state.business

    @property
    def _reports(self) -> dict[str, Report]:
        return self.state.jobs[PLATFORM]

    @property
    def shop(self) -> Shop:
        return next(shop for shop in self.business.shops_of("walmart") if shop.account_id == g.account_id)

    def latest_day(self) -> date:
        """The last day that reports have."""
        return self.business.last_day

    def create(self, body: Any) -> Report:
        wanted = self._validated(body)
        with self.state.lock:
            number = str(len(self._reports) + 10)
            report = Report(number, g.account_id, wanted, self.state.revision, now(), status="pending")
            report.ends = report_end(self.state, Place(PLATFORM, "ads", g.account_id))
            self._reports[number] = report
        return report

    def poll(self, snapshot_id: str) -> Report:
        report = self.find(snapshot_id)
        with self.state.lock:
            if report.status in ("pending", "processing"):
                report.polls += 1
                left = self.state.options.polls - report.polls
                report.status = "pending" if left > 1 else "processing"
                if left <= 0 and report.ends in ENDS:
                    report.status = ENDS[report.ends]
                elif left <= 0 and not is_stuck(self.state, report.ends):
                    report.content = self._document(report)
                    report.status, report.finished_at = "done", now()
        return report

    def find(self, snapshot_id: str) -> Report:
        report = self._reports.get(snapshot_id)
        if report is None or report.account_id != g.account_id:
            raise ConnectError(404, f"Snapshot {snapshot_id} was not found")
        return report

    def check_advertiser(self, given: Any) -> None:
        if str(given) != str(auth.advertiser_id(self.shop)):
            raise ConnectError(403, f"No access to advertiser {given}")

    def _validated(self, body: Any) -> dict[str, Any]:
        if not isinstance(body, dict):
            raise ConnectError(400, "The body is not a report request")
        self.check_advertiser(body.get("advertiserId"))
        if body.get("reportType") not in REPORT_TYPES:
            raise ConnectError(422, f"reportType {body.get('reportType')!r} is not valid")
        metrics = body.get("reportMetrics")
        if not isinstance(metrics, list) or not set(metrics) & set(DIMENSIONS):
            raise ConnectError(422, "reportMetrics needs at least one dimension")
        if unknown := sorted(set(metrics) - set(METRICS)):
            raise ConnectError(422, f"reportMetrics {', '.join(unknown)} are not valid for {body['reportType']}")
        try:
            start, end = date.fromisoformat(body["startDate"]), date.fromisoformat(body["endDate"])
        except (KeyError, TypeError, ValueError):
            raise ConnectError(422, "startDate and endDate are dates in the format yyyy-MM-dd") from None
        if end < start or end > self.latest_day():
            raise ConnectError(
                422, f"endDate validation failed : Reports are available for endDate till date: {self.latest_day()} /"
            )
        return {"start": start, "end": end, "metrics": metrics}

    def _document(self, report: Report) -> bytes:
        """The report as gzipped CSV, in the columns that were asked for."""
        shop = next(shop for shop in self.business.shops_of("walmart") if shop.account_id == report.account_id)
        wanted = report.request
        days = [wanted["start"] + timedelta(days=n) for n in range((wanted["end"] - wanted["start"]).days + 1)]
        rows = [
            {name: METRICS[name](day, row) for name in wanted["metrics"]}
            for day in days
            for row in walmart_ads(self.business, shop, day, report.revision)
        ]
        rows = rows_of(self.state, Place(PLATFORM, "ads", report.account_id), rows)
        output = io.StringIO()
        columns = list(rows[0]) if rows else wanted["metrics"]
        writer = csv.DictWriter(output, columns, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return gzip.compress(output.getvalue().encode(), 3, mtime=0)


def blueprint(state: SandboxState) -> Blueprint:
    routes = Blueprint(PLATFORM, __name__, url_prefix=f"/{PLATFORM}")
    snapshots = Snapshots(state)

    @routes.before_request
    def admit() -> None:
        """Who asks, and whether they ask too often."""
        auth.log_in(state)
        wait = state.buckets.take(str(request.endpoint), g.account_id)
        if wait is not None:
            raise ConnectError(429, "Too Many Requests", wait)

    @routes.errorhandler(ConnectError)
    def problem(error: ConnectError) -> Response:
        return error.response()

    @routes.get("/api/v2/latestReportDate")
    def get_latest_report_date() -> Response:
        day = snapshots.latest_day().isoformat()
        return jsonify([{"reportType": name, "latestReportDate": day} for name in REPORT_TYPES])

    @routes.post("/api/v2/snapshot/report")
    def create_report_snapshot() -> Response:
        report = snapshots.create(request.get_json(force=True, silent=True))
        return jsonify({"code": "success", "snapshotId": report.report_id, "details": "", "jobStatus": "pending"})

    @routes.get("/api/v2/snapshot")
    def get_snapshot() -> Response:
        snapshots.check_advertiser(request.args.get("advertiserId"))
        report = snapshots.poll(request.args.get("snapshotId", ""))
        is_done = report.content is not None
        details = f"{state.base_url}/{PLATFORM}/file/{report.report_id}" if is_done else ""
        answer = {"code": "success", "snapshotId": report.report_id, "details": details}
        return jsonify(answer | {"jobStatus": report.status})

    @routes.get("/file/<snapshot_id>")
    def get_file(snapshot_id: str) -> Response:
        snapshots.check_advertiser(request.args.get("advertiserId"))
        report = snapshots.find(snapshot_id)
        if report.content is None:
            raise ConnectError(404, f"Snapshot {snapshot_id} has no file")
        return Response(report.content, content_type="application/octet-stream")

    return routes
