"""The real client libraries, pointed at a sandbox by what its connections carry."""

from __future__ import annotations

import gzip
from typing import Any

import requests
from ad_api.api.reports import Reports as AdsReports  # before ad_api.auth, which can't be imported first
from ad_api.auth import access_token_client as ads_login
from sp_api.api import Reports as SpReports
from sp_api.auth import access_token_client as sp_login

ORDERS = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
TRAFFIC = "GET_SALES_AND_TRAFFIC_REPORT"
SKU_BY_DAY = {"dateGranularity": "DAY", "asinGranularity": "SKU"}
CAMPAIGN_COLUMNS = [
    "date",
    "campaignId",
    "campaignName",
    "campaignStatus",
    "campaignBudgetAmount",
    "campaignBudgetCurrencyCode",
    "adGroupId",
    "adGroupName",
    "impressions",
    "clicks",
    "cost",
    "purchases1d",
    "purchases7d",
    "purchases14d",
    "purchases30d",
    "sales1d",
    "sales7d",
    "sales14d",
    "sales30d",
]
PRODUCT_COLUMNS = [
    "date",
    "campaignId",
    "campaignName",
    "adGroupId",
    "adGroupName",
    "adId",
    "advertisedAsin",
    "advertisedSku",
    "impressions",
    "clicks",
    "cost",
    "purchases7d",
    "sales7d",
    "campaignBudgetCurrencyCode",
]


def sp_client(connection: dict[str, Any]) -> SpReports:
    extra = connection["extra"]
    scheme, _, host = extra["login_endpoint"].partition("://")

    class SandboxLogin(sp_login.AccessTokenClient):
        pass

    SandboxLogin.scheme, SandboxLogin.host = f"{scheme}://", host
    sp_login.cache.clear()
    client = SpReports(
        refresh_token=extra["refresh_token"],
        credentials={"lwa_app_id": extra["client_id"], "lwa_client_secret": connection["password"]},
        auth_token_client_class=SandboxLogin,
    )
    client.endpoint = extra["endpoint"]
    return client


def ads_client(connection: dict[str, Any]) -> AdsReports:
    extra = connection["extra"]
    ads_login.cache.clear()
    credentials = {name: extra[name] for name in ("refresh_token", "client_id", "profile_id")}
    client = AdsReports(credentials={**credentials, "client_secret": connection["password"]})
    client.endpoint = extra["endpoint"]
    scheme, _, host = extra["login_endpoint"].partition("://")
    client._auth.scheme, client._auth.host = f"{scheme}://", host
    return client


def ads_request(start: str, end: str, report_type: str = "spCampaigns", **changes: Any) -> dict[str, Any]:
    is_campaign = report_type == "spCampaigns"
    configuration = {
        "adProduct": "SPONSORED_PRODUCTS",
        "groupBy": ["campaign", "adGroup"] if is_campaign else ["advertiser"],
        "columns": CAMPAIGN_COLUMNS if is_campaign else PRODUCT_COLUMNS,
        "reportTypeId": report_type,
        "timeUnit": "DAILY",
        "format": "GZIP_JSON",
        **changes,
    }
    return {"name": "test", "startDate": start, "endDate": end, "configuration": configuration}


def sp_document(client: SpReports, report_type: str, start: str, end: str, **options: str) -> bytes | None:
    """Creates a report, polls until its end and downloads it, decompressed; None for CANCELLED (no data)."""
    request: dict[str, Any] = {"reportType": report_type, "dataStartTime": start, "dataEndTime": end}
    if options:
        request["reportOptions"] = options
    report_id = client.create_report(**request).payload["reportId"]
    for _ in range(5):
        report = client.get_report(report_id).payload
        if report["processingStatus"] in ("DONE", "CANCELLED", "FATAL"):
            break
    if report["processingStatus"] != "DONE":
        return None
    document = client.get_report_document(report["reportDocumentId"]).payload
    content = requests.get(document["url"], timeout=10).content
    return gzip.decompress(content) if document.get("compressionAlgorithm") == "GZIP" else content


def ads_rows(client: AdsReports, request: dict[str, Any]) -> list[dict[str, Any]]:
    report = client.post_report(body=request).payload
    for _ in range(5):
        report = client.get_report(reportId=report["reportId"]).payload
        if report["status"] == "COMPLETED":
            break
    return client.download_report(url=report["url"], format="data").payload
