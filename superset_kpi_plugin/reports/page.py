"""A report as HTML, by the built-in template or a company's own, in Jinja's sandbox.

A template sees the report's content and a few functions, no object of the application; what it prints is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from superset_kpi_plugin.errors import ValidationFailed
from superset_kpi_plugin.reports.words import Wording

BUILT_IN = Path(__file__).resolve().parents[1] / "templates" / "kpi" / "report.html.j2"
#: Told apart with red-green blindness too, and dark enough on white.
COLOURS = {"breach": "#b3261e", "warn": "#8a5a00", "ok": "#0b6b53"}
GREY = "#4a5462"
BAR_HEIGHT = 84
MOST_CHARACTERS = 2_000_000
LONGEST_TEMPLATE = 100_000


def render(
    content: Mapping[str, Any],
    locale: str,
    made_at: str,
    *,
    commentary: str | None = None,
    template: str | None = None,
    link: str | None = None,
) -> str:
    """The report's HTML, a ``div`` with inline styles only.

    :param template: a company's own template; None is the built-in one.
    :raises ValidationFailed: the template can't be read, or fails on this report; the message says where.
    """
    wording = Wording(locale)
    try:
        compiled = _environment().from_string(template) if template else _built_in()
        pieces, length = [], 0
        for piece in compiled.generate(
            report=content,
            commentary=commentary,
            w=wording,
            colour=lambda status: COLOURS.get(status, GREY),
            bars=lambda trend: bars(trend, content["window"]["cadence"], wording),
            link=link,
            glossary=f"{link.partition('/kpi/reports/')[0]}/kpi/glossary/" if link else None,
            made_at=made_at[:16].replace("T", " "),
        ):
            length += len(piece)
            if length > MOST_CHARACTERS:
                raise ValidationFailed("The template writes too much: more than two million characters.")
            pieces.append(piece)
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        where = f" (line {line})" if line else ""
        raise ValidationFailed("The template fails: {reason}", reason=f"{error.message or error!r}{where}") from error
    except (
        TypeError,
        ValueError,
        ArithmeticError,
        LookupError,
        AttributeError,
        RecursionError,
        OverflowError,
    ) as error:
        raise ValidationFailed("The template fails: {reason}", reason=f"{type(error).__name__}: {error}") from error
    return "".join(pieces)


def document(body: str, title: str, locale: str) -> str:
    """A whole page around a report's body."""
    from html import escape

    language = "zh-CN" if locale.startswith("zh") else "en"
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"/>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"/><title>{escape(title)}</title></head>'
        f'<body style="margin:16px;background:#ffffff">{body}</body></html>'
    )


def bars(trend: Mapping[str, Any], cadence: str, wording: Wording) -> list[dict[str, Any]]:
    """The trend's bars: height in pixels (0 where there is no value), label and figure."""
    points = trend["points"]
    highest = max((abs(Decimal(point["value"])) for point in points if point["value"] is not None), default=Decimal(0))
    return [
        {
            "label": wording.point(cadence, point["period_start"]),
            "text": wording.number({**trend["kpi"], **point}),
            "height": _height(point["value"], highest),
            "is_provisional": point["is_settled"] is False,
        }
        for point in points
    ]


def _height(value: str | None, highest: Decimal) -> int:
    if value is None or not highest:
        return 0
    return max(int(abs(Decimal(value)) / highest * BAR_HEIGHT), 1)


@lru_cache(maxsize=1)
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)


@lru_cache(maxsize=1)
def _built_in() -> Any:
    return _environment().from_string(BUILT_IN.read_text(encoding="utf-8"))
