"""As much GraphQL as Data Kiosk's queries need: one operation, fields with arguments, literal values; no variables,
fragments, aliases or directives, which Data Kiosk's documents don't use either."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(r'\s*(?:#[^\n]*|,)*\s*("(?:[^"\\\n]|\\.)*"|-?\d+(?:\.\d+)?|[A-Za-z_]\w*|[{}()\[\]:])')


class GraphqlError(ValueError):
    """The query can't be read; the message says where."""


@dataclass
class Field:
    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    fields: list[Field] = field(default_factory=list)


def parse(query: str) -> list[Field]:
    """The fields of the query's only operation; enum values come as their names. Raises GraphqlError."""
    return _Reader(query).operation()


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0

    def operation(self) -> list[Field]:
        if self._peek() == "query":
            self._next()
            if self._peek() not in ("{", None):
                self._next()
        fields = self._selection()
        if self._peek() is not None:
            raise GraphqlError(f"unexpected {self._peek()!r} after the query")
        return fields

    def _selection(self) -> list[Field]:
        self._expect("{")
        fields = []
        while self._peek() != "}":
            name = self._name()
            arguments = self._arguments() if self._peek() == "(" else {}
            fields.append(Field(name, arguments, self._selection() if self._peek() == "{" else []))
        self._expect("}")
        if not fields:
            raise GraphqlError("a selection is empty")
        return fields

    def _arguments(self) -> dict[str, Any]:
        self._expect("(")
        found = self._pairs(")")
        self._expect(")")
        return found

    def _pairs(self, end: str) -> dict[str, Any]:
        found = {}
        while self._peek() != end:
            name = self._name()
            self._expect(":")
            found[name] = self._value()
        return found

    def _value(self) -> Any:
        token = self._next()
        if token == "{":  # noqa: S105 (a token of the language)
            found: Any = self._pairs("}")
            self._expect("}")
            return found
        if token == "[":  # noqa: S105
            found = []
            while self._peek() != "]":
                found.append(self._value())
            self._expect("]")
            return found
        if token[0] in '"-' or token[0].isdigit():
            return json.loads(token)
        return {"true": True, "false": False, "null": None}.get(token, token)

    def _name(self) -> str:
        token = self._next()
        if not re.match(r"[A-Za-z_]", token):
            raise GraphqlError(f"a name was expected, not {token!r}")
        return token

    def _expect(self, wanted: str) -> None:
        if (token := self._next()) != wanted:
            raise GraphqlError(f"{wanted!r} was expected, not {token!r}")

    def _peek(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _next(self) -> str:
        token = self._peek()
        if token is None:
            raise GraphqlError("the query ends early")
        self._at += 1
        return token


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise GraphqlError(f"unexpected character at {at}: {text[at : at + 10]!r}")
        found.append(match[1])
        at = match.end()
    return found
