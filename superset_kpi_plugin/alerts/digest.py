"""One message about several alerts: a group of one evaluation, or the digest of a day. Imports no framework.

A group is what one rule found for one recipient and owner at once; a digest is all that a recipient's rules found since
the last one. Both say how many, where, which are the worst, and where to read the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from html import escape
from typing import Any
from urllib.parse import urlencode

from superset_kpi_plugin.alerts.message import (
    Message,
    kpi_name,
    one_line,
    period_label,
    value_and_limit,
    where,
)

MOST_WORST = 10
MOST_PLACES = 10
MOST_SECTIONS = 30
#: Of how many alerts a message holds the facts for machines; the rest is behind its link.
MOST_ALERTS = 200
SEVERITIES = ("critical", "warning", "info")
Payloads = Sequence[Mapping[str, Any]]

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "fired": "[{severity}] {count} {alerts}: {rule}",
        "resolved": "[Resolved] {count} {alerts}: {rule}",
        "escalated": "[{severity}, not acknowledged] {count} {alerts}: {rule}",
        "alert": "alert",
        "alerts": "alerts",
        "digest": "KPI alerts: {counts}",
        "count_fired": "{count} new",
        "count_resolved": "{count} resolved",
        "count_escalated": "{count} not acknowledged",
        "owner": "Owner",
        "nobody": "nobody named",
        "where": "Where",
        "place": "{name} ({count})",
        "more": "and {count} more",
        "worst": "The worst of them",
        "first": "Among them",
        "line": "{entity}: {kpi} {value} against {limit} ({period})",
        "playbook": "What to do",
        "link": "Open the alerts",
        "no_value": "no value",
        "critical": "Critical",
        "warning": "Warning",
        "info": "Info",
        "colon": ": ",
        "comma": ", ",
    },
    "zh": {
        "fired": "【{severity}】{count} 条{alerts}：{rule}",
        "resolved": "【已恢复】{count} 条{alerts}：{rule}",
        "escalated": "【{severity}，未确认】{count} 条{alerts}：{rule}",
        "alert": "预警",
        "alerts": "预警",
        "digest": "KPI 预警汇总：{counts}",
        "count_fired": "新增 {count} 条",
        "count_resolved": "恢复 {count} 条",
        "count_escalated": "未确认 {count} 条",
        "owner": "负责人",
        "nobody": "未指定",
        "where": "范围",
        "place": "{name}（{count}）",
        "more": "另有 {count} 条",
        "worst": "偏离最大的",
        "first": "其中",
        "line": "{entity}：{kpi} 当前 {value}，限值 {limit}（{period}）",
        "playbook": "处理建议",
        "link": "查看预警",
        "no_value": "无数值",
        "critical": "严重",
        "warning": "警告",
        "info": "提示",
        "colon": "：",
        "comma": "，",
    },
}


def render_several(key: str, payloads: Payloads, locale: str, public_url: str, *, is_digest: bool = False) -> Message:
    """The message of several outbox rows' payloads, which are of one rule, event and owner unless it is a digest.

    ``payload`` of the message holds them under ``alerts``, for machines: up to MOST_ALERTS of them, what is new, severe
    and far from its limit first where there are more; ``more`` counts the rest, ``counts`` all.
    """
    language = "zh" if locale.startswith("zh") else "en"
    words = WORDS[language]
    sections = [list(found) for found in _sections(payloads)]
    subject = _digest_subject(payloads, words) if is_digest else _subject(sections[0], language, words)
    lines: list[str] = []
    for section in sections[:MOST_SECTIONS]:
        if is_digest:
            lines += ["", _subject(section, language, words)]
        lines += _section(section, language, words)
    left = sum(len(section) for section in sections[MOST_SECTIONS:])
    lines += [words["more"].format(count=left)] if left else []
    link = inbox_link(public_url, sections)
    told = [subject, "", *lines]
    html = f"<p><b>{escape(subject)}</b></p>\n<p>{'<br/>'.join(map(escape, lines))}</p>"
    if link:
        told += ["", f"{words['link']}{words['colon']}{link}"]
        html += f'\n<p>{escape(words["link"])}{words["colon"]}<a href="{escape(link)}">{escape(link)}</a></p>'
    plain = {
        "event": "digest" if is_digest else "group",
        "severity": worst_severity(payloads),
        "counts": dict(Counter(payload["event"] for payload in payloads)),
        "link": link,
        "alerts": list(payloads) if len(payloads) <= MOST_ALERTS else _first(sections),
        "more": max(0, len(payloads) - MOST_ALERTS),
    }
    return Message(key, subject, "\n".join(told), html, plain)


def inbox_link(public_url: str, sections: Sequence[Payloads]) -> str | None:
    """The inbox, of the one rule and state where there is but one; None without an address."""
    if not public_url:
        return None
    query: dict[str, Any] = {}
    if len(sections) == 1:
        first = sections[0][0]
        query = {"state": "resolved" if first["event"] == "resolved" else "firing", "rule": first["rule_id"]}
    return f"{public_url.rstrip('/')}/kpi/alerts/" + (f"?{urlencode(query)}" if query else "")


def worst_severity(payloads: Payloads) -> str:
    """The highest severity of what is not over; of what is all over that of information."""
    found = {payload["severity"] for payload in payloads if payload["event"] != "resolved"}
    return next((severity for severity in SEVERITIES if severity in found), "info")


def _sections(payloads: Payloads) -> Iterable[Payloads]:
    """Alerts of one rule and event together: what is new and severe first, what is over last."""
    found: dict[tuple[int, str], list[Mapping[str, Any]]] = {}
    for payload in payloads:
        found.setdefault((payload["rule_id"], payload["event"]), []).append(payload)
    return sorted(
        found.values(),
        key=lambda them: (
            them[0]["event"] == "resolved",
            SEVERITIES.index(them[0]["severity"]),
            -len(them),
            them[0]["rule_id"],
        ),
    )


def _digest_subject(payloads: Payloads, words: Mapping[str, str]) -> str:
    counts = Counter(payload["event"] for payload in payloads)
    events = [event for event in ("fired", "escalated", "resolved") if counts[event]]
    told = [words[f"count_{event}"].format(count=counts[event]) for event in events]
    return words["digest"].format(counts=words["comma"].join(told))


def _subject(section: Payloads, language: str, words: Mapping[str, str]) -> str:
    first = section[0]
    rule = (first.get("rule_name_zh") if language == "zh" else None) or first["rule_name"]
    count = len(section)
    named = {"severity": words[first["severity"]], "alerts": words["alert" if count == 1 else "alerts"]}
    return one_line(words[first["event"]].format(count=count, rule=rule, **named))


def _section(section: Payloads, language: str, words: Mapping[str, str]) -> list[str]:
    """Owners, places, the worst ones and what to do, each as a line."""
    lines = []
    for label, found in (("owner", _owners(section, words)), ("where", _places(section))):
        if found:
            lines.append(f"{words[label]}{words['colon']}{_counted(found, words)}")
    ranked = _ranked(section)[:MOST_WORST]
    lines.append(words["first" if section[0]["event"] == "resolved" else "worst"] + words["colon"].rstrip())
    lines += ["- " + _line(payload, language, words) for payload in ranked]
    if len(section) > len(ranked):
        lines.append(words["more"].format(count=len(section) - len(ranked)))
    playbook = section[0].get(f"playbook_{language}") or section[0].get("playbook_en")
    if playbook and section[0]["event"] != "resolved":
        lines.append(f"{words['playbook']}{words['colon']}{playbook}")
    return [one_line(line) for line in lines]


def _ranked(section: Payloads) -> list[Mapping[str, Any]]:
    """The farthest from its limit first."""
    return sorted(section, key=lambda payload: (-_excess(payload), payload["entity_id"]))


def _first(sections: Iterable[Payloads]) -> list[Mapping[str, Any]]:
    return [payload for section in sections for payload in _ranked(section)][:MOST_ALERTS]


def _owners(section: Payloads, words: Mapping[str, str]) -> Counter[str]:
    return Counter(str(one["owner_name"] or one["owner"] or words["nobody"]) for one in section)


def _places(section: Payloads) -> Counter[str]:
    """The accounts above the entities; of accounts themselves there is nothing to tell."""
    return Counter(
        str(one["account_name"]) for one in section if one["account_name"] and one["entity_kind"] != "account"
    )


def _counted(found: Counter[str], words: Mapping[str, str]) -> str:
    if len(found) == 1:
        return next(iter(found))
    shown = [words["place"].format(name=name, count=count) for name, count in found.most_common(MOST_PLACES)]
    if len(found) > MOST_PLACES:
        shown.append(
            words["more"].format(count=sum(found.values()) - sum(c for _, c in found.most_common(MOST_PLACES)))
        )
    return words["comma"].join(shown)


def _line(payload: Mapping[str, Any], language: str, words: Mapping[str, str]) -> str:
    value, limit = value_and_limit(payload, words["no_value"])
    return words["line"].format(
        entity=where(payload, language),
        kpi=kpi_name(payload, language),
        value=value,
        limit=limit,
        period=period_label(payload, language),
    )


def _excess(payload: Mapping[str, Any]) -> Decimal:
    """How far the value lies from its limit, as a share of it; what has no number comes last."""
    value, limit = payload["value"], payload["limit_value"]
    if value is None or limit is None:
        return Decimal(-1)
    distance = abs(Decimal(value) - Decimal(limit))
    return distance / abs(Decimal(limit)) if Decimal(limit) else distance
