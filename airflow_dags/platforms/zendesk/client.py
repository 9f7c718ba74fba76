"""Zendesk's API over the pipeline's HTTP client: an agent's e-mail with an API token, or an OAuth access token."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from airflow_dags.accounts import Account
from airflow_dags.documents import Document, read_json
from airflow_dags.errors import ConfigurationError, ServerUnavailable
from airflow_dags.http import HttpClient
from airflow_dags.paging import Page, follow
from airflow_dags.streams import Platform

PAGE_SIZE = "100"


class Desk:
    """One desk's calls."""

    def __init__(self, account: Account, platform: Platform) -> None:
        self.account, self.title = account, f"{platform.name}/{account.account_id}"
        self._address = str(account.get("endpoint") or desk_address(account)).rstrip("/")
        email, secret = account.get("email"), account.need("password")
        if email:
            basic = base64.b64encode(f"{email}/token:{secret}".encode()).decode()
            self._headers = {"Authorization": f"Basic {basic}"}
        else:
            self._headers = {"Authorization": f"Bearer {secret}"}
        self._http = HttpClient(self.title, platform.limits, secrets=account.secrets.values())
        self._agents: dict[str, dict[str, Any]] | None = None

    def log_in(self) -> None:
        """See whether the login holds."""
        self.get("users", "/api/v2/users", {"role[]": "agent", "page[size]": "1"})

    def get(self, operation: str, path: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer's JSON object, numbers as the text of their digits."""
        answer = self._http.send(operation, "GET", f"{self._address}{path}", params=params, headers=self._headers)
        found = read_json(Document(operation, answer.content))
        if not isinstance(found, dict):
            raise ServerUnavailable(f"{self.title}: {operation} answered with something that is no object")
        return found

    def file(self, operation: str, path: str) -> Document:
        """A file on the desk's own address."""
        address, is_json = f"{self._address}/{path.lstrip('/')}", path.endswith(".json")
        answer = self._http.send(operation, "GET", address, headers=self._headers, expect_json=is_json)
        return Document(path.rpartition("/")[2], answer.content, answer.charset_encoding)

    def listed(self, operation: str, path: str, name: str, params: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """All objects of a list with cursor pagination."""

        def fetch(cursor: str | None) -> Page:
            query = {**params, "page[size]": PAGE_SIZE, **({"page[after]": cursor} if cursor else {})}
            found = self.get(operation, path, query)
            meta = found.get("meta")
            if not isinstance(meta, dict) or not isinstance(found.get(name), list):
                raise ServerUnavailable(f"{self.title}: {operation} answered without {name}")
            return Page(found[name], meta.get("after_cursor") if meta.get("has_more") else None)

        yield from follow(fetch, f"{self.title}: {operation}", key=lambda item: item.get("id") or id(item))

    @property
    def agents(self) -> dict[str, dict[str, Any]]:
        """The people who answer, by id; those who ask aren't read."""
        if self._agents is None:
            found = self.listed("users", "/api/v2/users", "users", {"role[]": ["agent", "admin"]})
            self._agents = {str(agent.get("id")): agent for agent in found}
        return self._agents


def desk_address(account: Account) -> str:
    name = account.need("subdomain").removeprefix("https://").rstrip("/")
    if "/" in name:
        raise ConfigurationError(f"connection {account.conn_id}: subdomain is a name as your-desk; nothing was changed")
    return f"https://{name}" if "." in name else f"https://{name}.zendesk.com"
