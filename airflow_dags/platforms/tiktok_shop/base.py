"""What TikTok Shop's streams share: the shop's days as epoch seconds, and rows of cells from nested answers.

A cell is named by its way through the answer (``order.create_time``, ``payment.sub_total``), so that a field which is
new at TikTok arrives under a name that says where it came from and is kept in _extra.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from airflow_dags.contracts import Column, Contract, Extract, Window, normalise
from airflow_dags.errors import WrongDocument
from airflow_dags.streams import PullStream, StreamSettings

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.documents import Document

Row = dict[str, Any]
Broken = tuple[int, str, str]
TIME_ZONE = "America/Los_Angeles"
CURRENCY = "USD"


def column(name: str, *sources: str, kind: str = "text", required: bool = False, nullable: bool = True) -> Column:
    """A column with the names that it has in the API and in exports; its own name always holds."""
    return Column(name, kind, required, nullable, sources=(*sources, name))  # type: ignore[arg-type]


def fields(prefix: str, names: str) -> list[str]:
    """The cells' names of some fields of one object."""
    return [f"{prefix}.{name}" for name in names.split()]


def zone_of(account: Account) -> ZoneInfo:
    return ZoneInfo(str(account.get("time_zone", TIME_ZONE)))


def bounds(account: Account, window: Window) -> tuple[int, int]:
    """The shop's days as epoch seconds: from the first midnight to before the last."""
    zone = zone_of(account)
    start = datetime.combine(window.start, time(), zone)
    end = datetime.combine(window.end + timedelta(days=1), time(), zone)
    return int(start.timestamp()), int(end.timestamp())


def instant(value: Any) -> Any:
    """Epoch seconds as an instant in UTC; 0 is TikTok's way of leaving it empty. Anything else stays as it is."""
    text = str(value if value is not None else "").strip()
    if not text.isascii() or not text.isdigit() or len(text) > 11:
        return text or None
    return datetime.fromtimestamp(int(text), timezone.utc).isoformat() if int(text) else None


def local_day(value: Any, zone: ZoneInfo) -> Any:
    """The shop's day of epoch seconds."""
    text = str(value if value is not None else "").strip()
    if not text.isascii() or not text.isdigit() or len(text) > 11:
        return text or None
    return datetime.fromtimestamp(int(text), zone).date().isoformat() if int(text) else None


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def cells(prefix: str, value: Any, contract: Contract) -> dict[str, Any]:
    """The fields of one object as cells; instants where the contract has them."""
    found = {}
    for name, cell in mapping(value).items():
        full = f"{prefix}.{name}"
        known = contract.by_source.get(normalise(full))
        if normalise(full) in contract.ignored_names:
            continue
        found[full] = instant(cell) if known is not None and known.type == "timestamp" else cell
    return found


def table_of(rows: list[dict[str, Any]], contract: Contract, what: str) -> Any:
    """An Arrow table of text; an answer without rows has the columns that the contract requires."""
    import pyarrow as pa

    from airflow_dags.documents import table_of_objects

    if rows:
        return table_of_objects(rows, what)
    return pa.table({column.names[0]: pa.array([], pa.string()) for column in contract.columns if column.required})


def wrong_id(row: Mapping[str, Any], contract: Contract) -> str | None:
    """What is wrong with the row's ids, which are whole numbers at TikTok; None: nothing."""
    for column in contract.columns:
        if column.name.endswith("_id"):
            for name in column.names:
                value = row.get(name)
                if value not in (None, "") and not re.fullmatch(r"\d+", str(value), re.ASCII):
                    return f"{name}: {str(value)[:40]!r} is not an id of TikTok"
    return None


def without_wrong(rows: list[Row], reasons: list[str | None], contract: Contract) -> tuple[list[Row], list[Broken]]:
    """Rows apart from those to set aside. In a feed of changes a key is replaced as a whole, so one wrong row sets
    aside all rows of its key."""
    keys = [_key_of(row, number, contract) for number, row in enumerate(rows)]
    wrong = {keys[number]: reason for number, reason in enumerate(reasons) if reason}
    good = [row for number, row in enumerate(rows) if keys[number] not in wrong]
    broken = [
        (number + 1, reasons[number] or f"another row of the same {contract.key[0]}: {wrong[key]}", str(rows[number]))
        for number, key in enumerate(keys)
        if key in wrong
    ]
    return good, broken


def _key_of(row: Row, number: int, contract: Contract) -> Any:
    if contract.mode != "changes":
        return number
    names = contract.by_name[contract.key[0]].names
    return next((str(row[name]) for name in names if row.get(name) not in (None, "")), number)


class TikTokStream(PullStream):
    """A stream whose rows come from the objects of a list (``LIST`` names it in the API's answer)."""

    contract: Contract
    LIST = ""
    # What tells an object of the list, and Seller Center's export, from those of other streams.
    OBJECT: tuple[str, ...] = ()
    EXPORT: tuple[str, ...] = ()
    EXPORT_WITHOUT = ""

    def __init__(self, settings: StreamSettings) -> None:
        self.settings = settings
        self._options = dict(settings.options or {})

    @property
    def page_size(self) -> int:
        return int(self._options.get("page_size", 100))

    def rows(self, value: Any, account: Account) -> Iterable[dict[str, Any]]:
        """The rows of one object of the list."""
        raise NotImplementedError

    def extract(self, values: Iterable[Any], account: Account) -> Extract:
        return self.judged([row for value in values for row in self.rows(value, account)])

    def judged(self, rows: list[Row]) -> Extract:
        """The rows of the API's answers, without those that can't be right."""
        good, broken = without_wrong(rows, [wrong_id(row, self.contract) for row in rows], self.contract)
        return Extract(table_of(good, self.contract, self.contract.report_name), broken=broken)

    def read(self, document: Document, account: Account, day: date) -> Extract:
        """A file: Seller Center's export, the API's own answer, or a table under the contract's names."""
        from airflow_dags.documents import read_json, read_table

        if document.plain().lstrip()[:1] not in (b"{", b"["):
            table, broken = read_table(document)
            if self.contract.missing_in(table.column_names):
                return self.read_export(document, account)
            return Extract(table, broken=broken)
        content = read_json(document)
        if isinstance(content, Mapping):
            data = mapping(content.get("data", content))
            if isinstance(self.listed(data), list):
                return self.extract_answer(data, account)
        if not isinstance(content, list):
            raise WrongDocument(
                f"{document.name} is not {self.contract.report_name} (a JSON list of {self.LIST}); nothing was "
                f"changed; check --stream"
            )
        if content and not self._is_nested(content[0]):
            return Extract(table_of(content, self.contract, document.name))
        return self.extract(content, account)

    def extract_answer(self, data: Mapping[str, Any], account: Account) -> Extract:
        """One whole answer of the API."""
        return self.extract(items(self.listed(data)), account)

    def listed(self, data: Mapping[str, Any]) -> Any:
        """The list within an answer's data; None where there is none."""
        return data.get(self.LIST)

    def read_export(self, document: Document, account: Account) -> Extract:
        """Seller Center's export; most streams have none that a person could download."""
        raise WrongDocument(
            f"{document.name} lacks columns of {self.contract.report_name}; nothing was changed; check that it is this "
            f"report and complete"
        )

    def recognises(self, names: Collection[str]) -> float:
        """The API's own answer is told by its list or by what its objects are made of, an export by its header."""
        present = {normalise(name) for name in names}
        if self.EXPORT_WITHOUT and normalise(self.EXPORT_WITHOUT) in present:
            return 0.0
        if any(_all_in(telling, present) for telling in ((self.LIST, "next_page_token"), self.OBJECT, self.EXPORT)):
            return 1.0
        return super().recognises(names)

    def _is_nested(self, value: Any) -> bool:
        """An object of the API's list, not a flat row under the contract's names."""
        return not isinstance(value, Mapping) or bool(self.contract.missing_in(value))


def _all_in(telling: tuple[str, ...], present: set[str]) -> bool:
    return bool(telling) and {normalise(name) for name in telling} <= present
