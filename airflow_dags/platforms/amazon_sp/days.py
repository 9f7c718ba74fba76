"""Days as Amazon's reports write them: 11/21/2023, 10/20/23 or 20/10/23, by the marketplace."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from airflow_dags.contracts import normalise
from airflow_dags.platforms.amazon_sp.reports import SpReportStream

if TYPE_CHECKING:
    import pyarrow as pa

    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Window

_NUMBERS = re.compile(r"^(\d{1,4})[/.](\d{1,2})[/.](\d{1,4})$")


class DayWindowStream(SpReportStream):
    """A report of whole days of the marketplace."""

    def bounds(self, account: Account, window: Window) -> tuple[str, str]:
        """From the first instant of the first day to the last second of the last, in UTC."""
        zone = ZoneInfo(self.time_zone(account))
        start = datetime.combine(window.start, time(), zone)
        end = datetime.combine(window.end + timedelta(days=1), time(), zone) - timedelta(seconds=1)
        start, end = (moment.astimezone(timezone.utc) for moment in (start, end))
        return f"{start:%Y-%m-%dT%H:%M:%SZ}", f"{end:%Y-%m-%dT%H:%M:%SZ}"

    def date_order(self, account: Account) -> str:
        """mdy, dmy or ymd: how the marketplace's flat files write a day with slashes."""
        marketplace = self._facts["marketplaces"].get(self.marketplace_id(account), {})
        return str(self._facts["date_order"].get(marketplace.get("country"), "dmy"))


def with_iso_days(table: pa.Table, names: tuple[str, ...], order: str) -> pa.Table:
    """The table with the days of those columns in ISO 8601; a cell that is no day stays as it is."""
    import pyarrow as pa

    wanted = {normalise(name) for name in names}
    for position, name in enumerate(table.column_names):
        if normalise(name) in wanted:
            cells = [iso_day(cell, order) for cell in table.column(position).to_pylist()]
            table = table.set_column(position, name, pa.array(cells, pa.string()))
    return table


def iso_day(cell: str | None, order: str) -> str | None:
    match = _NUMBERS.match((cell or "").strip())
    if match is None:
        return cell
    parts = match.groups()
    # A first number of four digits is the year, whatever the marketplace writes.
    order = "ymd" if len(parts[0]) == 4 else order
    year, month, day = (int(parts[order.index(part)]) for part in "ymd")
    try:
        return date(year + 2000 if year < 100 else year, month, day).isoformat()
    except ValueError:
        return cell
