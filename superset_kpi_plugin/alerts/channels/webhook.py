"""Webhooks (apprise's ``json://`` and ``jsons://``) with the full alert in the body.

Address, credentials, headers and extra fields are read by apprise's own JSON plugin. The body keeps the plugin's
fields (version, title, message, type) and adds ``key``, the message's stable key, and ``alert``, all its facts.
The key is also the header ``Idempotency-Key``.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from apprise.plugins.custom_json import NotifyJSON

from superset_kpi_plugin.alerts.channels.retries import Outcome, of_http_status
from superset_kpi_plugin.alerts.message import Message

TIMEOUT = (5, 15)


def post(plugin: NotifyJSON, message: Message, notify_type: str) -> Outcome:
    """Post one message; redirects are not followed, because they would lead around the address check."""
    body: dict[str, Any] = {
        "version": "1.0",
        "title": message.subject,
        "message": message.text,
        "type": notify_type,
        **plugin.payload_extras,
        "key": message.key,
        "alert": message.payload,
    }
    headers = {"User-Agent": "superset-kpi-plugin", "Content-Type": "application/json"}
    try:
        answer = requests.request(
            plugin.method,
            _address(plugin),
            data=json.dumps(body, ensure_ascii=False).encode(),
            params=plugin.params,
            headers={**headers, **plugin.headers, "Idempotency-Key": message.key},
            auth=(plugin.user, plugin.password or "") if plugin.user else None,
            verify=plugin.verify_certificate,
            timeout=TIMEOUT,
            allow_redirects=False,
            stream=True,  # the answer's body is of no interest and may be endless
        )
    except requests.Timeout:
        return Outcome(False, True, "The receiver did not answer in time.")
    except requests.exceptions.SSLError:
        return Outcome(False, True, "The receiver's certificate was refused.")
    except requests.RequestException:
        return Outcome(False, True, "The receiver could not be reached.")
    answer.close()
    return of_http_status(answer.status_code, retry_after(answer.headers.get("Retry-After")))


def retry_after(header: str | None, now: datetime | None = None) -> timedelta | None:
    """The wait that a Retry-After header asks for, in either of its forms; None when it is absent or unreadable."""
    if not header:
        return None
    if header.strip().isdigit():
        return timedelta(seconds=min(int(header), 86_400))
    try:
        wanted = parsedate_to_datetime(header)
    except ValueError:
        return None
    wanted = wanted if wanted.tzinfo else wanted.replace(tzinfo=timezone.utc)
    return max(wanted - (now or datetime.now(timezone.utc)), timedelta(0))


def _address(plugin: NotifyJSON) -> str:
    port = f":{plugin.port}" if isinstance(plugin.port, int) else ""
    return f"{'https' if plugin.secure else 'http'}://{plugin.host}{port}{plugin.fullpath or '/'}"
