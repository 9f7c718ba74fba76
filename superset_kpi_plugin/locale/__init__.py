"""Translations of what the backend itself shows: menu labels and API messages.

The React pages have their own catalogue (``translations/``). A sentence is its own key, as with gettext; a catalogue
is a plain dictionary, so nothing has to be compiled and every Superset version reads it alike.
"""

from __future__ import annotations

from typing import Any

from superset_kpi_plugin.locale.zh import MESSAGES as ZH

#: Slices add their own when Superset starts.
CATALOGUES: dict[str, dict[str, str]] = {"zh": dict(ZH)}


def current_locale() -> str:
    """`zh` where the user's Superset is Chinese, else `en`."""
    from flask import has_request_context
    from flask_babel import get_locale

    locale = get_locale() if has_request_context() else None
    return "zh" if locale is not None and str(locale).startswith("zh") else "en"


def translate(message: str, locale: str | None = None, **values: Any) -> str:
    """The message in the user's language, with its placeholders filled; in English where none is known."""
    text = CATALOGUES.get(locale or current_locale(), {}).get(message, message)
    return text.format(**values) if values else text


class Label:
    """A menu label that is translated each time it is shown (FAB calls ``str`` on labels)."""

    def __init__(self, message: str) -> None:
        self.message = message

    def __str__(self) -> str:
        return translate(self.message)

    def __repr__(self) -> str:
        return f"Label({self.message!r})"
