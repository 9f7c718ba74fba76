"""Bulk operations: a query without pages whose objects come as lines of JSON, children with the id of their parent."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from airflow_dags.sandbox.shopify.graphql import Connection, Field, GraphqlError, Operation, complete

MAX_CONNECTIONS, MAX_DEPTH = 5, 2
WITHIN_LIST = "Queries that contain a connection field within a list field are not currently supported."


@dataclass
class BulkOperation:
    """One operation of one shop; ``end`` is another end than COMPLETED, where one is planned."""

    number: int
    account_id: str
    query: str
    stream: str
    revision: int
    created_at: datetime
    rows: list[dict[str, Any]]
    count: int
    end: str | None = None
    status: str = "CREATED"
    polls: int = 0
    asked_at: float = field(default_factory=time.monotonic)
    completed_at: datetime | None = None

    @property
    def gid(self) -> str:
        return f"gid://shopify/BulkOperation/{self.number}"

    @property
    def is_running(self) -> bool:
        return self.status in ("CREATED", "RUNNING")


def check(operation: Operation) -> str | None:
    """What Shopify refuses in a bulk query, in its own words; None: it may run."""
    if operation.kind != "query" or len(operation.fields) != 1:
        return "Bulk queries must be one query with a single top-level field."
    found = _connections(operation.fields[0], 0)
    if not found:
        return "Bulk queries must contain at least one connection."
    if len(found) > MAX_CONNECTIONS:
        return f"Bulk queries cannot contain more than {MAX_CONNECTIONS} connections."
    if max(found) > MAX_DEPTH:
        return f"Bulk queries cannot contain connections with a nesting depth greater than {MAX_DEPTH}."
    return None


def _connections(one: Field, depth: int) -> list[int]:
    """The depth of each connection."""
    wanted = one.inner("edges") or one.inner("nodes")
    below = depth + 1 if wanted else depth
    found = [depth] if wanted else []
    for inner in _node_fields(one):
        found += _connections(inner, below)
    return found


def _node_fields(one: Field) -> list[Field]:
    edges, nodes = one.inner("edges"), one.inner("nodes")
    node = (edges.inner("node") if edges else None) or nodes
    return node.selections if node else one.selections


def lines_of(items: Connection, one: Field, parent: str | None = None) -> list[dict[str, Any]]:
    """The objects of a connection, each followed by those of the connections within it."""
    rows: list[dict[str, Any]] = []
    for item in items:
        row: dict[str, Any] = {}
        children: list[dict[str, Any]] = []
        for inner in _node_fields(one):
            if inner.name not in item:
                raise GraphqlError(f"Field '{inner.name}' doesn't exist on type '{item.get('__typename')}'")
            value = item[inner.name]
            value = value(**inner.arguments) if callable(value) else value
            if isinstance(value, Connection):
                if "id" not in item:
                    raise GraphqlError("The parent 'id' field of a nested connection is needed.")
                children += lines_of(value, inner, item["id"])
            else:
                _refuse_connections(value, inner)
                row[inner.alias] = complete(value, inner)
        if parent is not None:
            row["__parentId"] = parent
        rows += [row, *children]
    return rows


def _refuse_connections(value: Any, one: Field) -> None:
    if isinstance(value, list):
        for item in value:
            if isinstance(item, dict) and any(isinstance(item.get(f.name), Connection) for f in one.selections):
                raise GraphqlError(WITHIN_LIST)
