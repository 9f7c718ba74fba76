"""What every operation of the Selling Partner API shares: token, rate, and Amazon's error shape."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from flask import Response, g, jsonify, request

from airflow_dags.sandbox.credentials import SP, TokenError
from airflow_dags.sandbox.state import SandboxState, new_id


class SpError(Exception):
    def __init__(self, status: int, code: str, message: str, details: str = "", retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.details = status, code, message, details
        self.retry_after = retry_after

    def response(self) -> Response:
        error = {"code": self.code, "message": self.message, "details": self.details}
        answer = jsonify({"errors": [error]})
        answer.status_code = self.status
        if self.retry_after is not None:
            answer.headers["Retry-After"] = str(self.retry_after)
        return answer


def quota_exceeded(wait: int) -> SpError:
    return SpError(429, "QuotaExceeded", "You exceeded your quota for the requested resource.", retry_after=wait)


def invalid(details: str) -> SpError:
    return SpError(400, "InvalidInput", "Invalid Input", details)


def operation(state: SandboxState, name: str) -> Callable:
    """Checks token and rate; gives the account to the function and Amazon's headers to it all."""

    def decorate(function: Callable) -> Callable:
        @wraps(function)
        def answer(**values: str) -> Response:
            try:
                account_id = g.account_id = account_of_request(state)
                wait = state.buckets.take(name, account_id)
                if wait is not None:
                    raise quota_exceeded(wait)
                response = function(account_id, **values)
            except SpError as error:
                response = error.response()
            response.headers["x-amzn-RateLimit-Limit"] = str(state.buckets.plan(name)[0])
            response.headers["x-amzn-RequestId"] = new_id()
            return response

        return answer

    return decorate


def account_of_request(state: SandboxState) -> str:
    token = request.headers.get("x-amz-access-token")
    denied = "Access to requested resource is denied."
    if not token:
        raise SpError(403, "Unauthorized", denied, "Access token is missing in the request header.")
    try:
        grant = state.credentials.check(token)
    except TokenError as error:
        raise SpError(403, "Unauthorized", denied, str(error)) from None
    if grant.platform != SP:
        raise SpError(403, "Unauthorized", denied, "The application has no role for this operation.")
    return grant.account_id
