"""What a message says: numbers by unit, periods, languages, and text from outside that must do no harm."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml

from superset_kpi_plugin.alerts import dashboards
from superset_kpi_plugin.alerts.message import format_value, notify_type, period_label, render

FACTS: dict[str, Any] = {
    "event": "fired", "alert_id": 7, "rule_id": 1, "rule_name": "ACoS line", "severity": "warning",
    "condition": "breach", "direction": "lower", "incident": 1, "kpi_id": "acos", "kpi_name_en": "ACoS",
    "kpi_name_zh": "广告销售成本比", "unit": "ratio", "number_format": ".1%", "currency": None,
    "entity_kind": "ad_group", "entity_id": "ad_group:aurora_us/1", "entity_name": "Exact",
    "account_id": "aurora_us", "account_name": "Aurora US", "grain": "month", "state": "firing",
    "status": "breach", "owner": None, "owner_name": None, "value": "0.6", "limit_value": "0.345",
    "target_value": "0.3", "period_start": "2026-11-01", "period_end": "2026-11-30",
    "covered_through": "2026-11-15", "pending_since": "2026-11-16T11:00:00Z",
    "firing_since": "2026-11-16T12:00:00Z", "resolved_at": None,
}  # fmt: skip


def facts(**changes: Any) -> dict[str, Any]:
    return {**FACTS, **changes}


def test_the_english_text_reads_like_this() -> None:
    message = render("kpi-1", FACTS, "en", "https://bi.example.com/")
    assert message.text.splitlines() == [
        "[Warning] Exact: ACoS is above its breach limit, 60.0% against 34.5% (November 2026)",
        "",
        "KPI: ACoS",
        "Where: Exact (ad group, Aurora US)",
        "Value: 60.0%",
        "Limit: 34.5% (breach limit)",
        "Target: 30.0%",
        "Period: November 2026, data through 2026-11-15",
        "Since: 2026-11-16 11:00 UTC",
        "Owner: nobody named",
        "Rule: ACoS line",
        "",
        "Open the alert: https://bi.example.com/kpi/alerts/?id=7",
        "The KPI and its targets: https://bi.example.com/kpi/targets/?grain=month&period=2026-11-01&kpi=acos"
        "&kind=ad_group&q=ad_group%3Aaurora_us%2F1",
    ]


def test_the_text_tells_the_cause_the_season_and_what_to_do() -> None:
    driver = {"kpi_id": "cpc", "name_en": "CPC", "name_zh": "点击单价", "change": "0.25", "share": "0.8"}
    more = {"season_en": "Peak season", "season_zh": "旺季", "detail": "a: b", "driver": driver}
    playbooks = {"playbook_en": "Lower the bids.", "playbook_zh": "降低出价。", "rule_name_zh": "ACoS 红线"}
    english = render("kpi-1", facts(**more, **playbooks), "en", "").text
    assert "Season: Peak season" in english
    assert "Moved most: CPC by +25.0% against the period before (80% of its drivers' moves" in english
    assert "What to do: Lower the bids." in english
    chinese = render("kpi-1", facts(**more, **playbooks), "zh", "").text
    assert "变动最大的驱动因素：点击单价，较上期 +25.0%" in chinese
    assert "处理建议：降低出价。" in chinese
    assert "规则：ACoS 红线" in chinese


def test_what_nobody_acknowledged_says_so() -> None:
    assert render("kpi-1", facts(event="escalated"), "en", "").subject.startswith("[Warning, not acknowledged] Exact")


def test_the_chinese_text_reads_like_this() -> None:
    message = render("kpi-1", facts(condition="warn", status="warn"), "zh_CN", "")
    assert message.text.splitlines() == [
        "【警告】Exact：广告销售成本比高于预警线，当前 60.0%，限值 34.5%（2026年11月）",
        "",
        "指标：广告销售成本比",
        "对象：Exact（广告组，Aurora US）",
        "当前值：60.0%",
        "限值：34.5%（预警线）",
        "目标值：30.0%",
        "周期：2026年11月，数据截至 2026-11-15",
        "开始时间：2026-11-16 11:00 UTC",
        "负责人：未指定",
        "规则：ACoS line",
    ]
    assert message.payload["link"] is None


@pytest.mark.parametrize(
    ("number", "unit", "number_format", "currency", "shown"),
    [
        ("83200.5", "money", "$,.0f", "USD", "$83,200"),
        ("83200.5", "money", None, "EUR", "€83,200.50"),
        ("-5.25", "money", "$,.2f", "USD", "-$5.25"),
        ("1200", "money", ",.2f", "SEK", "SEK 1,200.00"),
        ("1204", "count", ",.0f", None, "1,204"),
        ("0.1234", "ratio", ".1%", None, "12.3%"),
        ("2.345", "ratio", ".2f", None, "2.34"),
        ("0.00012345", "ratio", None, None, "0.0001"),
        ("12345678901234567890123456.12", "money", "$,.2f", "USD", "$12,345,678,901,234,567,890,123,456.12"),
        ("3.14159", "days", "strange format", None, "3.1"),
        ("-12.54", "hours", ",.1f", None, "-12.5 h"),
    ],
)
def test_numbers_are_shown_by_format_and_unit(
    number: str, unit: str, number_format: str | None, currency: str | None, shown: str
) -> None:
    assert format_value(number, {"unit": unit, "number_format": number_format, "currency": currency}) == shown


def test_value_and_limit_are_told_apart() -> None:
    message = render("k", facts(value="0.30004", limit_value="0.3"), "en", "")
    assert "30.004% against 30.000%" in message.subject


def test_nothing_is_not_zero() -> None:
    message = render("k", facts(event="resolved", value=None, resolved_at="2026-11-16T13:00:00Z"), "en", "")
    assert "Value: no value" in message.text


@pytest.mark.parametrize(
    ("grain", "start", "en", "zh"),
    [
        ("day", "2026-11-03", "2026-11-03", "2026-11-03"),
        ("week", "2026-11-02", "week of 2026-11-02", "2026-11-02 当周"),
        ("month", "2026-01-01", "January 2026", "2026年1月"),
        ("quarter", "2026-10-01", "Q4 2026", "2026年第4季度"),
        ("year", "2026-01-01", "2026", "2026年"),
    ],
)
def test_periods_have_names(grain: str, start: str, en: str, zh: str) -> None:
    payload = {"grain": grain, "period_start": start}
    assert (period_label(payload, "en"), period_label(payload, "zh")) == (en, zh)


def test_names_from_outside_break_neither_html_nor_headers() -> None:
    name = "<img src=x onerror=alert(1)>\r\nBcc: all@example.com"
    message = render(
        "k", facts(entity_name=name, owner_name="a & b", rule_name="{severity}"), "en", "https://x/?a=1&b=2"
    )
    assert "<img" not in message.html
    assert "&lt;img" in message.html
    assert "a &amp; b" in message.html
    assert "\n" not in message.subject
    assert "\r" not in message.subject
    assert "Rule: {severity}" in message.text


def test_the_kind_follows_severity_and_event() -> None:
    kinds = [notify_type(facts(severity=severity)) for severity in ("info", "warning", "critical")]
    assert kinds == ["info", "warning", "failure"]
    assert notify_type(facts(event="resolved", severity="critical")) == "success"


def test_the_dashboard_is_linked_in_the_readers_language_with_the_account_chosen() -> None:
    installed = facts(dashboards={"en": "kpi-ads", "zh": "kpi-ads-zh"}, account_name="Bob's Shop!")
    english, chinese = (render("k", installed, locale, "https://bi.example.com").text for locale in ("en", "zh"))
    place = "https://bi.example.com/superset/dashboard/kpi-ads"
    (line,) = [line for line in english.splitlines() if line.startswith("The dashboard: ")]
    query = unquote(line.partition("?native_filters=")[2])
    assert line.startswith(f"The dashboard: {place}/?native_filters=")
    assert query == (
        "(NATIVE_FILTER-kpi-account:(extraFormData:(filters:!((col:account_name,op:IN,val:!('Bob!'s Shop!!')))),"
        "filterState:(label:'Bob!'s Shop!!',value:!('Bob!'s Shop!!')),id:NATIVE_FILTER-kpi-account,ownState:()))"
    )
    assert f"看板：{place}-zh/?native_filters=" in chinese
    whole = render("k", facts(dashboards={"en": "kpi-ads"}, account_name=None), "zh", "https://bi.example.com").text
    assert f"看板：{place}/" in whole.splitlines(), "without an account unfiltered, in the language that there is"
    assert "dashboard" not in render("k", facts(dashboards={}), "en", "https://bi.example.com").text


def test_every_domain_and_condition_has_a_dashboard_of_ours_with_a_filter_of_accounts() -> None:
    root = Path(__file__).parents[3]
    texts = [file.read_text(encoding="utf-8") for file in root.glob("dashboards/*/dashboard.yaml")]
    files = {yaml.safe_load(text)["slug"]: text for text in texts}
    named = {dashboards.OVERVIEW, *dashboards.BY_DOMAIN.values(), *dashboards.BY_CONDITION.values()}
    assert named <= set(files)
    unfiltered = {slug for slug in named if f"id: {dashboards.ACCOUNT_FILTER}" not in files[slug]}
    assert unfiltered == {dashboards.WITHOUT_ACCOUNTS}
