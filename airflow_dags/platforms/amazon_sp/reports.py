"""What all streams of the Reports API share: request, states, download, and whose marketplace a document is of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from airflow_dags.errors import WrongAccount
from airflow_dags.streams import ReportStatus, ReportStream, Stream, StreamSettings

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Window
    from airflow_dags.documents import Document

STATES = {"DONE": "done", "CANCELLED": "empty", "FATAL": "failed"}


class SpStream(Stream):
    """A stream of the Selling Partner API: its settings, and whose marketplace an account is of."""

    def __init__(self, settings: StreamSettings, facts: Mapping[str, Any]) -> None:
        self.settings = settings
        self._facts = facts
        self._options = dict(settings.options or {})

    def marketplace_id(self, account: Account) -> str:
        return str(account.get("marketplace_id", self._facts["default_marketplace"]))

    def time_zone(self, account: Account) -> str:
        """The zone that makes the marketplace's day."""
        marketplace = self._facts["marketplaces"].get(self.marketplace_id(account), {})
        return str(account.get("time_zone") or marketplace.get("time_zone") or "UTC")


class SpReportStream(SpStream, ReportStream):
    """A stream of the Reports API 2021-06-30."""

    @property
    def report_type(self) -> str:
        return str(self._options["report_type"])

    @property
    def report_options(self) -> dict[str, str]:
        return {name: str(value) for name, value in self._options.items() if name != "report_type"}

    @property
    def fingerprint(self) -> str:
        return " ".join([self.report_type, *(f"{k}={v}" for k, v in sorted(self.report_options.items()))])

    def bounds(self, account: Account, window: Window) -> tuple[str, str]:
        """dataStartTime and dataEndTime of a request."""
        raise NotImplementedError

    def request(self, client: Any, account: Account, window: Window) -> str:
        start, end = self.bounds(account, window)
        return str(
            client.create_report(self.report_type, self.marketplace_id(account), start, end, self.report_options)
        )

    def check(self, client: Any, report_id: str) -> ReportStatus:
        report = client.get_report(report_id)
        state = STATES.get(report["processingStatus"], "requested")
        reason = f"Amazon ended report {report_id} with FATAL" if state == "failed" else None
        return ReportStatus(state, report.get("reportDocumentId"), reason)  # type: ignore[arg-type]

    def download(self, client: Any, document_id: str) -> Document:
        return client.download(document_id, self.name)  # type: ignore[no-any-return]

    def refuse_other_marketplace(self, account: Account, name: str, found: Iterable[str]) -> None:
        """Raise if a document states marketplaces and the account's is not among them."""
        stated, own = set(found), account.get("marketplace_id")
        if own and stated and own not in stated:
            raise WrongAccount(
                f"{name} is of marketplace {', '.join(sorted(stated))}, account {account.account_id} sells in {own}; "
                "nothing was changed; load it with --account of the account that it was downloaded for"
            )
