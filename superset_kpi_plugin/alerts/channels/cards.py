"""Texts for services that read Markdown whatever they are sent, as the cards of Teams do. Imports no framework.

A name in an alert is somebody's text: it must neither look like a link nor call a person. Addresses become links, since
a card shows a bare one as text, and every line a paragraph, since a card runs single ones together.
"""

from __future__ import annotations

import re

ADDRESS = re.compile(r"https?://[^\s<>]+")
SPECIAL = re.compile(r"([\\`*_\[\]#~])")


def as_markdown(text: str) -> str:
    """Plain text as Markdown that reads the same."""
    return "\n\n".join(_line(line) for line in text.splitlines() if line.strip())


def _line(line: str) -> str:
    parts, at = [], 0
    for found in ADDRESS.finditer(line):
        address = found.group().replace("(", "%28").replace(")", "%29")
        parts += [_escaped(line[at : found.start()]), f"[{_escaped(found.group())}]({address})"]
        at = found.end()
    return "".join([*parts, _escaped(line[at:])])


def _escaped(text: str) -> str:
    # Angle brackets can't be escaped there, and <at> would call somebody.
    return SPECIAL.sub(r"\\\1", text.replace("<", "‹").replace(">", "›"))
