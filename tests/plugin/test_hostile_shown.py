"""Hostile texts as they leave the plugin: messages, reports and files show all of them as text, and as nothing else."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

from superset_kpi_plugin.alerts.channels import dialects
from superset_kpi_plugin.alerts.digest import render_several
from superset_kpi_plugin.alerts.message import Message, one_line, render
from superset_kpi_plugin.reports import page, pdf, workbook
from superset_kpi_plugin.targets import mentions, sheets
from tests.plugin.alerts.conftest import Mailbox, _serving
from tests.plugin.alerts.test_alert_message import FACTS
from tests.plugin.alerts.test_alert_wire import CALLS
from tests.plugin.hostile import READABLE
from tests.plugin.test_reports import business, made, plan  # noqa: F401 (a fixture)

SITE = "https://bi.example.com/"
#: What somebody typed, or what came from the warehouse, of an alert, a mention and a report.
NAMES = ("entity_name", "account_name", "kpi_name_en", "rule_name", "owner", "owner_name", "detail", "season_en")
MENTION = {**FACTS, "event": "mention", "author": "mei", "text": "plain"}
REPORTED = {"entity_name", "name_en", "name_zh", "owner", "owner_name", "rule", "rule_zh", "user", "comment"}


class Structure(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Any] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, attrs))
        self.text += "\n" if tag in ("br", "p") else ""

    def handle_endtag(self, tag: str) -> None:
        self.elements.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.elements.append(f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.elements.append(f"declaration {decl}")


def messages(text: str) -> Iterator[tuple[str, Message]]:
    """A message of each kind in which every name is the text."""
    names = dict.fromkeys(NAMES, text)
    alert = {**FACTS, **names, "playbook_en": text}
    alert["driver"] = {"kpi_id": "cpc", "name_en": text, "name_zh": text, "change": "0.25", "share": "0.8"}
    for locale in ("en", "zh"):
        yield "alert", render("kpi-1", alert, locale, SITE)
        yield "group", render_several("kpi-1", [alert, {**alert, "entity_id": "x"}], locale, SITE)
        yield "digest", render_several("kpi-1", [alert, {**alert, "event": "resolved"}], locale, SITE, is_digest=True)
        yield "mention", mentions.write("kpi-1", {**MENTION, **names, "text": text}, locale, SITE)


def test_messages_are_built_alike_whatever_names_hold() -> None:
    plain = [(kind, Structure(message.html).elements) for kind, message in messages("Plain")]
    lines = [message.text.count("\n") for _, message in messages("Plain")]
    for text in READABLE:
        shown = one_line(text)
        for (kind, elements), count, (_, message) in zip(plain, lines, messages(text), strict=True):
            found = Structure(message.html)
            assert found.elements == elements, (kind, text)
            assert shown in found.text
            assert shown in message.text
            assert message.text.count("\n") == count or kind == "mention"
            assert not re.search(r"[\x00-\x1f\x7f\u0085\u2028\u2029]", message.subject)
            assert len(message.text.partition("\n")[0].splitlines()) == 1


def test_no_service_is_given_a_call_or_markup() -> None:
    for text in READABLE:
        for _, message in messages(text):
            for told in (message.subject, message.text):
                assert not CALLS.search(dialects.as_plain(told))
                html = Structure(dialects.as_html(told))
                assert {str(one) for one in html.elements} <= {"('br', [])", "/br"}
                assert not re.search(r"[@＠]\w", html.text)
                for markdown in (dialects.as_escaped(told), dialects.as_markdown(told)):
                    apart = re.sub(r"https?://[^\s<>)\]]*", "", markdown)
                    assert not CALLS.search(apart)
                    assert not re.search(r"(?<!\\)(?:\\\\)*[*_`~|#]", apart), (text, apart)


def test_mails_show_text_in_both_parts_and_in_their_headers(tmp_path: Any, app_context: Any, app: Any) -> None:
    from superset_kpi_plugin.alerts import channels

    box = Mailbox(tmp_path / "mail")
    stop = _serving(box.sink)
    before = app.config["KPI_CHANNELS"]
    app.config["KPI_CHANNELS"] = {"mail": f"mailto://127.0.0.1:{box.port}/?from=kpi@example.com&to=ops@example.com"}
    try:
        sent = [message for text in READABLE[::25] for kind, message in messages(text) if kind == "alert"]
        for message in sent:
            assert channels.send("mail", "ops@example.com", message, "warning").is_sent
    finally:
        stop()
        app.config["KPI_CHANNELS"] = before
    received = {mail["X-KPI-Alert-Key"] + str(mail["Subject"]): mail for mail in box.messages()}
    assert len(box.messages()) == len(sent)
    for mail in box.messages():
        assert mail["To"].addresses[0].addr_spec == "ops@example.com"
        assert mail["Bcc"] is None
        assert mail["Cc"] is None
    for message in sent:
        mail = next(mail for key, mail in received.items() if _squeezed(key).endswith(_squeezed(message.subject)))
        html = mail.get_body(("html",)).get_content()
        assert _squeezed(message.subject) in _squeezed(Structure(html).text)
        allowed = {"html", "head", "body", "meta", "title", "p", "b", "br", "a", "div", "style"}
        assert {tag for tag, *_ in (one for one in Structure(html).elements if isinstance(one, tuple))} <= allowed
        assert _squeezed(message.subject) in _squeezed(mail.get_body(("plain",)).get_content())


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def named(content: Any, text: str) -> Any:
    """A report's content in which every name is the text."""
    if isinstance(content, dict):
        return {
            key: text if key in REPORTED and isinstance(value, str) else named(value, text)
            for key, value in content.items()
        }
    return [named(item, text) for item in content] if isinstance(content, list) else content


def test_reports_are_built_alike_whatever_names_hold(approver: Any, business: Any) -> None:  # noqa: F811
    content = made(approver, plan(approver)["id"])["content"]

    def shown(text: str, locale: str) -> Structure:
        return Structure(page.render(named(content, text), locale, "2026-11-09T00:00:00", commentary=text))

    elements = {locale: shown("Plain", locale).elements for locale in ("en", "zh")}
    for number, text in enumerate(READABLE):
        locale = ("en", "zh")[number % 2]
        found = shown(text, locale)
        assert found.elements == elements[locale], text
        assert text in found.text
        assert "<script" not in page.document("", text, locale).lower().replace("&lt;", "")
    for text in READABLE[::12]:
        assert not _formulas(workbook.make(named(content, text), "en", text))
    for text in READABLE[::50]:
        assert pdf.make(named(content, text), "en", "2026-11-09T00:00:00", text).startswith(b"%PDF")


def test_files_hold_no_formula_and_come_back_as_they_were() -> None:
    rows = [{"kpi_id": text, "owner": text, "reason": text} for text in READABLE]
    told = sheets.to_csv(rows, ("kpi_id", "owner", "reason")).decode("utf-8-sig")
    [_, *lines] = csv.reader(io.StringIO(told, newline=""))
    assert len(lines) == len(READABLE)
    for text, line in zip(READABLE, lines, strict=True):
        for cell in line:
            first = cell.lstrip(sheets.SKIPPED)[:1]
            assert not first or first not in sheets.FORMULA or re.fullmatch(r"[+-]\d+(\.\d+)?", cell), cell
            assert sheets.without_guard(cell) == text.replace("\uffff", "")
    book = sheets.to_xlsx(rows, ("kpi_id", "owner", "reason"))
    assert not _formulas(book)


def test_pages_and_files_neutralise_by_one_rule() -> None:
    """What the grid copies is guarded as what is exported: the same signs open a formula for both."""
    from pathlib import Path

    import superset_kpi_plugin

    source = Path(superset_kpi_plugin.__file__).parent / "ui/src/data/safeText.ts"
    if not source.exists():
        pytest.skip("an installed plugin has no sources of its pages")
    found = re.search(r'FORMULA = "(.+?)";', source.read_text(encoding="utf-8"))
    assert found
    assert found.group(1).replace("\\t", "\t").replace("\\r", "\r").replace("\\n", "\n") == sheets.FORMULA


def _formulas(content: bytes) -> list[Any]:
    from openpyxl import load_workbook

    cells = [cell for sheet in load_workbook(io.BytesIO(content)) for row in sheet.iter_rows() for cell in row]
    opened = [cell.value for cell in cells if cell.data_type == "f"]
    texts = [cell.value for cell in cells if cell.data_type == "s"]
    opens = tuple(sheets.FORMULA)
    return opened + [text for text in texts if text.lstrip(sheets.SKIPPED)[:1] in opens and not _is_number(text)]


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]\d+(\.\d+)?", text) is not None
