"""Tells from a file's content which platform and stream it is of. Pure: no database, no framework."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from airflow_dags.documents import Document, read_delimited, read_json, read_workbook
from airflow_dags.errors import DocumentBroken, WrongDocument
from airflow_dags.registry import platforms

HEAD_BYTES = 256 * 1024
# Two streams whose scores are this close can't be told apart: somebody has to say which it is.
CLOSE = 0.05
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class Candidate:
    """A stream that the file may be of; ``score`` is the share of the file's names that the stream knows (0 to 1)."""

    platform: str
    stream: str
    score: float


def names_in(document: Document) -> list[str]:
    """The names that a file uses: its header, the keys of its rows, or the keys of its one JSON object."""
    if document.content[:4] == _ZIP:
        return list(read_workbook(document).column_names)
    head = document.plain()[:HEAD_BYTES]
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return _json_names(document)
    text = head if len(head) < HEAD_BYTES else head[: head.rfind(b"\n") + 1] or head
    return list(read_delimited(Document(document.name, text, document.charset))[0].column_names)


def _json_names(document: Document) -> list[str]:
    try:
        content = read_json(document)
    except DocumentBroken:
        # JSON lines, as asynchronous exports are: the first line tells.
        content = read_json(Document(document.name, document.plain().split(b"\n", 1)[0], document.charset))
    if isinstance(content, dict):
        return [str(name) for name in content]
    if isinstance(content, list) and all(isinstance(item, dict) for item in content[:100]):
        return list(dict.fromkeys(str(name) for item in content[:100] for name in item))
    raise WrongDocument(f"{document.name} holds no rows with names; nothing was changed; upload a report as downloaded")


def candidates(document: Document) -> list[Candidate]:
    """The streams that the file may be of, the best first; empty where none knows its names."""
    return ranked(names_in(document))


def ranked(names: Collection[str]) -> list[Candidate]:
    """The streams that know ``names``, the best first."""
    found = [
        Candidate(platform.name, stream.name, round(score, 4))
        for platform in platforms().values()
        for stream in platform.streams.values()
        if (score := stream.recognises(names)) > 0
    ]
    return sorted(found, key=lambda one: (-one.score, one.platform, one.stream))


def the_one(document: Document, found: list[Candidate]) -> Candidate:
    """The stream that the file is of.

    :raises WrongDocument: when no stream knows it, or when several know it equally well.
    """
    if not found:
        raise WrongDocument(
            f"{document.name} is no report that is known here (its columns fit no stream); nothing was changed; choose "
            "platform and stream, or download the report again"
        )
    close = [one for one in found if found[0].score - one.score < CLOSE]
    if len(close) > 1:
        named = " or ".join(f"{one.platform}/{one.stream}" for one in close[:4])
        raise WrongDocument(f"{document.name} may be {named}; nothing was changed; say which one it is")
    return found[0]
