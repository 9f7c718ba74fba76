"""Channels: the named apprise addresses of KPI_CHANNELS, whom they reach, and the sending itself.

A channel is ``name: address``, ``name: [address, ...]`` or ``name: {"url": address(es), ...}`` with

* ``locale``: en or zh, or one for each mail address (``{"mei@example.com": "zh"}``);
* ``to: "owner"``: a ``mailto://`` that goes to whoever answers for the KPI (see ``owners``) instead of fixed addresses;
* ``user``: the Superset user whose row scope bounds what the channel is sent;
* ``quiet``: ``{"from": "22:00", "to": "07:00", "time_zone": "Asia/Shanghai"}``, hours without messages;
* ``at_once``: severities that don't wait for the end of the quiet hours (``["critical"]``).

Every address is a recipient of its own, and so is every mail address of a ``mailto://``: one that fails is tried again
without bothering the others. Addresses are secrets: they stay in this module and are never logged, stored or raised.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apprise import Apprise, AppriseAsset, AppriseAttachment, NotifyFormat, NotifyType
from apprise.attachment.memory import AttachMemory
from apprise.plugins.custom_json import NotifyJSON
from apprise.plugins.discord import NotifyDiscord
from apprise.plugins.email import NotifyEmail
from apprise.plugins.mattermost import NotifyMattermost
from apprise.plugins.telegram import NotifyTelegram
from apprise.plugins.workflows import NotifyWorkflows
from apprise.utils.parse import parse_list

from superset_kpi_plugin.alerts import owners
from superset_kpi_plugin.alerts.channels import dialects, webhook
from superset_kpi_plugin.alerts.channels.guard import guarded
from superset_kpi_plugin.alerts.channels.retries import SENT, Outcome
from superset_kpi_plugin.alerts.message import Message
from superset_kpi_plugin.alerts.timing import Quiet
from superset_kpi_plugin.config import setting

logger = logging.getLogger(__name__)
UNUSABLE = Outcome(False, True, "The channel's address in KPI_CHANNELS can't be used.")
REFUSED = Outcome(
    False, True, "The channel leads to an internal address; set KPI_ALLOW_INTERNAL_WEBHOOKS to allow that."
)
GONE = Outcome(False, True, "The channel or its recipient is not in KPI_CHANNELS any more.")
NOT_SENT = Outcome(False, True, "The channel did not accept the message.")
NO_ADDRESS = Outcome(False, False, "The owner has no address: add it to KPI_OWNERS.")
UNKNOWN_OWNER = "owner: "
#: How a service reads its messages, and in which of the library's formats they are handed over. Whatever is not named
#: is given plain text; where a service has no such thing, the library escapes it.
DIALECTS: dict[type, tuple[Callable[[str], str], NotifyFormat]] = {
    NotifyDiscord: (dialects.as_escaped, NotifyFormat.TEXT),
    NotifyMattermost: (dialects.as_escaped, NotifyFormat.TEXT),
    NotifyTelegram: (dialects.as_html, NotifyFormat.HTML),
    NotifyWorkflows: (dialects.as_markdown, NotifyFormat.MARKDOWN),
}

_sending: ContextVar[bool] = ContextVar("kpi_sending", default=False)


@dataclass(frozen=True)
class Channel:
    """One entry of KPI_CHANNELS; ``locale`` is None where the site's default language applies."""

    name: str
    addresses: tuple[str, ...] = field(repr=False)
    locale: str | None = None
    locales: Mapping[str, str] = field(default_factory=dict, repr=False)
    is_to_owner: bool = False
    user: str | None = None
    quiet: Quiet | None = None
    at_once: tuple[str, ...] = ("critical",)


def names() -> list[str]:
    """The configured channels' names."""
    return sorted(str(name) for name in setting("KPI_CHANNELS") or {})


def get(name: str) -> Channel | None:
    """The channel of that name, or None."""
    entry = (setting("KPI_CHANNELS") or {}).get(name)
    if entry is None:
        return None
    if not isinstance(entry, dict):
        return Channel(name, _listed(entry))
    locale = entry.get("locale")
    return Channel(
        name,
        _listed(entry.get("url")),
        locale if isinstance(locale, str) else None,
        locale if isinstance(locale, dict) else {},
        entry.get("to") == "owner",
        entry.get("user"),
        _quiet_hours(entry.get("quiet")),
        tuple(entry.get("at_once", ("critical",))),
    )


def locale_of(channel: Channel | None, recipient: str) -> str | None:
    """The language of a channel's recipient; None where nobody named one."""
    if channel is None:
        return None
    owner = owners.by_email(recipient) if channel.is_to_owner else None
    return (owner.locale if owner else None) or channel.locales.get(recipient) or channel.locale


def is_usable(channel: Channel) -> bool:
    """Whether every address of a channel can be understood; what the library says of one that can't is not logged."""
    return bool(channel.addresses) and all(_plugin(address) is not None for address in channel.addresses)


def unknown_owner(name: str | None) -> str:
    """The label of a recipient who can't be reached because nobody knows the owner's address."""
    return f"{UNKNOWN_OWNER}{name or ''}"


def _listed(addresses: Any) -> tuple[str, ...]:
    return tuple(map(str, [addresses] if isinstance(addresses, str) else list(addresses or [])))


def _quiet_hours(entry: Any) -> Quiet | None:
    """The quiet hours of a channel; None where they can't be read, so that a typing error silences nothing."""
    if not entry:
        return None
    try:
        begin, end = time.fromisoformat(entry["from"]), time.fromisoformat(entry["to"])
        return Quiet(begin, end, ZoneInfo(entry.get("time_zone", "UTC")))
    except (KeyError, ValueError, TypeError, OSError, ZoneInfoNotFoundError):
        logger.warning("The quiet hours of a channel can't be read and are left out")
        return None


def recipients(name: str) -> list[str]:
    """Labels of a channel's recipients: mail addresses, or the channel's name, numbered where it has several.

    A channel that is not configured has itself as its recipient, so that its message waits instead of vanishing.
    """
    channel = get(name)
    return [label for label, _ in _targets(channel)] if channel and channel.addresses else [name]


def send(name: str, recipient: str, message: Message, notify_type: str) -> Outcome:
    """Send to one recipient of a channel. Never raises, and never tells an address."""
    channel = get(name)
    if recipient.startswith(UNKNOWN_OWNER):
        return NO_ADDRESS
    plugin = _target(channel, recipient) if channel else GONE
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
    # A mail server is the site's own and mostly inside; everything else goes out to checked addresses only.
    is_free = is_mail or bool(setting("KPI_ALLOW_INTERNAL_WEBHOOKS"))
    with guarded(is_free) as attempts:
        if type(plugin) is NotifyJSON:
            outcome = webhook.post(plugin, message, notify_type)
        else:
            outcome = _by_apprise(plugin, message, notify_type, is_mail)
    return REFUSED if attempts and not outcome.is_sent else outcome


def _by_apprise(plugin: Any, message: Message, notify_type: str, is_mail: bool) -> Outcome:
    if is_mail:
        plugin.headers["X-KPI-Alert-Key"] = message.key
        title, body, body_format = message.subject, message.html, NotifyFormat.HTML
    else:
        rendered, body_format = DIALECTS.get(type(plugin), (dialects.as_plain, NotifyFormat.TEXT))
        title, body = rendered(message.subject), rendered(message.text)
        if body_format in parse_list(type(plugin).notify_format):
            plugin.notify_format = body_format  # whatever `?format=` an address asks for: markup would read names
    accepted = plugin.notify(
        title=title,
        body=body,
        notify_type=NotifyType(notify_type),
        body_format=body_format,
        attach=_attached(message) if is_mail else None,
    )
    return SENT if accepted else NOT_SENT


def _attached(message: Message) -> AppriseAttachment | None:
    if not message.attachments:
        return None
    files = [AttachMemory(item.content, name=item.name, mimetype=item.mimetype) for item in message.attachments]
    return AppriseAttachment(files)


def _target(channel: Channel, recipient: str) -> Any:
    if not channel.is_to_owner:
        return dict(_targets(channel)).get(recipient, GONE)
    plugin = _plugin(channel.addresses[0]) if channel.addresses else None
    if not isinstance(plugin, NotifyEmail):
        return UNUSABLE
    plugin.targets = [(False, recipient)]
    return plugin


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
    asset.image_url_mask = asset.image_url_logo = ""  # pictures of the library's own site have no place in a message
    with _quiet():
        try:
            return Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
        except Exception:
            # Only that it is unusable may be known: the exception may quote the address.
            return None


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
