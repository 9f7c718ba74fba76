"""What an alert says, in English or Chinese, as a subject, plain text and HTML. Imports no framework."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from html import escape
from typing import Any
from urllib.parse import quote, urlencode

from superset_kpi_plugin.alerts import dashboards

D3_FORMAT = re.compile(r"^(?P<money>\$?)(?P<comma>,?)(?:\.(?P<digits>\d+))?(?P<kind>[f%ds]?)$")
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "CNY": "¥", "JPY": "JP¥"}
UNIT_DIGITS = {"money": 2, "count": 0, "days": 1, "hours": 1, "score": 1, "rank": 0, "ratio": 4}
UNIT_SUFFIX = {"hours": " h"}
MOST_DIGITS = 8

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "subject_fired": "[{severity}] {entity}: {kpi} is {side} its {limit_kind}, {value} against {limit} ({period})",
        "subject_resolved": "[Resolved] {entity}: {kpi} is within its {limit_kind} again, {value} against {limit} "
        "({period})",
        "what": "KPI",
        "where": "Where",
        "value": "Value",
        "limit": "Limit",
        "target": "Target",
        "period": "Period",
        "since": "Since",
        "resolved": "Resolved",
        "owner": "Owner",
        "rule": "Rule",
        "link": "Open the alert",
        "kpi_link": "The KPI and its targets",
        "dashboard_link": "The dashboard",
        "limit_of_rule": "limit",
        "detail": "Details",
        "season": "Season",
        "driver": "Moved most",
        "driver_line": "{name} by {change} against the period before "
        "({share} of its drivers' moves; arithmetic, not cause)",
        "playbook": "What to do",
        "subject_escalated": "[{severity}, not acknowledged] {entity}: {kpi} is {side} its {limit_kind}, "
        "{value} against {limit} ({period})",
        "below": "below",
        "above": "above",
        "beyond": "beyond",
        "breach": "breach limit",
        "warn": "warning limit",
        "critical": "Critical",
        "warning": "Warning",
        "info": "Info",
        "nobody": "nobody named",
        "no_value": "no value",
        "through": "{period}, data through {day}",
        "utc": "{instant} UTC",
        "to_date": "{limit} to date ({kind})",
        "whole": "{limit} ({kind})",
        "colon": ": ",
    },
    "zh": {
        "subject_fired": "【{severity}】{entity}：{kpi}{side}{limit_kind}，当前 {value}，限值 {limit}（{period}）",
        "subject_resolved": "【已恢复】{entity}：{kpi}已回到{limit_kind}以内，当前 {value}，限值 {limit}（{period}）",
        "what": "指标",
        "where": "对象",
        "value": "当前值",
        "limit": "限值",
        "target": "目标值",
        "period": "周期",
        "since": "开始时间",
        "resolved": "恢复时间",
        "owner": "负责人",
        "rule": "规则",
        "link": "查看预警",
        "kpi_link": "指标及其目标",
        "dashboard_link": "看板",
        "limit_of_rule": "规则限值",
        "detail": "详情",
        "season": "季节",
        "driver": "变动最大的驱动因素",
        "driver_line": "{name}，较上期 {change}（占各驱动因素变动的 {share}；仅为算术分解，并非因果）",
        "playbook": "处理建议",
        "subject_escalated": "【{severity}，未确认】{entity}：{kpi}{side}{limit_kind}，"
        "当前 {value}，限值 {limit}（{period}）",
        "below": "低于",
        "above": "高于",
        "beyond": "超出",
        "breach": "红线",
        "warn": "预警线",
        "critical": "严重",
        "warning": "警告",
        "info": "提示",
        "nobody": "未指定",
        "no_value": "无数值",
        "through": "{period}，数据截至 {day}",
        "utc": "{instant} UTC",
        "to_date": "截至目前 {limit}（{kind}）",
        "whole": "{limit}（{kind}）",
        "colon": "：",
    },
}
KINDS = {
    "company": ("company", "公司"),
    "platform": ("platform", "平台"),
    "account": ("account", "店铺账号"),
    "category": ("category", "品类"),
    "sku": ("SKU", "SKU"),
    "team": ("team", "团队"),
    "person": ("person", "人员"),
    "campaign": ("campaign", "广告活动"),
    "ad_group": ("ad group", "广告组"),
}
MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    mimetype: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Message:
    """One rendered message; ``payload`` is the alert's facts for machines, ``key`` the same on every attempt.

    Attachments go with mails only; every other channel has the text.
    """

    key: str
    subject: str
    text: str
    html: str
    payload: Mapping[str, Any] = field(repr=False)
    attachments: tuple[Attachment, ...] = ()


def render(key: str, payload: Mapping[str, Any], locale: str, public_url: str) -> Message:
    """The message of an outbox row's payload in ``locale`` (en or zh; anything else is en)."""
    language = "zh" if locale.startswith("zh") else "en"
    words = WORDS[language]
    link = alert_link(public_url, payload["alert_id"])
    lines = _lines(payload, language, words)
    subject = _subject(payload, language, words)
    text = "\n".join([subject, "", *(f"{label}{words['colon']}{value}" for label, value in lines)])
    # Lines rather than a table, and the address spelled out: mail programs and apprise turn this into plain text.
    shown = "<br/>".join(f"<b>{escape(label)}</b>{words['colon']}{escape(value)}" for label, value in lines)
    html = f"<p><b>{escape(subject)}</b></p>\n<p>{shown}</p>"
    links = {
        "link": link,
        "kpi_link": kpi_link(public_url, payload),
        "dashboard_link": dashboards.link(public_url, payload, language),
    }
    told = [(f"{words[name]}{words['colon']}", address) for name, address in links.items() if address]
    if told:
        text += "\n\n" + "\n".join(label + address for label, address in told)
        html += "".join(f'\n<p>{escape(label)}<a href="{escape(to)}">{escape(to)}</a></p>' for label, to in told)
    return Message(key, subject, text, html, {**payload, "link": link})


def alert_link(public_url: str, alert_id: int) -> str | None:
    """The alert's page, or None where the site has not said under which address it is reached."""
    return f"{public_url.rstrip('/')}/kpi/alerts/?id={quote(str(alert_id))}" if public_url else None


def kpi_link(public_url: str, payload: Mapping[str, Any]) -> str | None:
    """The entity's targets on the KPI, or None without an address or where there is no period to show."""
    if not public_url or not payload.get("period_start") or payload["condition"] not in ("breach", "warn", "pace"):
        return None
    return targets_link(public_url, payload)


def targets_link(public_url: str, payload: Mapping[str, Any]) -> str:
    """The page of the targets of an entity, KPI and period."""
    wanted = {"grain": payload["grain"], "period": payload["period_start"], "kpi": payload["kpi_id"]}
    query = urlencode({**wanted, "kind": payload["entity_kind"], "q": payload["entity_id"]})
    return f"{public_url.rstrip('/')}/kpi/targets/?{query}"


def notify_type(payload: Mapping[str, Any]) -> str:
    """Apprise's kind of a message: it picks colours and icons."""
    if payload["event"] == "resolved":
        return "success"
    return {"critical": "failure", "warning": "warning"}.get(payload["severity"], "info")


def _subject(payload: Mapping[str, Any], language: str, words: Mapping[str, str]) -> str:
    value, limit = value_and_limit(payload, words["no_value"])
    side = {"higher": "below", "lower": "above"}.get(payload.get("direction") or "", "beyond")
    return one_line(
        words[f"subject_{payload['event']}"].format(
            severity=words[payload["severity"]],
            entity=payload["entity_name"] or payload["entity_id"],
            kpi=kpi_name(payload, language),
            side=words[side],
            limit_kind=words[limit_kind(payload)],
            value=value,
            limit=limit,
            period=period_label(payload, language),
        )
    )


def _lines(payload: Mapping[str, Any], language: str, words: Mapping[str, str]) -> list[tuple[str, str]]:
    value, limit = value_and_limit(payload, words["no_value"])
    limit_words = words[limit_kind(payload)]
    period = period_label(payload, language)
    if payload.get("covered_through"):
        period = words["through"].format(period=period, day=payload["covered_through"])
    lines = [
        (words["what"], kpi_name(payload, language)),
        (words["where"], where(payload, language)),
        (words["value"], value),
        (words["limit"], words["to_date" if is_to_date(payload) else "whole"].format(limit=limit, kind=limit_words)),
        *_target_line(payload, words),
        (words["period"], period),
        (words["since"], words["utc"].format(instant=_minute(payload["pending_since"] or payload["firing_since"]))),
    ]
    if payload["event"] == "resolved":
        # The wait before firing is over and forgotten, so the incident's own beginning is told.
        lines[-1] = (words["since"], words["utc"].format(instant=_minute(payload["firing_since"])))
        lines.append((words["resolved"], words["utc"].format(instant=_minute(payload["resolved_at"]))))
    lines += _explanation(payload, language, words)
    lines += [
        (words["owner"], payload["owner_name"] or payload["owner"] or words["nobody"]),
        (words["rule"], (payload.get("rule_name_zh") if language == "zh" else None) or payload["rule_name"]),
    ]
    playbook = payload.get(f"playbook_{language}") or payload.get("playbook_en")
    if playbook:
        lines.append((words["playbook"], playbook))
    return [(label, one_line(value)) for label, value in lines]


def _target_line(payload: Mapping[str, Any], words: Mapping[str, str]) -> list[tuple[str, str]]:
    """The target, where there is one; a rule on something else than targets has none to speak of."""
    shown = format_value(payload["target_value"], payload)
    if shown is None and payload["condition"] not in ("breach", "warn", "pace"):
        return []
    return [(words["target"], shown or words["no_value"])]


def _explanation(payload: Mapping[str, Any], language: str, words: Mapping[str, str]) -> list[tuple[str, str]]:
    """What is known beyond the figures: the streams or lines behind them, the season, the driver that moved most."""
    lines = []
    if payload.get("detail"):
        lines.append((words["detail"], payload["detail"]))
    if payload.get(f"season_{language}"):
        lines.append((words["season"], payload[f"season_{language}"]))
    driver = payload.get("driver")
    if driver:
        change, share = (Decimal(driver[name]) * 100 for name in ("change", "share"))
        name = driver.get(f"name_{language}") or driver["name_en"] or driver["kpi_id"]
        told = words["driver_line"].format(name=name, change=f"{change:+.1f}%", share=f"{share:.0f}%")
        lines.append((words["driver"], told))
    return lines


def where(payload: Mapping[str, Any], language: str) -> str:
    """The entity with its kind, and its account where that is something else: names of ad groups repeat."""
    kind = KINDS.get(payload["entity_kind"], (payload["entity_kind"],) * 2)[language == "zh"]
    within = payload["account_name"] if payload["entity_kind"] != "account" else None
    inside = (f"{kind}，{within}" if language == "zh" else f"{kind}, {within}") if within else kind
    name = payload["entity_name"] or payload["entity_id"]
    return f"{name}（{inside}）" if language == "zh" else f"{name} ({inside})"


def is_to_date(payload: Mapping[str, Any]) -> bool:
    """Whether the limit is the running period's share of the whole: amounts and counts add up over days."""
    if payload["condition"] not in ("breach", "warn", "pace"):
        return False
    through, end = payload["covered_through"], payload["period_end"]
    return payload["unit"] in ("money", "count") and bool(through and end and through < end)


def kpi_name(payload: Mapping[str, Any], language: str) -> str:
    return str(payload[f"kpi_name_{language}"] or payload["kpi_name_en"] or payload["kpi_id"])


def limit_kind(payload: Mapping[str, Any]) -> str:
    """Which limit the payload's limit_value is: the breach limit, or a warn rule's warning limit."""
    if payload["condition"] not in ("breach", "warn"):
        return "limit_of_rule"
    return "breach" if payload["condition"] == "breach" or payload["status"] == "breach" else "warn"


def value_and_limit(payload: Mapping[str, Any], nothing: str) -> tuple[str, str]:
    """Value and limit as people read them, with as many digits as it takes to tell them apart."""
    value, limit = payload["value"], payload["limit_value"]
    shown = format_value(value, payload) or nothing, format_value(limit, payload) or nothing
    if value is None or limit is None or Decimal(value) == Decimal(limit):
        return shown
    for more in range(1, MOST_DIGITS):
        if shown[0] != shown[1]:
            break
        shown = str(format_value(value, payload, more)), str(format_value(limit, payload, more))
    return shown


def format_value(number: str | None, payload: Mapping[str, Any], more_digits: int = 0) -> str | None:
    """A number by the KPI's format and unit: $83,200.50, 12.5%, 1,204, 3.5 h. None for no number."""
    if number is None:
        return None
    found = D3_FORMAT.match(payload.get("number_format") or "")
    unit = payload.get("unit") or ""
    digits = int(found["digits"]) if found and found["digits"] else UNIT_DIGITS.get(unit, 2)
    is_share = bool(found and found["kind"] == "%")
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(number) * 100 if is_share else Decimal(number)
        rounded = exact.quantize(Decimal(1).scaleb(-(digits + more_digits)), rounding=ROUND_HALF_EVEN)
    text = f"{abs(rounded):,}" + ("%" if is_share else "")
    if unit == "money" or (found and found["money"]):
        currency = payload.get("currency") or ""
        text = SYMBOLS.get(currency, f"{currency} " if currency else "") + text
    text += UNIT_SUFFIX.get(unit, "")
    return f"-{text}" if rounded < 0 else text


def period_label(payload: Mapping[str, Any], language: str) -> str:
    """The period in words: November 2026, 2026年11月, Q4 2026, week of 2026-11-02, 2026-11-03."""
    if not payload.get("period_start"):
        return "-"
    start = date.fromisoformat(payload["period_start"])
    quarter = (start.month + 2) // 3
    labels = {
        "week": (f"week of {start}", f"{start} 当周"),
        "month": (f"{MONTHS[start.month - 1]} {start.year}", f"{start.year}年{start.month}月"),
        "quarter": (f"Q{quarter} {start.year}", f"{start.year}年第{quarter}季度"),
        "year": (f"{start.year}", f"{start.year}年"),
    }
    return labels.get(payload["grain"], (str(start), str(start)))[language == "zh"]


def one_line(text: str) -> str:
    """The text without line breaks and other control characters: names come from outside, subjects are headers."""
    return re.sub(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+", " ", text).strip()


def _minute(instant: str | None) -> str:
    return datetime.fromisoformat(instant.replace("Z", "+00:00")).strftime("%Y-%m-%d %H:%M") if instant else "-"
