"""The portable house style of the models, checked: what PostgreSQL, DuckDB and ClickHouse all read alike.

``python -m sql.tools.style [FILE ...]`` prints one line per finding and exits with 1 if there is one; default: all
models and tests. sqlfluff holds the layout; this holds what would silently differ between engines (sql/README.md,
"Style"). A line that ends with ``-- style: <rule>`` is let pass by that rule, with its reason beside it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
FOLDERS = ("models", "tests/reconciliation")


@dataclass(frozen=True)
class Rule:
    """``pattern`` must not occur in SQL that has lost its comments, texts and Jinja tags."""

    name: str
    pattern: re.Pattern[str]
    remedy: str


def _rule(name: str, pattern: str, remedy: str) -> Rule:
    return Rule(name, re.compile(pattern, re.IGNORECASE), remedy)


RULES = (
    _rule("double-colon", r"::", "write cast(x as type)"),
    _rule("lateral", r"\blateral\b", "join a grouped CTE"),
    _rule("within-group", r"\bwithin\s+group\b", "rank rows with row_number()"),
    _rule("distinct-on", r"\bdistinct\s+on\b", "rank rows with row_number()"),
    _rule("filter-clause", r"\bfilter\s*\(\s*where\b", "sum(case when ... then ... end)"),
    _rule("clock", r"\b(current_date|current_timestamp|now\s*\(|localtimestamp)", "use {{ build_instant() }}"),
    _rule("interval", r"\binterval\b", "use the macros of macros/calendar.sql"),
    _rule(
        "postgres-only",
        r"\b(to_char|to_date|to_timestamp|generate_series|array_agg|string_agg|unnest|jsonb?_\w+|jsonb|regexp_\w+|"
        r"similar\s+to|ilike|date_part|age|make_date|percentile_cont|percentile_disc|mode)\s*\(",
        "use dbt's cross-database macros",
    ),
    _rule("json-operator", r"->>?", "read JSON in staging, through a macro"),
    _rule("regex-operator", r"(?<![<>!=])!?~\*?\s", "use like"),
    _rule("group-by-number", r"\b(group|order)\s+by\s+\d", "name the columns"),
    _rule("using", r"\bjoin\s+\S+(\s+as\s+\w+)?\s+using\b", "join on the columns"),
    _rule("division", r"/(?!\s*(nullif\b|\(?\s*\d|\s*cast\(\s*nullif\b|\s*cast\(nullif\b))", "divide by nullif(x, 0)"),
)
_WINDOW = re.compile(r"\border\s+by\b(?P<keys>[^()]*(?:\([^()]*\)[^()]*)*)", re.IGNORECASE)
_ALLOWED = re.compile(r"--\s*style:\s*([\w-]+)")


def findings(text: str) -> Iterator[tuple[int, str, str]]:
    """(line, rule, what to do instead) for each place of a model's text that leaves the style."""
    bare = _bare(text)
    allowed = [_ALLOWED.search(line) for line in text.splitlines()]

    def at(position: int) -> int:
        return bare.count("\n", 0, position) + 1

    def is_allowed(line: int, rule: str) -> bool:
        mark = allowed[line - 1] if line <= len(allowed) else None
        return bool(mark) and mark is not None and mark.group(1) == rule

    found = [(at(match.start()), rule.name, rule.remedy) for rule in RULES for match in rule.pattern.finditer(bare)]
    found += [(line, "null-order", "state nulls first or nulls last") for line in _unordered_nulls(bare, at)]
    found += [(line, "alias", "give every column its name with `as`") for line in _unnamed_columns(bare)]
    yield from sorted(item for item in found if not is_allowed(item[0], item[1]))


def _bare(text: str) -> str:
    """The SQL without comments, texts and Jinja tags; lines stay where they are, an expression becomes one word."""

    def blank(match: re.Match[str]) -> str:
        return "\n" * match.group().count("\n")

    text = re.sub(r"\{#.*?#\}|\{%.*?%\}", blank, text, flags=re.DOTALL)
    text = re.sub(r"\{\{.*?\}\}", lambda match: "jinja" + blank(match), text, flags=re.DOTALL)
    text = re.sub(r"--[^\n]*", "", text)
    return re.sub(r"'(?:[^']|'')*'", lambda match: "''" + blank(match), text)


def _unordered_nulls(bare: str, at: object) -> Iterator[int]:
    for match in _WINDOW.finditer(bare):
        keys = _top_level(match.group("keys"))
        if any("nulls" not in key.lower() for key in keys if key.strip()):
            yield at(match.start())  # type: ignore[operator]


def _top_level(text: str) -> list[str]:
    parts, depth, begun = [], 0, 0
    for position, letter in enumerate(text):
        if letter == "(":
            depth += 1
        elif letter == ")":
            if depth == 0:
                return [*parts, text[begun:position]]
            depth -= 1
        elif letter == "," and depth == 0:
            parts.append(text[begun:position])
            begun = position + 1
    return [*parts, text[begun:]]


def _unnamed_columns(bare: str) -> Iterator[int]:
    """Items of a select that stands on lines of its own; subqueries of `in` and `exists` name nothing."""
    lines = bare.splitlines()
    for number, line in enumerate(lines):
        if line.strip() not in ("select", "select distinct"):
            continue
        before = next((text.strip() for text in reversed(lines[:number]) if text.strip()), "")
        if before.endswith(("in (", "exists (")):
            continue
        items, start = "", number + 1
        for following in lines[number + 1 :]:
            if following.strip().startswith(("from ", "from(")) and items.count("(") <= items.count(")"):
                break
            items += following + "\n"
        for item in _top_level(items):
            words = item.strip()
            if words and words != "jinja" and not re.search(r"(\bas\s+\w+|\.?\*)$", words):
                yield start + items[: items.find(item) + len(item) - len(item.lstrip())].count("\n") + 1


def main(arguments: list[str]) -> int:
    paths = [Path(name) for name in arguments] or [
        path for folder in FOLDERS for path in sorted((PROJECT / folder).rglob("*.sql"))
    ]
    count = 0
    for path in paths:
        for line, rule, remedy in findings(path.read_text(encoding="utf-8")):
            count += 1
            sys.stdout.write(f"{path}:{line}: {rule}: {remedy}\n")
    sys.stdout.write(f"{len(paths)} files, {count} departures from the portable style\n")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
