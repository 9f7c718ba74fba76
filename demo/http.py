"""A small JSON client on the standard library, because the demo starts before any package is installed."""

from __future__ import annotations

import http.cookiejar
import json
import urllib.error
import urllib.request
from typing import Any


class HttpError(RuntimeError):
    """The server answered with an error; ``status`` and ``body`` hold what it said."""

    def __init__(self, method: str, url: str, status: int, body: str) -> None:
        super().__init__(f"{method} {url} answered {status}: {body[:600]}")
        self.status = status
        self.body = body


class JsonClient:
    """Keeps cookies and headers over calls to one server; JSON in, JSON out."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self.headers: dict[str, str] = {}
        jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def call(self, method: str, path: str, body: Any = None, seconds: float = 300) -> Any:
        """Send one request and return the decoded answer (None when it is empty). The limit only ends what hangs."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Accept": "application/json", "Content-Type": "application/json", **self.headers}
        request = urllib.request.Request(self.base_url + path, data=data, headers=headers, method=method)
        try:
            with self._opener.open(request, timeout=seconds) as answer:
                text = answer.read().decode()
        except urllib.error.HTTPError as error:
            raise HttpError(method, request.full_url, error.code, error.read().decode(errors="replace")) from None
        return json.loads(text) if text else None
