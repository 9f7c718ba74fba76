"""The ERP's contracts: one snapshot a day, so that history keeps what was known on which day."""

from __future__ import annotations

from airflow_dags.contracts import Column, Contract

SNAPSHOT_DATE = Column("snapshot_date", "date")

PRODUCTS = Contract(
    platform="erp",
    stream="products",
    mode="snapshot",
    report_name="the ERP's products",
    window_column="snapshot_date",
    unique=("snapshot_date", "sku", "account_id"),
    columns=(
        SNAPSHOT_DATE,
        Column("sku", required=True, nullable=False),
        # The selling account that lists it; empty where all do.
        Column("account_id"),
        Column("asin"),
        Column("product_name", required=True),
        Column("category", required=True),
        Column("brand"),
        Column("owner_id", required=True),
        Column("team_id"),
    ),
)

UNIT_COSTS = Contract(
    platform="erp",
    stream="unit_costs",
    mode="snapshot",
    report_name="the ERP's unit costs",
    window_column="snapshot_date",
    unique=("snapshot_date", "sku", "valid_from", "currency"),
    columns=(
        SNAPSHOT_DATE,
        Column("sku", required=True, nullable=False),
        Column("valid_from", "date", required=True, nullable=False),
        # The first day on which the cost no longer holds; empty while it does.
        Column("valid_to", "date"),
        Column("unit_cost", "numeric", required=True, nullable=False),
        Column("currency", required=True, nullable=False),
    ),
)

STAFF = Contract(
    platform="erp",
    stream="staff",
    mode="snapshot",
    report_name="the ERP's staff",
    window_column="snapshot_date",
    unique=("snapshot_date", "employee_id"),
    columns=(
        SNAPSHOT_DATE,
        Column("employee_id", required=True, nullable=False),
        Column("employee_name", required=True),
        Column("team_id", required=True),
        Column("team_name"),
        Column("role"),
        Column("email"),
    ),
)
