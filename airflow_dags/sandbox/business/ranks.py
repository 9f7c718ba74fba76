"""Best-seller ranks of the simulated products: the lower, the better; they follow from a product's share of its
category and move a little every day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_dags.sandbox.business.catalogue import Sku, stable_number

if TYPE_CHECKING:
    from airflow_dags.sandbox.business.simulation import Business

UNRANKED_SHARE = 40  # one product in so many has no rank


@dataclass(frozen=True, slots=True)
class Ranks:
    """Of one product: in its browse node (classification) and in its store (display group)."""

    classification: int
    display_group: int


def ranks_of(business: Business, sku: Sku, revision: int) -> Ranks | None:
    """As of the end of the data; None for a product that has no rank."""
    if stable_number(business.seed, sku.asin, "unranked") % UNRANKED_SHARE == 0:
        return None
    moved = stable_number(business.seed, sku.asin, business.as_of, revision) % 50
    rank = round(20 / max(sku.share, 0.01)) + moved
    return Ranks(rank, rank * 37 + moved)
