"""Base of the plugin's REST APIs: routes with a permission each, one JSON shape for answers and errors.

A slice writes::

    class ThingsApi(KpiRestApi):
        resource_name = "kpi/things"
        class_permission_name = "KPI Things"

        @kpi_route("/", permission="read")
        def get_list(self) -> Response:
            '''The things.
            ---
            get:
              ...OpenAPI, the answers of 200 and its kin; the errors are added to each...
            '''
            return self.json_response({"result": [...]})

        @kpi_route("/<int:thing_id>", methods=("PUT",), permission="write")
        def change(self, thing_id: int) -> Response:
            body = self.json_body()      # numbers arrive as Decimal
            raise NotFound("There is no thing {id}.", id=thing_id)

Errors are raised, never returned: whatever leaves a route (or is refused before it) becomes
``{"error": {"code", "message", "details"}}``. Numbers leave as strings, so that no money passes through a float.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime, timezone
from decimal import Decimal
from functools import wraps
from hashlib import sha256
from typing import Any, TypeVar, cast
from uuid import UUID

from flask import Blueprint, Flask, Response, g, request
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from superset.views.base_api import BaseSupersetApi
from werkzeug.exceptions import HTTPException

from superset_kpi_plugin import errors
from superset_kpi_plugin.inbound import day_of, refuse_unreadable, refuse_unreadable_request
from superset_kpi_plugin.locale import translate

logger = logging.getLogger(__name__)
PREFIX = "/api/v1/kpi/"
Route = TypeVar("Route", bound=Callable[..., Any])

_BY_STATUS: dict[int, type[errors.KpiError]] = {
    400: errors.BadRequest,
    401: errors.Unauthorized,
    403: errors.Forbidden,
    404: errors.NotFound,
    409: errors.Conflict,
    412: errors.PreconditionFailed,
    422: errors.ValidationFailed,
}

_DOCUMENTED: dict[int, type[errors.KpiError]] = {
    **_BY_STATUS,
    500: errors.KpiError,
    503: errors.WarehouseUnavailable,
}


def kpi_route(url: str, *, permission: str, methods: Sequence[str] = ("GET",)) -> Callable[[Route], Route]:
    """Expose a method at ``url`` to those whose roles hold ``can_<permission>`` on the class's view menu.

    Session cookies and JWT are accepted; POST, PUT and DELETE need the CSRF token with either. What can't be text, and
    ids that no row can have, are refused before the method runs (see `inbound`).
    """

    def decorate(function: Route) -> Route:
        @wraps(function)
        def readable(*args: Any, **kwargs: Any) -> Any:
            refuse_unreadable_request()
            return function(*args, **kwargs)

        guarded = protect(allow_browser_login=True)(permission_name(permission)(readable))
        routed: Route = expose(url, methods=tuple(methods))(guarded)
        return routed

    return decorate


class KpiRestApi(BaseSupersetApi):
    """A Superset API with the plugin's error shape. Subclasses set ``resource_name`` and ``class_permission_name``."""

    version = "v1"
    csrf_exempt = False
    allow_browser_login = True
    openapi_spec_tag = "KPI"
    responses = {
        str(status): {
            "description": kind.default_message,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/KpiError"}}},
        }
        for status, kind in _DOCUMENTED.items()
    }
    apispec_parameter_schemas = {
        "KpiError": {
            "type": "object",
            "properties": {
                "error": {
                    "type": "object",
                    "required": ["code", "message", "details"],
                    "properties": {
                        "code": {"type": "string"},
                        "message": {"type": "string"},
                        "details": {"type": "object"},
                    },
                }
            },
        }
    }

    def create_blueprint(self, *args: Any, **kwargs: Any) -> Blueprint:
        """Give the blueprint the error shape before Superset's handlers see the error."""
        blueprint = super().create_blueprint(*args, **kwargs)
        for kind in (errors.KpiError, CSRFError, HTTPException, Exception):
            blueprint.register_error_handler(kind, to_error_response)
        return blueprint

    def operation_helper(
        self,
        path: str | None = None,
        operations: dict[str, Any] | None = None,
        methods: Sequence[str] = (),
        func: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Document the errors that every route of the kind may answer, so that no docstring repeats them."""
        operations = {} if operations is None else operations
        super().operation_helper(path=path, operations=operations, methods=methods, func=func, **kwargs)
        usual = [400, 401, 403, 500, 503, *([404] if "{" in (path or "") else [])]
        for method, operation in operations.items():
            for status in [*usual, *([] if method == "get" else [409, 412, 422])]:
                reference = {"$ref": f"#/components/responses/{status}"}
                operation.setdefault("responses", {}).setdefault(status, reference)

    # FAB answers refusals itself through these methods.
    def response_400(self, message: str | None = None) -> Response:
        return error_response(errors.BadRequest(_escaped(message)))

    def response_401(self) -> Response:
        return error_response(errors.Unauthorized())

    def response_403(self, message: str | None = None) -> Response:
        return error_response(errors.Forbidden() if current_person().is_authenticated else errors.Unauthorized())

    def response_404(self, message: str | None = None) -> Response:
        return error_response(errors.NotFound(_escaped(message)))

    def response_422(self, message: Any = None) -> Response:
        return error_response(errors.ValidationFailed(_escaped(message)))

    def response_500(self, message: str | None = None) -> Response:
        return error_response(errors.KpiError())

    @staticmethod
    def json_response(payload: Any, status: int = 200, with_etag: bool = False) -> Response:
        """The payload as JSON (see `jsonable`); ``with_etag`` answers 304 to a caller who has the same already."""
        body = json.dumps(jsonable(payload), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        response = Response(body, status=status, mimetype="application/json")
        if with_etag:
            response.set_etag(sha256(body.encode()).hexdigest()[:32])
            response.headers["Cache-Control"] = "private, no-cache"
            response.headers["Vary"] = "Cookie, Authorization"
            response.make_conditional(request)
        return response

    @staticmethod
    def json_body() -> dict[str, Any]:
        """The request's JSON object; numbers become Decimal, so that none passes through a float.

        :raises BadRequest: when the body is no JSON object, or holds NaN, Infinity or a text that can't be kept.
        """
        try:
            body = json.loads(
                request.get_data() or b"{}", parse_float=Decimal, parse_int=_safe_int, parse_constant=_refuse_constant
            )
        except (ValueError, RecursionError) as error:
            raise errors.BadRequest("The request could not be read: its body is not valid JSON.") from error
        if not isinstance(body, dict):
            raise errors.BadRequest("The request could not be read: its body must be a JSON object.")
        refuse_unreadable(body)
        return body

    @staticmethod
    def page() -> tuple[int, int]:
        """(page from 0, page_size) from the query string; sizes are limited to 10,000.

        :raises BadRequest: when one is no whole number in range.
        """
        return int_argument("page", 0, 0, 1_000_000), int_argument("page_size", 100, 1, 10_000)

    @staticmethod
    def username() -> str:
        """Who asks, by session or by JWT.

        :raises Unauthorized: nobody does (a site may make a view public; it can't make it write without a name).
        """
        name = getattr(current_person(), "username", "")
        if not name:
            raise errors.Unauthorized()
        return str(name)

    def has(self, permission: str, view_menu: str) -> bool:
        """Whether the user holds the permission (``can_write``) on the view menu."""
        return bool(self.appbuilder.sm.has_access(permission, view_menu))


def current_person() -> Any:
    """The user of the request; FAB keeps both sessions' and JWTs' in ``g``."""
    return getattr(g, "user", None) or current_user


def int_argument(name: str, default: int, low: int, high: int) -> int:
    """A whole number from the query string, within [low, high].

    :raises BadRequest: otherwise.
    """
    text = request.args.get(name)
    if text is None or text == "":
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high):
        raise errors.BadRequest(
            "The parameter {name} must be a whole number from {low} to {high}.", name=name, low=low, high=high
        )
    return int(text)


def date_argument(name: str) -> date | None:
    """A date (YYYY-MM-DD) from the query string, or None.

    :raises BadRequest: when it's no date.
    """
    return day_of(request.args, name) if request.args.get(name) else None


#: JSON's own types, which most values of an answer have: they aren't looked at again one by one.
_PLAIN = frozenset({type(None), str, bool, int})


def jsonable(value: Any) -> Any:  # noqa: PLR0911
    """The value in JSON's types: numbers with a point as strings, dates ISO, instants UTC, NaN and infinity as null."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, dict):
        return {str(key): item if type(item) in _PLAIN else jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [jsonable(item) for item in value]
    if isinstance(value, Decimal | float):
        return decimal_text(value)
    if isinstance(value, datetime):
        instant = value if value.tzinfo else value.replace(tzinfo=timezone.utc)
        return instant.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def decimal_text(value: Decimal | float) -> str | None:
    """A number as plain digits without superfluous zeros (``1200.50`` -> ``1200.5``); None for NaN and infinity."""
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not number.is_finite():
        return None
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def error_response(error: errors.KpiError) -> Response:
    """The error in the one shape, its message in the user's language."""
    message = translate(error.template, **error.values)
    body = {"error": {"code": error.code, "message": message, "details": error.details}}
    response = KpiRestApi.json_response(body, status=error.status)
    if error.is_transient:
        response.headers["Retry-After"] = "30"
    return response


def to_error_response(error: Exception) -> Response:
    """Any exception in the one shape; what is unexpected is logged and not told."""
    if isinstance(error, errors.KpiError):
        return error_response(error)
    if isinstance(error, CSRFError):
        return error_response(errors.CsrfRefused())
    if isinstance(error, HTTPException):
        if error.response is not None and error.code is None:
            return cast(Response, error.response)  # a redirect or a ready answer
        return error_response(_from_status(error.code or 500))
    if type(error).__module__.split(".")[0] in ("flask_jwt_extended", "jwt"):
        return error_response(errors.Unauthorized())
    logger.exception("Unexpected error in the KPI API")
    return error_response(errors.KpiError())


def install_error_shape(app: Flask) -> None:
    """Reshape what never reaches a blueprint's handler: unknown addresses, wrong methods, JWT errors."""

    @app.after_request
    def reshape(response: Response) -> Response:
        if response.status_code < 400 or not request.path.startswith(PREFIX):
            return response
        body = response.get_json(silent=True)
        if isinstance(body, dict) and isinstance(body.get("error"), dict) and "code" in body["error"]:
            return response
        shaped = error_response(_from_status(response.status_code))
        shaped.status_code = response.status_code
        return shaped


def _from_status(status: int) -> errors.KpiError:
    if status in _BY_STATUS:
        return _BY_STATUS[status]()
    if status == 405:
        error: errors.KpiError = errors.BadRequest("This address doesn't know that method.")
        error.code = "method_not_allowed"
    elif status == 429:
        error = errors.BadRequest("Too many requests; wait a little and try again.")
        error.code = "too_many_requests"
    else:
        error = errors.KpiError() if status >= 500 else errors.BadRequest()
    error.status = status
    return error


def _safe_int(text: str) -> int | Decimal:
    return int(text) if len(text) < 19 else Decimal(text)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _escaped(message: Any) -> str:
    return str(message).replace("{", "{{").replace("}", "}}") if message else ""
