"""Make kpi.kpi_targets equal to the approved targets."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta, timezone
from typing import Any

from superset.extensions import db

from superset_kpi_plugin.errors import KpiError
from superset_kpi_plugin.locale import translate
from superset_kpi_plugin.targets import storage
from superset_kpi_plugin.targets.models import DONE, FAILED, RUNNING, Publication, utc_now
from superset_kpi_plugin.warehouse import Warehouse

logger = logging.getLogger(__name__)
#: A publication that still "runs" after this long was interrupted: no statement may take so long.
INTERRUPTED_AFTER = timedelta(minutes=10)
INTERRUPTED = "It was interrupted before it ended. Nothing was lost; publish again."


class PublishTargets:
    """Replace the published targets by the approved ones, in one transaction of the publisher.

    Publishers wait for each other in the warehouse, and each reads the approved state when it is its turn: whoever is
    last publishes the latest. Only what differs is written, unless ``is_whole``: that also mends rows that somebody
    changed in the warehouse by hand. A failure is written down and leaves the targets approved; publishing again
    mends it.
    """

    def __init__(self, actor: str, warehouse: Warehouse, is_whole: bool = False) -> None:
        self.actor = actor
        self.warehouse = warehouse
        self.is_whole = is_whole

    def run(self) -> Publication:
        """Publish; the returned publication is `done`, or `failed` with its reason."""
        close_interrupted()
        publication = Publication(requested_by=self.actor, state=RUNNING)
        db.session.add(publication)
        db.session.commit()
        publication_id = publication.id
        try:
            if self.is_whole:
                count = self.warehouse.replace_targets(self._approved)
            else:
                count = self.warehouse.update_targets(self._keys, self._rows)
        except Exception as error:
            db.session.rollback()
            known = isinstance(error, KpiError)
            if not known:
                logger.exception("Publishing the targets failed")
            self._close(publication_id, FAILED, error=_reason(error))
            if not known:
                raise
        else:
            self._close(publication_id, DONE, row_count=count)
        return db.session.get(Publication, publication_id)

    def _keys(self) -> set[tuple[Any, ...]]:
        db.session.rollback()
        return storage.approved_keys()

    @staticmethod
    def _rows(keys: set[tuple[Any, ...]]) -> list[dict[str, Any]]:
        return storage.approved_rows(datetime.now(timezone.utc), [int(key[0]) for key in keys]) if keys else []

    def _approved(self) -> list[dict[str, Any]]:
        db.session.rollback()  # begin a new snapshot: another publisher may have been waited for
        return storage.approved_rows(datetime.now(timezone.utc))

    @staticmethod
    def _close(publication_id: int, state: str, **columns: Any) -> None:
        publication = db.session.get(Publication, publication_id)
        publication.state, publication.finished_at = state, utc_now()
        for name, value in columns.items():
            setattr(publication, name, value)
        db.session.commit()


def close_interrupted() -> None:
    """Mark publications whose process died as failed."""
    oldest = utc_now() - INTERRUPTED_AFTER
    running = db.session.query(Publication).filter(Publication.state == RUNNING, Publication.started_at < oldest)
    for publication in running:
        publication.state, publication.finished_at, publication.error = FAILED, utc_now(), INTERRUPTED
    db.session.commit()


def last_publication() -> Publication | None:
    """The latest publication, whatever became of it."""
    return db.session.query(Publication).order_by(Publication.id.desc()).first()


def _reason(error: Exception) -> str:
    if isinstance(error, KpiError):
        return translate(error.template, **error.values)
    return translate("An unexpected error; the server's log has it. The targets stay approved.")
