"""Channels: the named apprise addresses of KPI_CHANNELS, whom they reach, and the sending itself.

A channel is ``name: address``, ``name: [address, ...]`` or ``name: {"url": address(es), "locale": "zh"}``. Every
address is a recipient of its own, and so is every mail address of a ``mailto://``: one that fails is tried again
without bothering the others. Addresses are secrets: they stay in this module and are never logged, stored or raised.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType
from apprise.plugins.custom_json import NotifyJSON
from apprise.plugins.email import NotifyEmail

from superset_kpi_plugin.alerts.channels import webhook
from superset_kpi_plugin.alerts.channels.guard import reaches_internal
from superset_kpi_plugin.alerts.channels.retries import SENT, Outcome
from superset_kpi_plugin.alerts.message import Message
from superset_kpi_plugin.config import setting

logger = logging.getLogger(__name__)
UNUSABLE = Outcome(False, True, "The channel's address in KPI_CHANNELS can't be used.")
REFUSED = Outcome(
    False, True, "The channel leads to an internal address; set KPI_ALLOW_INTERNAL_WEBHOOKS to allow that."
)
GONE = Outcome(False, True, "The channel or its recipient is not in KPI_CHANNELS any more.")
NOT_SENT = Outcome(False, True, "The channel did not accept the message.")

_sending: ContextVar[bool] = ContextVar("kpi_sending", default=False)


@dataclass(frozen=True)
class Channel:
    """One entry of KPI_CHANNELS; ``locale`` is None where the site's default language applies."""

    name: str
    addresses: tuple[str, ...] = field(repr=False)
    locale: str | None = None


def names() -> list[str]:
    """The configured channels' names."""
    return sorted(str(name) for name in setting("KPI_CHANNELS") or {})


def get(name: str) -> Channel | None:
    """The channel of that name, or None."""
    entry = (setting("KPI_CHANNELS") or {}).get(name)
    if entry is None:
        return None
    locale = entry.get("locale") if isinstance(entry, dict) else None
    addresses = entry.get("url") if isinstance(entry, dict) else entry
    listed = [addresses] if isinstance(addresses, str) else list(addresses or [])
    return Channel(name, tuple(map(str, listed)), locale)


def recipients(name: str) -> list[str]:
    """Labels of a channel's recipients: mail addresses, or the channel's name, numbered where it has several.

    A channel that is not configured has itself as its recipient, so that its message waits instead of vanishing.
    """
    channel = get(name)
    return [label for label, _ in _targets(channel)] if channel and channel.addresses else [name]


def send(name: str, recipient: str, message: Message, notify_type: str) -> Outcome:
    """Send to one recipient of a channel. Never raises, and never tells an address."""
    channel = get(name)
    plugin = dict(_targets(channel)).get(recipient, GONE) if channel else GONE
    if isinstance(plugin, Outcome):
        return plugin
    with _quiet():
        try:
            return _send(plugin, message, notify_type)
        except Exception as error:
            # A plugin's exception may quote its address, so only its kind is told.
            logger.warning("Channel %s failed with %s", name, type(error).__name__)
            return NOT_SENT


def _send(plugin: Any, message: Message, notify_type: str) -> Outcome:
    is_mail = isinstance(plugin, NotifyEmail)
    if (
        not is_mail
        and not setting("KPI_ALLOW_INTERNAL_WEBHOOKS")
        and _has_own_host(plugin)
        and reaches_internal(str(plugin.host))
    ):
        return REFUSED
    if type(plugin) is NotifyJSON:
        return webhook.post(plugin, message, notify_type)
    if is_mail:
        plugin.headers["X-KPI-Alert-Key"] = message.key
    accepted = plugin.notify(
        title=message.subject,
        body=message.html if is_mail else message.text,
        notify_type=NotifyType(notify_type),
        body_format=NotifyFormat.HTML if is_mail else NotifyFormat.TEXT,
    )
    return SENT if accepted else NOT_SENT


def _targets(channel: Channel) -> Iterator[tuple[str, Any]]:
    """(label, apprise plugin) of each recipient; in place of a plugin UNUSABLE, where the address can't be read."""
    for number, address in enumerate(channel.addresses, start=1):
        label = channel.name if len(channel.addresses) == 1 else f"{channel.name} #{number}"
        plugin = _plugin(address)
        if not isinstance(plugin, NotifyEmail) or not plugin.targets:
            yield label, plugin or UNUSABLE
            continue
        for target in plugin.targets:
            alone = _plugin(address)
            alone.targets = [target]
            yield str(target[1]), alone


def _plugin(address: str) -> Any:
    asset = AppriseAsset(app_id="KPI", app_desc="KPI alerts", app_url="")
    asset.http_redirects = False
    with _quiet():
        try:
            return Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
        except Exception:
            # Only that it is unusable may be known: the exception may quote the address.
            return None


def _has_own_host(plugin: Any) -> bool:
    """Whether the site chose the host, rather than the service behind the plugin."""
    return any("{host}" in template for template in getattr(plugin, "templates", ()))


class _Discreet(logging.Filter):
    """Drops what the libraries log while a message is sent: their lines quote addresses with tokens in them."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not _sending.get()


_DISCREET = _Discreet()
for _library in ("apprise", "urllib3.connectionpool", "requests", "requests_oauthlib", "paho.mqtt.client"):
    logging.getLogger(_library).addFilter(_DISCREET)


@contextmanager
def _quiet() -> Iterator[None]:
    token = _sending.set(True)
    try:
        yield
    finally:
        _sending.reset(token)
