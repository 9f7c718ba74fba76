"""Who is named in a comment gets a mail: by every channel of KPI_CHANNELS that goes to owners, through the outbox.

Nobody is told of what they may not see, nor of their own comment. Without such a channel, an address, or a warehouse
that tells who sees what, the mention waits on the page, as every mention does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from superset.extensions import db

from superset_kpi_plugin.alerts import channels, owners
from superset_kpi_plugin.alerts.message import Message, one_line, period_label, targets_link
from superset_kpi_plugin.alerts.models import OutboxMessage
from superset_kpi_plugin.alerts.visibility import visible_entities
from superset_kpi_plugin.catalogue import queries
from superset_kpi_plugin.errors import KpiError
from superset_kpi_plugin.targets.models import utc_now
from superset_kpi_plugin.warehouse import Warehouse

EVENT = "mention"
WORDS = {
    "en": {
        "subject": "{author} mentioned you: {kpi}, {entity}, {period}",
        "comment": "Comment",
        "link": "Open the target",
        "colon": ": ",
    },
    "zh": {
        "subject": "{author} 提到了您：{kpi}，{entity}，{period}",
        "comment": "评论",
        "link": "打开目标",
        "colon": "：",
    },
}


def enqueue(comment: Any, target: Any, names: Iterable[str]) -> int:
    """Put the messages of a comment into the outbox, in the transaction of the comment; returns how many."""
    reached = [owner for owner in map(owners.find, names) if owner and owner.email and owner.user != comment.author]
    wanted = [name for name in channels.names() if (channel := channels.get(name)) and channel.is_to_owner]
    if not reached or not wanted:
        return 0
    try:
        told = [owner for owner in reached if owner.user is None or visible_entities(owner.user, [target.entity_id])]
        payload = _payload(comment, target, Warehouse())
    except KpiError:
        return 0
    now = utc_now()
    rows = {
        (channel, owner.email): OutboxMessage(
            key=_key(comment.id, channel, str(owner.email)),
            event=EVENT,
            channel=channel,
            recipient=owner.email,
            payload=payload,
            state="pending",
            attempts=0,
            created_at=now,
            next_attempt_at=now,
        )
        for channel in wanted
        for owner in told
    }
    db.session.add_all(rows.values())
    return len(rows)


def write(key: str, payload: Mapping[str, Any], locale: str, public_url: str) -> Message:
    """The message of an outbox row that `enqueue` made."""
    language = "zh" if locale.startswith("zh") else "en"
    words = WORDS[language]
    kpi = payload[f"kpi_name_{language}"] or payload["kpi_name_en"] or payload["kpi_id"]
    entity = payload["entity_name"] or payload["entity_id"]
    period = period_label(payload, language)
    subject = one_line(words["subject"].format(author=payload["author"], kpi=kpi, entity=entity, period=period))
    text = f"{subject}\n\n{words['comment']}{words['colon']}{payload['text']}"
    said = escape(payload["text"]).replace("\n", "<br/>")
    html = f"<p><b>{escape(subject)}</b></p>\n<p>{said}</p>"
    link = targets_link(public_url, payload) if public_url else None
    if link:
        text += f"\n\n{words['link']}{words['colon']}{link}"
        html += f'\n<p>{escape(words["link"])}{words["colon"]}<a href="{escape(link)}">{escape(link)}</a></p>'
    return Message(key, subject, text, html, {**payload, "link": link})


def _payload(comment: Any, target: Any, warehouse: Warehouse) -> dict[str, Any]:
    kpi = queries.catalogue_by_id(warehouse).get(target.kpi_id, {})
    entity = queries.entities_by_id(warehouse, {target.entity_id}).get(target.entity_id, {})
    return {
        "event": EVENT,
        "severity": "info",
        "comment_id": comment.id,
        "author": comment.author,
        "text": comment.text,
        "target_id": target.id,
        **{name: getattr(target, name) for name in ("kpi_id", "entity_kind", "entity_id", "grain")},
        "period_start": target.period_start.isoformat(),
        **{name: kpi.get(name.removeprefix("kpi_")) for name in ("kpi_name_en", "kpi_name_zh")},
        "entity_name": entity.get("entity_name"),
    }


def _key(comment_id: int, channel: str, recipient: str) -> str:
    return "kpi-" + hashlib.sha256(f"mention\x1f{comment_id}\x1f{channel}\x1f{recipient}".encode()).hexdigest()[:48]
