"""A report as a message of the outbox: the mail's body, a few lines for chats, PDF and Excel attached."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from superset_kpi_plugin.alerts.message import Attachment, Message, one_line
from superset_kpi_plugin.reports import page, pdf, workbook
from superset_kpi_plugin.reports.words import Wording

EVENT = "report"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def write(key: str, payload: Mapping[str, Any], locale: str, public_url: str) -> Message:
    """The message of an outbox row that was made by `payload_of`; the report's own language wins over the channel's."""
    link = report_link(public_url, payload["report_id"])
    told = _told(json.dumps(payload, sort_keys=True), str(payload["locale"] or locale), link)
    return Message(key, told.subject, told.text, told.body, {**payload, "link": link}, told.attachments)


@dataclass(frozen=True)
class _Told:
    """What every recipient of a report gets alike."""

    subject: str
    text: str
    body: str
    attachments: tuple[Attachment, ...]


@lru_cache(maxsize=4)
def _told(payload_json: str, locale: str, link: str | None) -> _Told:
    """Drawn up once for all recipients of a report, of whom there may be many; the payload as JSON is the key."""
    payload = json.loads(payload_json)
    content, made_at, commentary = payload["content"], payload["made_at"], payload["commentary"]
    w = Wording(locale)
    subject = one_line(f"{w.title(content)}, {w.span(content)}")
    body = page.render(content, locale, made_at, commentary=commentary, template=payload["template"], link=link)
    said = [commentary, w.failed(content), w.summary(content), *map(w.cause, content["causes"][:5])]
    text = [subject, *(line for line in said if line)]
    if link:
        text.append(f"{w.word('open')}{w.word('colon')}{link}")
    name = file_name(content)
    attachments = (
        Attachment(f"{name}.pdf", "application/pdf", pdf.make(content, locale, made_at, commentary)),
        Attachment(f"{name}.xlsx", XLSX, workbook.make(content, locale, commentary)),
    )
    return _Told(subject, "\n\n".join(text), body, attachments)


def payload_of(report: Any) -> dict[str, Any]:
    """What the outbox keeps of a report: all that its message says."""
    return {
        "event": EVENT,
        "severity": "info",
        "report_id": report.id,
        "locale": report.locale,
        "made_at": report.made_at.isoformat(),
        "commentary": report.commentary,
        "template": report.template,
        "content": report.content,
    }


def report_link(public_url: str, report_id: int) -> str | None:
    """The report's page, or None where the site has not said under which address it is reached."""
    return f"{public_url.rstrip('/')}/kpi/reports/?id={report_id}" if public_url else None


def file_name(content: Mapping[str, Any]) -> str:
    """The name of the report's files, in letters that every file system takes."""
    window, subject = content["window"], content["subject"]["entity_id"]
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in subject)
    return f"kpi-{window['cadence']}-{plain}-{window['start']}"
