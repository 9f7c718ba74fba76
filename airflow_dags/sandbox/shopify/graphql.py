"""As much of GraphQL as the Admin API's clients use: queries and mutations with variables, aliases and arguments.

Objects are dictionaries with all their fields; an answer holds what was selected and nothing else. A field that takes
arguments is a function of them; a list that comes in pages is a `Connection`.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(
    r'[\s,]+|#[^\n]*|(?P<block>"""(?:[^"\\]|\\.|"(?!""))*""")|(?P<string>"(?:[^"\\\n]|\\.)*")'
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[_A-Za-z]\w*)|(?P<mark>\.\.\.|[!$():=@\[\]{}|])"
)
MAX_PAGE = 250
PageMaker = Callable[[list[Any], int, int], tuple[list[Any], int | None]]


class GraphqlError(Exception):
    """One entry of ``errors``; ``code`` goes into its extensions."""

    def __init__(self, message: str, code: str = "", **extensions: Any) -> None:
        super().__init__(message)
        self.message, self.code, self.extensions = message, code, extensions

    def as_dict(self) -> dict[str, Any]:
        extensions = {**({"code": self.code} if self.code else {}), **self.extensions}
        return {"message": self.message, "locations": [{"line": 1, "column": 1}], "extensions": extensions}


class Connection(list[Any]):
    """The items of a list that is read in pages; ``make_page`` (items, offset, size) cuts one, default: plainly."""

    make_page: PageMaker | None = None


@dataclass
class Field:
    name: str
    alias: str
    arguments: dict[str, Any] = field(default_factory=dict)
    selections: list[Field] = field(default_factory=list)

    def inner(self, name: str) -> Field | None:
        return next((one for one in self.selections if one.name == name), None)


@dataclass
class Operation:
    kind: str
    fields: list[Field]


class _Parser:
    def __init__(self, text: str, variables: dict[str, Any]) -> None:
        self.tokens, self.variables, self.at = list(_tokens(text)), variables, 0

    def operation(self) -> Operation:
        kind = "query"
        if self.peek() != "{":
            kind = self.take()
            if kind not in ("query", "mutation"):
                raise GraphqlError(f'syntax error, unexpected "{kind}"')
            if self.peek() not in ("(", "{"):
                self.take()
            if self.peek() == "(":
                self.declarations()
        fields = self.selections()
        if self.at != len(self.tokens):
            raise GraphqlError(f'syntax error, unexpected "{self.peek()}"')
        return Operation(kind, fields)

    def declarations(self) -> None:
        """Variables that are declared must be given, or have the type without an exclamation mark."""
        self.expect("(")
        while self.peek() != ")":
            self.expect("$")
            name = self.take()
            self.expect(":")
            declared = ""
            while self.peek() not in ("$", ")"):
                declared += self.take()
            if declared.endswith("!") and self.variables.get(name) is None:
                raise GraphqlError(
                    f"Variable ${name} of type {declared} was provided invalid value", "INVALID_VARIABLE"
                )
        self.expect(")")

    def selections(self) -> list[Field]:
        self.expect("{")
        fields = []
        while self.peek() != "}":
            fields.append(self.field())
        self.expect("}")
        return fields

    def field(self) -> Field:
        name = alias = self.take()
        if not re.match(r"^[_A-Za-z]\w*$", name):
            raise GraphqlError(f'syntax error, unexpected "{name}"')
        if self.peek() == ":":
            self.expect(":")
            name = self.take()
        found = Field(name, alias)
        if self.peek() == "(":
            self.expect("(")
            while self.peek() != ")":
                key = self.take()
                self.expect(":")
                found.arguments[key] = self.value()
            self.expect(")")
        if self.peek() == "{":
            found.selections = self.selections()
        return found

    def value(self) -> Any:
        word = self.take()
        if word == "$":
            return self.variables.get(self.take())
        if word == "[":
            values = []
            while self.peek() != "]":
                values.append(self.value())
            self.expect("]")
            return values
        if word.startswith('"""'):
            return word[3:-3]
        if word.startswith('"'):
            return json.loads(word)
        if re.match(r"^-?\d", word):
            return int(word) if word.lstrip("-").isdigit() else float(word)
        return {"true": True, "false": False, "null": None}.get(word, word)

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        if not token:
            raise GraphqlError("syntax error, unexpected end of file")
        self.at += 1
        return token

    def expect(self, mark: str) -> None:
        token = self.take()
        if token != mark:
            raise GraphqlError(f'syntax error, unexpected "{token}", expecting "{mark}"')


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise GraphqlError(f'syntax error, unexpected "{text[at]}"')
        if found.lastgroup:
            yield found.group()
        at = found.end()


def parse(text: str, variables: dict[str, Any] | None = None) -> Operation:
    return _Parser(text, variables or {}).operation()


def select(value: dict[str, Any], fields: list[Field]) -> dict[str, Any]:
    """The selected fields of an object."""
    answer = {}
    for one in fields:
        if one.name not in value:
            kind = value.get("__typename", "Object")
            raise GraphqlError(
                f"Field '{one.name}' doesn't exist on type '{kind}'",
                "undefinedField",
                typeName=kind,
                fieldName=one.name,
            )
        found = value[one.name]
        answer[one.alias] = complete(found(**one.arguments) if callable(found) else found, one)
    return answer


def complete(value: Any, one: Field) -> Any:
    """A field's value as it is answered."""
    if isinstance(value, Connection):
        return page(value, one)
    if isinstance(value, dict) and "__typename" in value:
        if not one.selections:
            raise GraphqlError(f"Field must have selections (field '{one.name}' returns {value['__typename']})")
        return select(value, one.selections)
    if isinstance(value, list):
        return [complete(item, one) for item in value]
    return value


def page(items: Connection, one: Field) -> dict[str, Any]:
    """One page of a connection, as nodes, edges and pageInfo, whichever were selected."""
    first = one.arguments.get("first")
    if first is None:
        raise GraphqlError("you must provide one of first or last", "BAD_REQUEST")
    if not 0 < int(first) <= MAX_PAGE:
        raise GraphqlError(f"first must be between 1 and {MAX_PAGE}", "BAD_REQUEST")
    offset = offset_of(one.arguments.get("after"))
    nodes = one.inner("nodes")
    edges = one.inner("edges")
    node = nodes or (edges.inner("node") if edges else None)
    projected = [select(item, node.selections) for item in items] if node else []
    make = items.make_page or plain_page
    rows, following = make(projected, offset, int(first))
    answer: dict[str, Any] = {}
    for wanted in one.selections:
        if wanted.name == "nodes":
            answer[wanted.alias] = rows
        elif wanted.name == "edges":
            answer[wanted.alias] = [{"node": row} for row in rows]
        elif wanted.name == "pageInfo":
            cursor = cursor_of(following if following is not None else offset + len(rows)) if rows else None
            info = {"__typename": "PageInfo", "hasNextPage": following is not None, "endCursor": cursor}
            answer[wanted.alias] = select(info, wanted.selections)
    return answer


def plain_page(items: list[Any], offset: int, size: int) -> tuple[list[Any], int | None]:
    following = offset + size
    return items[offset:following], (following if following < len(items) else None)


def cursor_of(offset: int) -> str:
    return base64.b64encode(json.dumps({"last_id": offset}).encode()).decode()


def offset_of(cursor: str | None) -> int:
    if not cursor:
        return 0
    try:
        return int(json.loads(base64.b64decode(cursor, validate=True))["last_id"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise GraphqlError("Invalid cursor for current pagination sort.", "BAD_REQUEST") from None


def cost(fields: list[Field]) -> int:
    """Shopify's points of a selection: an object is one, a list of pages as many as were asked for, a mutation ten."""
    total = 0
    for one in fields:
        if not one.selections:
            continue
        wanted = one.inner("nodes") or one.inner("edges")
        if wanted is None:
            total += 1 + cost(one.selections)
            continue
        node = wanted.inner("node") or wanted
        total += 2 + int(one.arguments.get("first") or 1) * (1 + cost(node.selections))
    return total
