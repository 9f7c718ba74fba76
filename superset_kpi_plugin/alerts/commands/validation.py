"""What is wrong with a rule's condition, its parameters, seasons and escalation by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from superset_kpi_plugin.alerts import channels
from superset_kpi_plugin.alerts.conditions import KINDS, WIDEST, Parameter
from superset_kpi_plugin.alerts.timing import Digest
from superset_kpi_plugin.api import decimal_text
from superset_kpi_plugin.locale import translate

LONGEST_MINUTES = 366 * 24 * 60
MOST_STEPS = 5
MOST_ALONE = 10_000
LONGEST_PLAYBOOK = 4000
ONE_SHARE = Decimal(1)


def problem(field: str, message: str, /, **values: Any) -> dict[str, str]:
    """A field that can't be accepted, and why, in the reader's language."""
    return {"field": field, "message": translate(message, **values)}


def check_condition(wanted: Mapping[str, Any]) -> list[dict[str, str]]:
    """The condition and all that belongs to it."""
    kind = KINDS.get(str(wanted["condition"]))
    if kind is None:
        return [problem("condition", "This must be one of: {allowed}.", allowed=", ".join(KINDS))]
    problems = []
    if "grain" in wanted and wanted["grain"] not in kind.grains:
        problems.append(problem("grain", "This must be one of: {allowed}.", allowed=", ".join(kind.grains)))
    if kind.entity_kinds and wanted.get("entity_kind") not in kind.entity_kinds:
        problems.append(problem("entity_kind", "This must be one of: {allowed}.", allowed=", ".join(kind.entity_kinds)))
    if kind.subject and wanted.get("kpi_id") != kind.subject.kpi_id:
        problems.append(problem("kpi_id", "This must be one of: {allowed}.", allowed=kind.subject.kpi_id))
    given = wanted["parameters"]
    if not isinstance(given, dict):
        return [*problems, problem("parameters", "This must be an object of parameters.")]
    problems += [
        problem(f"parameters.{name}", "The condition {condition} has no such parameter.", condition=kind.name)
        for name in given
        if name not in kind.parameters
    ]
    for name, parameter in kind.parameters.items():
        problems += _check_parameter(f"parameters.{name}", parameter, given.get(name))
    if kind.name == "forecast" and given.get("against") == "limit" and given.get("limit") is None:
        problems.append(problem("parameters.limit", "This is required."))
    return problems


def check_shape(wanted: Mapping[str, Any]) -> list[dict[str, str]]:
    """Margins, the minimum of cases, seasons, escalation and texts."""
    problems = []
    for name in ("tolerance", "hysteresis"):
        share = _number(wanted[name])
        if share is None or not 0 <= share <= ONE_SHARE:
            problems.append(problem(name, "This must be a share from 0 to 1."))
    if not isinstance(wanted["include_provisional"], bool):
        problems.append(problem("include_provisional", "This must be true or false."))
    within = wanted["within"]
    if within is not None and not (isinstance(within, str) and 0 < len(within) <= 300):
        problems.append(problem("within", "This must be a text."))
    for name, most in (
        ("name_zh", 200),
        ("source", 200),
        ("playbook_en", LONGEST_PLAYBOOK),
        ("playbook_zh", LONGEST_PLAYBOOK),
    ):
        text = wanted[name]
        if text is not None and not (isinstance(text, str) and len(text) <= most):
            problems.append(problem(name, "This must be a text of at most {most} characters.", most=most))
    problems += _check_volume(wanted) + _check_delivery(wanted)
    return problems + _check_seasons(wanted["seasons"]) + _check_escalation(wanted["escalation"])


def stored_parameters(given: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as they are kept: numbers as text, so that none passes through a float."""
    return {
        name: decimal_text(value) if isinstance(value, Decimal | float) else value
        for name, value in given.items()
        if value is not None
    }


def _check_parameter(field: str, parameter: Parameter, value: Any) -> list[dict[str, str]]:
    if value is None:
        return [problem(field, "This is required.")] if parameter.is_required else []
    if parameter.words:
        allowed = ", ".join(parameter.words)
        return [] if value in parameter.words else [problem(field, "This must be one of: {allowed}.", allowed=allowed)]
    if parameter.is_list:
        is_good = isinstance(value, list) and all(isinstance(one, str) and one for one in value)
        return [] if is_good else [problem(field, "This must be a list of texts.")]
    number, low, high = _number(value), parameter.low, parameter.high
    is_fit = number is not None and low is not None and high is not None and low <= number <= high
    if is_fit and not (parameter.is_whole and number != int(number or 0)):
        return []
    return [problem(field, "This must be a number from {low} to {high}.", low=low, high=high)]


def _check_volume(wanted: Mapping[str, Any]) -> list[dict[str, str]]:
    """How many cases a value must rest on, and the KPI that counts them."""
    least, counted_by = wanted["minimum_volume"], wanted["volume_kpi_id"]
    if counted_by is not None and not (isinstance(counted_by, str) and 0 < len(counted_by) <= 100):
        return [problem("volume_kpi_id", "This must be a text.")]
    if least is None:
        message = "This counts the cases of minimum_volume, which is not set."
        return [] if counted_by is None else [problem("volume_kpi_id", message)]
    number = _number(least)
    if number is None or not 0 < number <= Decimal(WIDEST):
        return [problem("minimum_volume", "This must be a number above 0.")]
    kind = KINDS.get(str(wanted["condition"]))
    if kind is not None and not kind.has_volume:
        return [problem("minimum_volume", "The condition {condition} judges no cases.", condition=kind.name)]
    return []


def _check_delivery(wanted: Mapping[str, Any]) -> list[dict[str, str]]:
    """From how many on messages are grouped, and the digest that they wait for."""
    problems = []
    above = wanted["group_above"]
    is_number = isinstance(above, int) and not isinstance(above, bool) and 0 < above <= MOST_ALONE
    if above is not None and not is_number:
        problems.append(problem("group_above", "This must be a number from {low} to {high}.", low=1, high=MOST_ALONE))
    if wanted["digest"] is not None:
        try:
            Digest.of(wanted["digest"])
        except ValueError:
            message = "This must be null, or at (08:00), and if wanted time_zone and days (mon to sun)."
            problems.append(problem("digest", message))
    return problems


def _check_seasons(seasons: Any) -> list[dict[str, str]]:
    if seasons is None:
        return []
    is_one = isinstance(seasons, dict) and len(seasons) == 1 and next(iter(seasons)) in ("only", "except")
    events = next(iter(seasons.values())) if is_one else None
    if isinstance(events, list) and events and all(isinstance(event, str) and event for event in events):
        return []
    return [problem("seasons", "This must be null, or only or except with a list of events of kpi_calendar.")]


def _check_escalation(entries: Any) -> list[dict[str, str]]:
    message = "This must be a list of at most {most} steps, each with after_minutes (rising) and channels."
    wrong = [problem("escalation", message, most=MOST_STEPS)]
    if not isinstance(entries, list) or len(entries) > MOST_STEPS:
        return wrong
    before = 0
    for entry in entries:
        if not isinstance(entry, dict) or set(entry) != {"after_minutes", "channels"}:
            return wrong
        minutes, listed = entry["after_minutes"], entry["channels"]
        if not isinstance(minutes, int) or isinstance(minutes, bool) or not before < minutes <= LONGEST_MINUTES:
            return wrong
        if not isinstance(listed, list) or not listed or not all(isinstance(name, str) for name in listed):
            return wrong
        before = minutes
    known = set(channels.names())
    unknown = sorted({name for entry in entries for name in entry["channels"]} - known)
    return [problem("escalation", "There is no channel {name} in KPI_CHANNELS.", name=name) for name in unknown]


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | float | str):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
