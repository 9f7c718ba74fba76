"""The ERP's contracts.

Master data are one snapshot a day, so that history keeps what was known on which day; bookings (sales, fees, exchange
rates) are windows of days; purchase orders change, and one comes whole; so does a score.
"""

from __future__ import annotations

from airflow_dags.contracts import Column, Contract, Type

SNAPSHOT_DATE = Column("snapshot_date", "date")


def _needed(name: str, kind: Type = "text") -> Column:
    return Column(name, kind, required=True, nullable=False)


def _snapshot(stream: str, report_name: str, unique: tuple[str, ...], *columns: Column) -> Contract:
    return Contract(
        platform="erp",
        stream=stream,
        mode="snapshot",
        report_name=report_name,
        window_column="snapshot_date",
        unique=("snapshot_date", *unique),
        columns=(SNAPSHOT_DATE, *columns),
    )


def _by_day(stream: str, report_name: str, unique: tuple[str, ...], *columns: Column) -> Contract:
    return Contract(
        platform="erp",
        stream=stream,
        mode="window",
        report_name=report_name,
        window_column="date",
        unique=("date", *unique),
        columns=(_needed("date", "date"), *columns),
    )


PRODUCTS = _snapshot(
    "products",
    "the ERP's products",
    ("sku", "account_id"),
    _needed("sku"),
    # The selling account that lists it; empty where all do.
    Column("account_id"),
    Column("asin"),
    Column("product_name", required=True),
    Column("category", required=True),
    Column("brand"),
    Column("owner_id", required=True),
    Column("team_id"),
)

UNIT_COSTS = _snapshot(
    "unit_costs",
    "the ERP's unit costs",
    ("sku", "valid_from", "currency"),
    _needed("sku"),
    _needed("valid_from", "date"),
    # The first day on which the cost no longer holds; empty while it does.
    Column("valid_to", "date"),
    _needed("unit_cost", "numeric"),
    _needed("currency"),
)

STAFF = _snapshot(
    "staff",
    "the ERP's staff",
    ("employee_id",),
    _needed("employee_id"),
    Column("employee_name", required=True),
    Column("team_id", required=True),
    Column("team_name"),
    Column("role"),
    Column("email"),
)

TEAMS = _snapshot(
    "teams",
    "the ERP's teams",
    ("team_id",),
    _needed("team_id"),
    Column("team_name", required=True),
    # The team that it is part of; empty at the top.
    Column("parent_team_id"),
    Column("leader_id"),
)

LANDED_COSTS = _snapshot(
    "landed_costs",
    "the ERP's landed freight and tariff",
    ("sku", "valid_from", "currency"),
    _needed("sku"),
    _needed("valid_from", "date"),
    # The first day on which they no longer hold; empty while they do.
    Column("valid_to", "date"),
    # Of one unit, from the supplier's door to the marketplace's warehouse.
    Column("freight_per_unit", "numeric", required=True),
    Column("tariff_per_unit", "numeric", required=True),
    _needed("currency"),
)

WAREHOUSE_STOCK = _snapshot(
    "warehouse_stock",
    "the stock in the ERP's own warehouses",
    ("warehouse_id", "sku"),
    _needed("warehouse_id"),
    Column("warehouse_name"),
    _needed("sku"),
    Column("on_hand", "bigint", required=True, nullable=False),
    Column("reserved", "bigint"),
    # Units on their way to this warehouse.
    Column("in_transit", "bigint"),
)

PURCHASE_ORDERS = Contract(
    platform="erp",
    stream="purchase_orders",
    mode="changes",
    report_name="the ERP's purchase orders",
    key=("purchase_order_id",),
    unique=("purchase_order_id", "line_number"),
    columns=(
        _needed("purchase_order_id"),
        Column("line_number", "integer", required=True, nullable=False),
        Column("supplier_id"),
        _needed("sku"),
        Column("status"),
        Column("ordered_on", "date", required=True),
        Column("expected_on", "date"),
        Column("received_on", "date"),
        _needed("quantity_ordered", "bigint"),
        Column("quantity_received", "bigint"),
        Column("unit_cost", "numeric", required=True),
        Column("currency", required=True),
        Column("warehouse_id"),
    ),
)

SALES = _by_day(
    "sales",
    "sales and refunds as the ERP booked them",
    ("account_id", "order_id", "kind", "line_number"),
    _needed("account_id"),
    _needed("order_id"),
    # sale or refund; a refund's amounts are positive.
    _needed("kind"),
    # Counts the order's rows of this kind and day.
    Column("line_number", "integer", required=True, nullable=False),
    Column("sku", required=True),
    Column("quantity", "bigint", required=True),
    # Of the whole line, before discounts and without tax.
    _needed("amount", "numeric"),
    Column("discount", "numeric"),
    _needed("currency"),
)

FEES = _by_day(
    "fees",
    "platform fees as the ERP booked them",
    ("account_id", "fee_type", "reference"),
    _needed("account_id"),
    # The ERP's own name of the kind of fee, as commission or fulfilment.
    _needed("fee_type"),
    # What tells two bookings of a day apart: an order, a settlement; empty for a day's sum.
    Column("reference"),
    # Positive: paid to the platform.
    _needed("amount", "numeric"),
    _needed("currency"),
)

FX_RATES = _by_day(
    "fx_rates",
    "exchange rates",
    ("from_currency", "to_currency"),
    _needed("from_currency"),
    _needed("to_currency"),
    # One unit of from_currency is worth this much of to_currency.
    _needed("rate", "numeric"),
)

BUDGETS = _snapshot(
    "budgets",
    "budgets",
    ("budget_type", "entity_kind", "entity_id", "period_start", "period_end"),
    # As ads, purchasing, staff.
    _needed("budget_type"),
    # company, account, category, team or person, as in the KPI layer.
    _needed("entity_kind"),
    _needed("entity_id"),
    _needed("period_start", "date"),
    # The last day of the period.
    _needed("period_end", "date"),
    _needed("amount", "numeric"),
    _needed("currency"),
)

HEADCOUNT = _snapshot(
    "headcount",
    "planned and actual headcount",
    ("team_id", "month"),
    _needed("team_id"),
    # The first day of the month.
    _needed("month", "date"),
    Column("planned", "numeric", required=True),
    # In full-time equivalents; empty while the month lies ahead.
    Column("actual", "numeric"),
)

PROMOTIONS = _snapshot(
    "promotions",
    "promotions and seasons",
    ("promotion_id",),
    _needed("promotion_id"),
    # season or promotion.
    Column("kind", required=True, nullable=False),
    Column("promotion_name", required=True),
    # Empty: every platform, every account.
    Column("platform"),
    Column("account_id"),
    _needed("starts_on", "date"),
    # The last day.
    _needed("ends_on", "date"),
    # What limits and the expected pace are multiplied by in these days; empty: 1.
    Column("threshold_factor", "numeric"),
    Column("pace_factor", "numeric"),
)

# Entered by hand or filed: figures that no platform's interface gives. A score is corrected by filing it again.
SCORES = Contract(
    platform="erp",
    stream="scores",
    mode="changes",
    report_name="scores that are entered by hand",
    key=("date", "entity_kind", "entity_id", "score"),
    unique=("date", "entity_kind", "entity_id", "score"),
    columns=(
        # The day that the score was given for.
        _needed("date", "date"),
        # company, account, sku, team or person, as in the KPI layer.
        _needed("entity_kind"),
        _needed("entity_id"),
        # ipi (Amazon's inventory performance index), nps, or any other name.
        _needed("score"),
        Column("value", "numeric"),
        # Of a survey from 0 to 10: answers of 9 and 10, of 0 to 6, all answers.
        Column("promoters", "bigint"),
        Column("detractors", "bigint"),
        Column("responses", "bigint"),
    ),
)

CONTRACTS = (
    PRODUCTS,
    UNIT_COSTS,
    STAFF,
    TEAMS,
    LANDED_COSTS,
    WAREHOUSE_STOCK,
    PURCHASE_ORDERS,
    SALES,
    FEES,
    FX_RATES,
    BUDGETS,
    HEADCOUNT,
    PROMOTIONS,
    SCORES,
)
