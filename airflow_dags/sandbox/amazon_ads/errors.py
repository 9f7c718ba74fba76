"""The error shape of the Amazon Ads API."""

from __future__ import annotations

from flask import Response, jsonify


class AdsError(Exception):
    def __init__(self, status: int, detail: str, code: str | None = None, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.code, self.retry_after = status, detail, code or str(status), retry_after

    def response(self) -> Response:
        answer = jsonify({"code": self.code, "detail": self.detail})
        answer.status_code = self.status
        if self.retry_after is not None:
            answer.headers["Retry-After"] = str(self.retry_after)
        return answer
