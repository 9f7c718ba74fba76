"""A report as sections of headings and rows: what PDF and Excel are both made of. Imports no framework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from superset_kpi_plugin.reports.words import Wording


@dataclass(frozen=True)
class Cell:
    """A figure: as people read it, and as the exact decimal behind it (None for no value)."""

    text: str
    number: str | None = None
    is_figure: bool = True


@dataclass(frozen=True)
class Section:
    """A table with its title; cells are texts or figures. ``lines`` are sentences in place of a table."""

    title: str
    columns: tuple[str, ...] = ()
    rows: list[tuple[str | Cell, ...]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def sections(content: Mapping[str, Any], w: Wording, commentary: str | None) -> list[Section]:
    """The report's sections in their order; empty ones are left out, except alerts, which say that there are none."""
    month = w.month(content["window"]["month"])
    made = [
        Section(w.word("commentary"), lines=(commentary or "").splitlines()),
        Section(w.word("failed"), lines=[w.failed(content)] if content.get("failed") else []),
        Section(w.word("summary"), lines=[w.summary(content)]),
        _headlines(content, w),
        Section(
            w.word("targets", month=month),
            _titles(w, "kpi", "entity", "value", "target", "attainment", "gap", "status", "owner"),
            [_target(row, w) for row in content["targets"]],
        ),
        Section(w.word("causes"), lines=[w.cause(row) for row in content["causes"]]),
        _parts(content, w),
        Section(
            w.word("margin"),
            _titles(w, "kpi", "value", "before", "change", "last_year", "change"),
            [_compared(row, w) for row in content["margin"]],
        ),
        Section(
            w.word("outlook", month=month),
            (*_titles(w, "kpi", "value", "target", "pace", "forecast"), "p20", "p80", w.word("chance")),
            [_outlook(row, w) for row in content["outlook"]],
        ),
        Section(
            w.word("alerts"),
            _titles(w, "when", "what", "entity", "kpi", "value", "limit"),
            [_alert(row, w) for row in content["alerts"]],
            [] if content["alerts"] else [w.word("none")],
        ),
        Section(
            w.word("actions"),
            _titles(w, "when", "who", "what", "entity", "kpi", "commentary"),
            [_action(row, w) for row in content["actions"]],
        ),
        Section(w.word("freshness"), lines=[w.data(content), w.word("provisional_note")]),
    ]
    return [section for section in made if section.rows or section.lines]


def _titles(w: Wording, *names: str) -> tuple[str, ...]:
    return tuple(w.word(name) for name in names)


def _figure(row: Mapping[str, Any], w: Wording, key: str = "value") -> Cell:
    return Cell(w.number(row, key), row.get(key))


def _share(text: str | None, w: Wording) -> Cell:
    return Cell(w.share(text), text)


def _change(row: Mapping[str, Any], w: Wording, key: str) -> Cell:
    return Cell(w.change(row, key), row[key])


def _headlines(content: Mapping[str, Any], w: Wording) -> Section:
    columns = _titles(w, "kpi", "value", "before", "change", "last_year", "change")
    return Section(w.word("headlines"), columns, [_compared(row, w) for row in content["headlines"]])


def _compared(row: Mapping[str, Any], w: Wording) -> tuple[str | Cell, ...]:
    return (
        w.name(row),
        _figure(row, w),
        _figure(row, w, "before"),
        _change(row, w, "change_before"),
        _figure(row, w, "last_year"),
        _change(row, w, "change_last_year"),
    )


def _target(row: Mapping[str, Any], w: Wording) -> tuple[str | Cell, ...]:
    figures = (_figure(row, w), _figure(row, w, "target_value"), _share(row["attainment"], w), _figure(row, w, "gap"))
    return (w.name(row), w.entity(row), *figures, w.word(row["status"]), row["owner"] or w.word("nothing"))


def _parts(content: Mapping[str, Any], w: Wording) -> Section:
    parts = content["parts"]
    if not parts:
        return Section(w.word("parts"))
    columns = [w.word("entity")]
    for kpi in parts["kpis"]:
        columns += [w.name(kpi), w.word("change")]
    rows = []
    for row in parts["rows"]:
        cells: list[str | Cell] = [w.entity(row)]
        for kpi in parts["kpis"]:
            value = row["values"][kpi["kpi_id"]]
            cells += [_figure(value, w), _change(value, w, "change_before")]
        rows.append(tuple(cells))
    return Section(w.word("parts"), tuple(columns), rows)


def _outlook(row: Mapping[str, Any], w: Wording) -> tuple[str | Cell, ...]:
    figures = (_figure(row, w), _figure(row, w, "target_value"), _share(row["pace_attainment"], w))
    quantiles = tuple(_figure(row, w, name) for name in ("p50", "p20", "p80"))
    return (w.name(row), *figures, *quantiles, _share(row["chance"], w))


def _alert(row: Mapping[str, Any], w: Wording) -> tuple[str | Cell, ...]:
    rule = row["rule_zh"] if w.language == "zh" and row["rule_zh"] else row["rule"]
    what = f"{w.word(row['event'])}{w.word('colon')}{rule} ({w.word(row['severity'])})"
    entity = row["entity_name"] or row["entity_id"]
    return (_minute(row), what, entity, w.name(row), _figure(row, w), _figure(row, w, "limit_value"))


def _action(row: Mapping[str, Any], w: Wording) -> tuple[str | Cell, ...]:
    entity = row["entity_name"] or row["entity_id"]
    return (_minute(row), row["user"], w.word(row["event"]), entity, w.name(row), row["comment"] or "")


def _minute(row: Mapping[str, Any]) -> str:
    return str(row["happened_at"])[:16].replace("T", " ")
