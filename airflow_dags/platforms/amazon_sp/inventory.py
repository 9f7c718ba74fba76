"""FBA stock and its age (GET_FBA_INVENTORY_PLANNING_DATA): one row a SKU and condition, as it stands today.

Amazon keeps no history of it: one snapshot a day is stored. The day of a downloaded file is its own `snapshot-date`;
what the API answers counts for the day on which it was asked, since it may be a day old; ``stated_date`` has its date.
Quantities are units; fees and prices are in the row's currency; `sell-through` is the units shipped in 90 days over the
average units in stock. The exact columns vary by marketplace and over time: those that are missing stay empty.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from airflow_dags.contracts import Column, Contract, Extract, Type, Window, normalise
from airflow_dags.errors import WrongDocument
from airflow_dags.platforms.amazon_sp.days import DayWindowStream, with_iso_days

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.documents import Document


def _column(name: str, kind: Type = "text", required: bool = False, nullable: bool = True) -> Column:
    return Column(name, kind, required, nullable, sources=(name.replace("_", "-"),))


def _units(*names: str) -> tuple[Column, ...]:
    return tuple(_column(name, "integer") for name in names)


def _numbers(*names: str) -> tuple[Column, ...]:
    return tuple(_column(name, "numeric") for name in names)


CONTRACT = Contract(
    platform="amazon_sp",
    stream="fba_stock_and_age",
    mode="snapshot",
    report_name="GET_FBA_INVENTORY_PLANNING_DATA",
    window_column="snapshot_date",
    unique=("snapshot_date", "sku", "fnsku", "condition"),
    seller_ids=("sku",),
    columns=(
        Column("snapshot_date", "date", nullable=False),
        Column("stated_date", "date"),
        _column("sku", required=True, nullable=False),
        _column("fnsku", required=True),
        _column("asin", required=True),
        _column("product_name"),
        _column("condition"),
        _column("available", "integer", required=True, nullable=False),
        *_units(
            "pending_removal_quantity",
            "inv_age_0_to_30_days",
            "inv_age_31_to_60_days",
            "inv_age_61_to_90_days",
            "inv_age_0_to_90_days",
            "inv_age_91_to_180_days",
            "inv_age_181_to_270_days",
            "inv_age_271_to_365_days",
            "inv_age_181_to_330_days",
            "inv_age_331_to_365_days",
        ),
        # Older reports say 365-plus, newer ones split it by 455 days.
        Column("inv_age_365_plus_days", "integer", sources=("inv-age-365-plus-days", "inv-age-366-plus-days")),
        *_units("inv_age_366_to_455_days", "inv_age_456_plus_days"),
        _column("currency"),
        *_units("units_shipped_t7", "units_shipped_t30", "units_shipped_t60", "units_shipped_t90"),
        _column("alert"),
        *_numbers("your_price", "sales_price", "sell_through", "item_volume"),
        _column("volume_unit_measurement"),
        _column("storage_type"),
        _column("storage_volume", "numeric"),
        _column("marketplace"),
        _column("product_group"),
        Column("best_seller_rank", "integer", sources=("sales-rank",)),
        *_numbers("days_of_supply", "weeks_of_cover_t30", "weeks_of_cover_t90"),
        _column("estimated_excess_quantity", "integer"),
        _column("recommended_action"),
        _column("recommended_removal_quantity", "integer"),
        *_numbers("featuredoffer_price", "healthy_inventory_level", "estimated_storage_cost_next_month"),
        *_units("inbound_quantity", "inbound_working", "inbound_shipped", "inbound_received"),
        *_units("reserved_quantity", "unfulfillable_quantity"),
        # The aged inventory surcharge, once called the long-term storage fee.
        *_numbers("projected_ltsf_11_mo", "estimated_ltsf_next_charge"),
        *_units("qty_to_be_charged_ltsf_11_mo", "qty_to_be_charged_ltsf_12_mo"),
        *(
            column
            for days in ("181_210", "211_240", "241_270", "271_300", "301_330", "331_365", "366_455", "456_plus")
            for column in (
                _column(f"quantity_to_be_charged_ais_{days}_days", "integer"),
                _column(f"estimated_ais_{days}_days", "numeric"),
            )
        ),
        *_numbers("historical_days_of_supply", "short_term_historical_days_of_supply"),
        _column("long_term_historical_days_of_supply", "numeric"),
        _column("fba_minimum_inventory_level", "integer"),
        _column("fba_inventory_level_health_status"),
        Column("low_inventory_level_fee_applied", sources=("Low-Inventory-Level fee applied in current week?",)),
        Column("low_inventory_level_fee_exempt", sources=("Exempted from Low-Inventory-Level fee?",)),
        *_numbers("sales_shipped_last_7_days", "sales_shipped_last_30_days"),
        *_numbers("sales_shipped_last_60_days", "sales_shipped_last_90_days"),
    ),
    # What others charge, and advice that derives from the figures above.
    ignored=frozenset(
        [
            "lowest-price-new-plus-shipping",
            "lowest-price-used",
            "recommended-sales-price",
            "recommended-sale-duration-days",
            "estimated-cost-savings-of-recommended-actions",
            "no-sale-last-6-months",
        ]
    ),
)


# By its name a document is known that the API answered with: its day is the loader's to know.
_ANSWER = "the API's fba_stock_and_age"


class StockAndAge(DayWindowStream):
    contract = CONTRACT

    def download(self, client: Any, document_id: str) -> Document:
        return client.download(document_id, _ANSWER)  # type: ignore[no-any-return]

    def read(self, document: Document, account: Account, day: date) -> Extract:
        from airflow_dags.documents import read_table

        table, broken = read_table(document)
        names = ["stated_date" if normalise(name) == "snapshot_date" else name for name in table.column_names]
        table = with_iso_days(table.rename_columns(names), ("stated_date",), self.date_order(account))
        self._refuse_others(table, account, document.name)
        is_answer = document.name.startswith(_ANSWER) or "stated_date" not in names
        return Extract(table, window=None if is_answer else _own_day(table, document.name), broken=broken)

    def _refuse_others(self, table: Any, account: Account, name: str) -> None:
        """The column `marketplace` holds an id or a country's code; only ids can be told apart."""
        if "marketplace" in table.column_names:
            found = {str(cell) for cell in table.column("marketplace").to_pylist() if cell}
            self.refuse_other_marketplace(
                account, name, {cell for cell in found if cell in self._facts["marketplaces"]}
            )


def _own_day(table: Any, name: str) -> Window | None:
    """The one day that a file states; None where it states none, or no day."""
    stated = {cell for cell in table.column("stated_date").to_pylist() if cell}
    if len(stated) > 1:
        raise WrongDocument(
            f"{name} holds {len(stated)} days (snapshot-date), a snapshot is of one; nothing was changed; load each "
            "day as a file of its own"
        )
    try:
        days = [date.fromisoformat(cell) for cell in stated]
    except ValueError:
        return None
    return Window(days[0], days[0]) if days else None
