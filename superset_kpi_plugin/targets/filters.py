"""The query string of GET targets/, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone

from superset_kpi_plugin.errors import BadRequest
from superset_kpi_plugin.inbound import day_of
from superset_kpi_plugin.targets.rules import GRAINS, first_day


@dataclass(frozen=True)
class TargetFilters:
    """Which targets are asked for. ``with_candidates`` adds entities of the kind that have no target."""

    grain: str
    period_start: date
    kpi_id: str | None = None
    entity_kind: str | None = None
    entity_id: str | None = None
    with_candidates: bool = False
    as_of: datetime | None = None

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, str]) -> TargetFilters:
        """From the query string.

        :raises BadRequest: grain or period is missing or wrong, or candidates are asked for without a kind.
        """
        grain = arguments.get("grain", "")
        if grain not in GRAINS:
            raise BadRequest("The parameter grain must be day, week, month, quarter or year.")
        period_start = day_of(arguments, "period_start")
        if first_day(grain, period_start) != period_start:
            raise BadRequest("The parameter period_start must be the first day of a period.")
        include = {item for item in arguments.get("include", "").split(",") if item}
        if include - {"candidates"}:
            raise BadRequest("The parameter include knows only candidates.")
        kind = arguments.get("entity_kind") or None
        if include and not kind:
            raise BadRequest("The parameter include=candidates needs entity_kind.")
        return cls(
            grain=grain,
            period_start=period_start,
            kpi_id=arguments.get("kpi_id") or None,
            entity_kind=kind,
            entity_id=arguments.get("entity_id") or None,
            with_candidates=bool(include),
            as_of=_instant(arguments.get("as_of")),
        )


def _instant(text: str | None) -> datetime | None:
    """The naive UTC instant that a text names (without an offset: UTC).

    :raises BadRequest: it names none.
    """
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text.replace(" ", "+").replace("Z", "+00:00"))
    except ValueError:
        raise BadRequest(
            "The parameter {name} must be an instant such as 2026-11-01T09:00:00Z.", name="as_of"
        ) from None
    return instant.astimezone(timezone.utc).replace(tzinfo=None) if instant.tzinfo else instant
