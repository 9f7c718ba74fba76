"""Hostile texts in every text that a route takes, as the API's own description names them.

The fields come from the OpenAPI document: a new one is met unasked, and a new route with a body fails here until it has
one to begin with. Each field meets one of the texts, in turn, and a third of them one that is too long.
KPI_HOSTILE_FULL=1 sends all to all, which takes hours; 2/20 is the second of twenty parts of that, each of which has
every field and every text in it. What was run is in tests/faults/README.md.
"""

from __future__ import annotations

import copy
import io
import itertools
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import pytest

from superset_kpi_plugin.access.table import ROUTES
from superset_kpi_plugin.alerts.rule_schema import RULE
from tests.plugin import test_access_matrix as matrix
from tests.plugin.conftest import emptying, run_sql
from tests.plugin.hostile import OVERLONG, READABLE, UNREADABLE
from tests.plugin.test_targets_api import GMV, save

#: "1", or "part/parts" from 1; nothing is the sample.
FULL = os.environ.get("KPI_HOSTILE_FULL")
IS_FULL = FULL is not None
PART, PARTS = (int(number) for number in (FULL if FULL and "/" in FULL else "1/1").split("/"))
PREFIX = "/api/v1/kpi/"
RULE_BODY = {"name": "Walked", "kpi_id": "gmv", "entity_kind": "account", "grain": "month"}
MANUAL = {"name_en": "Brand", "direction": "higher", "entity_kinds": ["account"]}
#: A body that works, of routes that the access matrix calls without one.
BODIES: dict[str, Any] = {
    "KpiScopesApi.add": {"subject_kind": "user", "subject": "viewer", "entity_id": matrix.ENTITY},
    "KpiChecksApi.waive": {"key": "no_owner|walked", "reason": "known", "ends_on": "2199-01-01"},
    "KpiManualApi.add_kpi": {**MANUAL, "kpi_id": "walked", "unit": "score"},
    "KpiManualApi.change_kpi": MANUAL,
    "KpiAlertRulesApi.post": RULE_BODY,
    "KpiAlertRulesApi.put": {},
    "KpiAlertRulesApi.backtest": {"rule": RULE_BODY, "from": "2026-10-01", "to": "2026-11-01"},
    "KpiAlertRulesApi.switch_on": {},
    "KpiReportTemplatesApi.preview": {"body": "<p>{{ title }}</p>"},
    "KpiReportTemplatesApi.add": {"name": "Walked", "body": "<p>{{ title }}</p>"},
    "KpiReportTemplatesApi.change": {"name": "Walked", "body": "<p>{{ title }}</p>"},
    "KpiScorecardsApi.close_period": {"grain": "month", "period_start": "2026-10-01"},
}
FORMS = {"KpiFilesApi.import_file", "KpiUploadsApi.preview", "KpiUploadsApi.submit"}
FILE = b"kpi_id,entity_id,grain,period_start,target_value\ngmv,account:aurora_us,month,2026-11-01,9\n"


@dataclass(frozen=True)
class Field:
    """A text that a route takes: in its ``body``, ``form``, ``query`` or ``path``."""

    endpoint: str
    method: str
    rule: str
    place: str
    name: str
    kind: str = "text"

    def __str__(self) -> str:
        return f"{self.endpoint} {self.place} {self.name}"


def texts_of(schema: dict[str, Any], document: dict[str, Any], at: str = "") -> Iterator[tuple[str, str]]:
    """(path, text or day) of every text that a schema leaves free; ``targets.0.owner`` is the owner in a list."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for part in schema.get("allOf", ()):
        yield from texts_of(part, document, at)
    kind = schema.get("type")
    if kind == "array":
        yield from texts_of(schema["items"], document, f"{at}.0")
    if schema.get("additionalProperties") is True or (kind == "object" and "properties" not in schema and at):
        yield f"{at}.walked".lstrip("."), "text"
    for name, inner in schema.get("properties", {}).items():
        yield from texts_of(inner, document, f"{at}.{name}".lstrip("."))
    if kind == "string" and "enum" not in schema and schema.get("format") != "binary":
        yield at, "day" if schema.get("format") in ("date", "date-time") else "text"


def fields_of(app: Any, document: dict[str, Any]) -> list[Field]:
    """Every text of every route of the API."""
    found = []
    for endpoint, method, rule in matrix.routes(app):
        address = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)
        operation = document["paths"][address][method.lower()]
        where = (endpoint, method, rule)
        for parameter in operation.get("parameters", ()):
            schema, place = parameter["schema"], parameter["in"]
            if schema["type"] == "string" and "enum" not in schema and place in ("path", "query"):
                found.append(Field(*where, place, parameter["name"], "day" if "format" in schema else "text"))
        content = operation.get("requestBody", {}).get("content", {})
        for mimetype, place in (("application/json", "body"), ("multipart/form-data", "form")):
            schema = content.get(mimetype, {}).get("schema", {})
            found += [Field(*where, place, *text) for text in texts_of(schema, document)]
    return found


def laid(body: Any, path: list[str], text: Any) -> Any:
    """The body with a text at a path; what is not there is made."""
    if not path:
        return text
    name, *rest = path
    if name == "0":
        inner = body[0] if isinstance(body, list) and body else None
        return [laid(inner, rest, text), *(body[1:] if isinstance(body, list) else [])]
    own = dict(body) if isinstance(body, dict) else {}
    own[name] = laid(own.get(name), rest, text)
    return own


def said(answer: Any, name: str) -> set[str]:
    """The texts that an answer holds under a name, anywhere."""
    found: set[str] = set()
    waiting = [answer]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            found |= {item[name]} if isinstance(item.get(name), str) else set()
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
    return found


class Walker:
    """Sends one text in one field, in a world where the rest of the request works."""

    def __init__(self, app: Any, client: Any, owner: Any, metadata_uri: str) -> None:
        self.client, self.owner, self.uri = client, owner, metadata_uri
        self.rules = {(endpoint, method): rule for endpoint, method, rule in matrix.routes(app)}
        self.target: dict[str, Any] = {}
        self.prepared = ""

    def send(self, field: Field, text: str) -> Any:
        """The answer; what a request did is undone before the next one."""
        self._prepare(field)
        answer = self._sent(field, text)
        if answer.status_code < 300 and field.method != "GET":
            self.prepared = ""
        return answer

    def _sent(self, field: Field, text: str) -> Any:
        address = re.sub(r"<int:[^>]+>", "1", field.rule)
        named = {"kpi_id": "brand", "name": "amazon"}
        for name in re.findall(r"<(?:string:)?(\w+)>", address):
            value = text if (field.place, field.name) == ("path", name) else named.get(name, "x")
            address = re.sub(rf"<(?:string:)?{name}>", _quoted(value).replace("\\", r"\\"), address)
        query: dict[str, str] = {}
        body: Any = copy.deepcopy(BODIES.get(field.endpoint))
        if field.endpoint in matrix.CALLS:
            called, known = matrix.CALLS[field.endpoint](self.target)
            query = dict(part.split("=", 1) for part in called.partition("?")[2].split("&") if part)
            body = body or copy.deepcopy(known)
        if field.place == "query":
            query[field.name] = text
        if field.endpoint in FORMS:
            form = {"file": (io.BytesIO(FILE), "targets.csv"), "account": "aurora_us", "apply": "true"}
            return self.client.request(field.method, address, data={**form, field.name: text}, query_string=query)
        if field.place == "body":
            body = laid(body, field.name.split("."), text)
        is_read = field.method == "GET"
        return self.client.request(field.method, address, None if is_read else body or {}, query_string=query)

    def _prepare(self, field: Field) -> None:
        """Everything that the route is about stands at its beginning."""
        if self.prepared == field.endpoint:
            return
        self.prepared = field.endpoint
        run_sql(
            self.uri,
            emptying("kpi_target", "kpi_idempotency", "kpi_waiver", "kpi_scope", "kpi_scorecard_part", restart=True)
            + matrix.OBJECTIVE_SQL
            + matrix.ALERT_SQL
            + matrix.REPORT_SQL
            + matrix.RECORD_SQL
            + "insert into kpi_report_template values (1, 'Plain', '<p></p>', 'admin', now());"
            + "select setval('kpi_alert_rule_id_seq', 2), setval('kpi_report_template_id_seq', 2)",
        )
        [self.target] = save(self.owner, {**GMV, "target_value": "7"})
        matrix.standing(self.uri, field.endpoint.rpartition(".")[2])


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text.encode("utf-8", "surrogatepass"), safe="")


@pytest.fixture
def document(superadmin: Any) -> dict[str, Any]:
    answer = superadmin.get("/api/v1/_openapi")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


@pytest.fixture
def walker(app: Any, admin: Any, owner: Any, differences: Any, metadata_uri: str) -> Iterator[Walker]:
    yield Walker(app, admin, owner, metadata_uri)
    run_sql(metadata_uri, "delete from kpi_scope")


def test_every_body_is_described_and_has_one_to_begin_with(app: Any, document: dict[str, Any]) -> None:
    """A route without a described body, or a walk without a body for it, would leave texts out."""
    from superset_kpi_plugin.alerts.commands.rules import FIELDS

    for endpoint, method, rule in matrix.routes(app):
        operation = document["paths"][re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)][method.lower()]
        for mimetype, content in operation.get("requestBody", {}).get("content", {}).items():
            schema = content["schema"]
            assert {"$ref", "allOf", "properties"} & set(schema), f"{endpoint} describes no field"
            known = FORMS if mimetype == "multipart/form-data" else {*BODIES, *matrix.CALLS}
            assert endpoint in known, f"{endpoint} has no body to begin with"
    assert set(RULE["properties"]) == set(FIELDS)
    assert {field.endpoint for field in fields_of(app, document)} <= set(ROUTES)


def _pairs(fields: list[Field]) -> Iterator[tuple[Field, str]]:
    if IS_FULL:
        for place, field in enumerate(fields):
            yield from ((field, text) for text in READABLE[(PART - 1 + place) % PARTS :: PARTS])
    else:  # a step that shares no factor with their number, so that each kind of text is met
        yield from ((field, READABLE[37 * number % len(READABLE)]) for number, field in enumerate(fields))


def test_every_text_is_kept_as_it_is_or_refused(app: Any, document: dict[str, Any], walker: Walker) -> None:
    fields = [field for field in fields_of(app, document) if field.kind == "text"]
    assert len(fields) > 100
    wrong, met, kept = [], set(), 0
    for field, text in _pairs(fields):
        met.add(text)
        answer = walker.send(field, text)
        problem = _problem(answer, field)
        if not problem and answer.status_code < 300 and answer.mimetype == "application/json" and field.place == "body":
            told = said(answer.get_json(), field.name.rpartition(".")[2])
            is_kept = bool({text, text.strip()} & told) or any(_is_same_number(text, one) for one in told)
            kept += is_kept
            if told and not is_kept:
                problem = f"became {sorted(told)[:3]}"
        if problem:
            wrong.append(f"{field} {text!r}: {problem}")
    assert len(met) == (len(READABLE) if IS_FULL else min(len(READABLE), len(fields)))
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:60])
    assert kept > 20


def _is_same_number(text: str, told: str) -> bool:
    """Whether a number was only written otherwise: 00 is told as 0."""
    try:
        return Decimal(text) == Decimal(told)
    except InvalidOperation:
        return False


def test_what_is_no_text_is_refused_by_the_fields_name(app: Any, document: dict[str, Any], walker: Walker) -> None:
    wrong, source = [], itertools.cycle(UNREADABLE)
    for field in fields_of(app, document):
        text = next(source)
        if field.place != "body":
            text = "a\x00b"  # half a character can't be in an address: its bytes are replaced there
        answer = walker.send(field, text)
        told = (answer.get_json(silent=True) or {}).get("error", {}).get("details", {}).get("field")
        if (answer.status_code, told) != (400, field.name):
            wrong.append(f"{field} {text!r}: {answer.status_code} {told}")
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:60])


def test_overlong_texts_are_refused_or_fit(app: Any, document: dict[str, Any], walker: Walker) -> None:
    wrong = []
    fields = [field for field in fields_of(app, document) if field.kind == "text"][:: 1 if IS_FULL else 3]
    for number, field in enumerate(fields):
        for text in OVERLONG[(PART - 1 + number) % PARTS :: PARTS] if IS_FULL else (OVERLONG[number % len(OVERLONG)],):
            problem = _problem(walker.send(field, text), field)
            if problem:
                wrong.append(f"{field} {len(text)} x {text[0]}: {problem}")
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:60])


def _problem(answer: Any, field: Field) -> str | None:
    """Why an answer is none that may be given to a strange text; None where it is."""
    if answer.status_code >= 500 and answer.status_code != 503:
        return f"{answer.status_code} {answer.get_data(as_text=True)[:160]}"
    if answer.status_code >= 400:
        body = answer.get_json(silent=True)
        if answer.mimetype != "application/json" or not isinstance(body, dict) or "error" not in body:
            return f"{answer.status_code} without the shape of an error: {answer.get_data(as_text=True)[:160]}"
        json.dumps(body)
    elif answer.mimetype == "text/html":
        return "is a page"
    return None
