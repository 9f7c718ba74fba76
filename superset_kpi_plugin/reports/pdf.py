"""A report as a PDF on A4, by ReportLab: no browser is needed where it is made.

Chinese is set in a font that PDF readers bring themselves (STSong-Light), so that none has to be shipped.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from decimal import Decimal
from html import escape
from typing import Any

from superset_kpi_plugin.reports.page import COLOURS
from superset_kpi_plugin.reports.tables import Cell, Section, sections
from superset_kpi_plugin.reports.words import Wording

CHINESE = "STSong-Light"
MARGIN = 36
WIDTH = 842 - 2 * MARGIN  # A4 lying, in points
CHART = (WIDTH, 150)


def make(content: Mapping[str, Any], locale: str, made_at: str, commentary: str | None = None) -> bytes:
    """The PDF's bytes."""
    from reportlab.lib.pagesizes import A4, landscape
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

    w = Wording(locale)
    styles = _styles()
    story: list[Any] = [
        Paragraph(escape(w.title(content)), styles["title"]),
        Paragraph(escape(w.span(content)), styles["small"]),
    ]
    for section in sections(content, w, commentary):
        story += [Spacer(1, 8), Paragraph(escape(section.title), styles["heading"])]
        story += [Paragraph(escape(line) or "&nbsp;", styles["text"]) for line in section.lines]
        if section.rows:
            story.append(_table(section, styles, w))
        if section.title == w.word("headlines") and content["trend"]:
            story += [Spacer(1, 8), *_trend(content, w, styles)]
    story.append(Paragraph(escape(w.word("made", instant=made_at[:16].replace("T", " "))), styles["small"]))
    buffer = io.BytesIO()
    # Without the moment of writing in it, the same report is the same file.
    page = SimpleDocTemplate(
        buffer,
        pagesize=landscape(A4),
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=f"{w.title(content)} {w.span(content)}",
        invariant=1,
    )
    page.build(story, onFirstPage=_numbered, onLaterPages=_numbered)
    return buffer.getvalue()


def _font() -> str:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont

    if CHINESE not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))
    return CHINESE


def _styles() -> dict[str, Any]:
    """One font for both languages: names of people, shops and SKUs may be Chinese in an English report too."""
    from reportlab.lib.styles import ParagraphStyle

    font = _font()

    def style(name: str, size: int, **more: Any) -> Any:
        return ParagraphStyle(name, fontName=font, fontSize=size, leading=size * 1.35, wordWrap="CJK", **more)

    return {
        "title": style("title", 18, spaceAfter=2),
        "heading": style("heading", 13, spaceAfter=4),
        "text": style("text", 10),
        "cell": style("cell", 8),
        "figure": style("figure", 8, alignment=2),
        "small": style("small", 8, textColor="#4a5462"),
    }


def _table(section: Section, styles: Mapping[str, Any], w: Wording) -> Any:
    from reportlab.lib import colors
    from reportlab.platypus import Paragraph, Table

    marks = {w.word(status): colour for status, colour in COLOURS.items()}

    def cell(value: str | Cell) -> Any:
        if isinstance(value, Cell):
            return Paragraph(escape(value.text), styles["figure"])
        shown = escape(value)
        if value in marks:
            shown = f'<font color="{marks[value]}"><b>{shown}</b></font>'
        return Paragraph(shown, styles["cell"])

    figures = [any(isinstance(row[place], Cell) for row in section.rows) for place in range(len(section.columns))]
    heads = [
        Paragraph(f"<b>{escape(title)}</b>", styles["figure" if is_figure else "cell"])
        for title, is_figure in zip(section.columns, figures, strict=True)
    ]
    share = [1.0 if is_figure else 1.9 for is_figure in figures]
    table = Table(
        [heads, *([cell(value) for value in row] for row in section.rows)],
        colWidths=[WIDTH * part / sum(share) for part in share],
        repeatRows=1,
    )
    grey = colors.HexColor("#c5cbd3")
    lines = [("LINEBELOW", (0, 0), (-1, 0), 1, grey), ("LINEBELOW", (0, 1), (-1, -1), 0.3, grey)]
    table.setStyle([*lines, ("VALIGN", (0, 0), (-1, -1), "TOP"), ("TOPPADDING", (0, 0), (-1, -1), 2)])
    return table


def _trend(content: Mapping[str, Any], w: Wording, styles: Mapping[str, Any]) -> list[Any]:
    from reportlab.graphics.charts.barcharts import VerticalBarChart
    from reportlab.graphics.shapes import Drawing
    from reportlab.lib import colors
    from reportlab.platypus import Paragraph

    trend, cadence = content["trend"], content["window"]["cadence"]
    points = trend["points"]
    drawing = Drawing(*CHART)
    chart = VerticalBarChart()
    chart.x, chart.y, chart.width, chart.height = 60, 26, CHART[0] - 70, CHART[1] - 36
    chart.data = [[None if point["value"] is None else float(Decimal(point["value"])) for point in points]]
    chart.valueAxis.valueMin = min(0, *(value for value in chart.data[0] if value is not None), 0)
    chart.categoryAxis.categoryNames = [w.point(cadence, point["period_start"]) for point in points]
    for label in (chart.categoryAxis.labels, chart.valueAxis.labels):
        label.fontName, label.fontSize = _font(), 6
    chart.valueAxis.labelTextFormat = lambda value: w.number({**trend["kpi"], "value": str(Decimal(repr(value)))})
    for place, point in enumerate(points):
        settled = point["is_settled"] is not False
        chart.bars[(0, place)].fillColor = colors.HexColor("#2f6db5" if settled else "#9db8d6")
    chart.bars.strokeColor = None
    drawing.add(chart)
    return [Paragraph(escape(w.word("trend", kpi=w.name(trend["kpi"]))), styles["heading"]), drawing]


def _numbered(canvas: Any, document: Any) -> None:
    canvas.setFont(_font(), 8)
    canvas.drawRightString(842 - MARGIN, MARGIN / 2, str(document.page))
