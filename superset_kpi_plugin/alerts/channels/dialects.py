"""Texts as the services read them, so that they are shown as they are. Imports no framework.

A name in an alert is somebody's text: it must neither look like a link or markup, nor call a person. What calls people
is taken apart for every service: ``<at user_id="all">``, ``<!channel>`` and ``<@id>`` lose their angle brackets (few
services can escape them), and ``@all`` gets a joiner of no width behind its sign. Addresses stay what can be followed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

ADDRESS = re.compile(r"https?://[^\s<>]+")
SPECIAL = re.compile(r"([\\`*_\[\]#~|])")
CALL = re.compile(r"([@＠])(?=\w)")
WORD_JOINER = "\u2060"


def as_plain(text: str) -> str:
    """For services that show plain text, but find calls in it (Feishu, Lark, WeCom, DingTalk, Slack)."""
    return _uncalled(text.replace("<", "‹").replace(">", "›"))


def as_escaped(text: str) -> str:
    """For services that read Markdown and make links of bare addresses themselves (Discord, Mattermost)."""
    return _apart(text, lambda address: address)


def as_markdown(text: str) -> str:
    """For cards of Teams: a card shows a bare address as text, and runs single lines together."""
    return "\n\n".join(_apart(line, _link) for line in text.splitlines() if line.strip())


def as_html(text: str) -> str:
    """For services that know HTML alone (Telegram)."""
    return escape(_uncalled(text), quote=False).replace("\n", "<br/>")


def _uncalled(text: str) -> str:
    return CALL.sub(rf"\1{WORD_JOINER}", text)


def _apart(text: str, shown: Callable[[str], str]) -> str:
    """Addresses as ``shown``, everything between them escaped."""
    parts, at = [], 0
    for found in ADDRESS.finditer(text):
        parts += [_escaped(text[at : found.start()]), shown(found.group())]
        at = found.end()
    return "".join([*parts, _escaped(text[at:])])


def _link(address: str) -> str:
    return f"[{_escaped(address)}]({address.replace('(', '%28').replace(')', '%29')})"


def _escaped(text: str) -> str:
    return SPECIAL.sub(r"\\\1", as_plain(text))
