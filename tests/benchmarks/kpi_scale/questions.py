# ruff: noqa: E501 - SQL reads better on one line
"""The ten questions that a dashboard asks of the contract and the marts, and twins of them on the raw facts.

A twin asks the same of the facts as a team without a KPI layer would; it is written once for PostgreSQL and DuckDB.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from tests.benchmarks.kpi_scale.seller import NEW_DAY

MONTH = NEW_DAY.replace(day=1)
BEFORE = (MONTH - timedelta(days=1)).replace(day=1)
LAST_YEAR = MONTH.replace(year=MONTH.year - 1)
ACCOUNT = "account:seller_03"


@dataclass(frozen=True)
class Question:
    """``least``: rows that an answer must have, so that an empty one can't be quick."""

    name: str
    sql: str
    least: int
    twin: str | None = None


def _months(first: date, count: int) -> str:
    year, month = first.year, first.month
    found = []
    for _ in range(count):
        found.append(f"date '{year}-{month:02d}-01'")
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
    return ", ".join(found)


def _sums(by: str, where: str) -> str:
    return f"select {by}, sum(gmv) as gmv, sum(units) as units, count(distinct counted_order_key) as orders from fct_order_lines where {where} group by {by}"


QUESTIONS = (
    Question(
        "month tree against targets",
        "select kpi_id, entity_kind, entity_id, value, target_value, expected_value, status from kpi.kpi_status "
        f"where grain = 'month' and period_start = date '{MONTH}' and entity_kind in ('company', 'platform', 'account', 'category') "
        "and kpi_id in ('gmv', 'net_sales', 'acos', 'tacos')",
        100,
        _sums("account_id, sku_key", f"date_day >= date '{MONTH}'"),
    ),
    Question(
        "ad groups over their line in 30 days",
        "select entity_id, sum(numerator) as cost, sum(denominator) as sales from kpi.kpi_values where kpi_id = 'acos' "
        f"and entity_kind = 'ad_group' and grain = 'day' and period_start > date '{NEW_DAY - timedelta(days=30)}' "
        "group by entity_id having sum(numerator) > 0.4 * sum(denominator) order by 2 desc limit 50",
        10,
        f"select ad_group_key, sum(ad_cost) as cost, sum(ad_sales) as sales from fct_ad_performance where date_day > date '{NEW_DAY - timedelta(days=30)}' "
        "group by ad_group_key having sum(ad_cost) > 0.4 * sum(ad_sales) order by 2 desc limit 50",
    ),
    Question(
        "turnover and age of stock",
        f"select kpi_id, entity_id, value from kpi.kpi_values where kpi_id in ('inventory_turnover', 'aged_stock_share_181', 'days_inventory') "
        f"and entity_kind in ('account', 'category') and grain = 'month' and period_start = date '{BEFORE}'",
        100,
    ),
    Question(
        "margin waterfall",
        f"select * from marts.margin_waterfall where entity_kind in ('company', 'account') and grain = 'month' and period_start = date '{BEFORE}'",
        20,
        f"select account_id, sum(gmv), sum(discounts), sum(cogs), sum(freight_cost), sum(tariff_cost) from fct_order_lines where date_day >= date '{BEFORE}' and date_day < date '{MONTH}' group by account_id",
    ),
    Question(
        "year on year",
        f"select entity_id, period_start, kpi_id, value from kpi.kpi_values where kpi_id in ('gmv', 'units', 'orders') and entity_kind = 'account' "
        f"and grain = 'month' and period_start in (date '{BEFORE}', date '{BEFORE.replace(year=BEFORE.year - 1)}')",
        100,
        _sums(
            "account_id, date_trunc('month', date_day)",
            f"(date_day >= date '{BEFORE}' and date_day < date '{MONTH}') or (date_day >= date '{BEFORE.replace(year=BEFORE.year - 1)}' and date_day < date '{LAST_YEAR}')",
        ),
    ),
    Question(
        "return cohorts",
        f"select entity_id, period_start, numerator, denominator, value from kpi.kpi_values where kpi_id = 'return_rate' and entity_kind = 'account' "
        f"and grain = 'month' and period_start in ({_months(BEFORE, 12)})",
        200,
    ),
    Question(
        "driver drill: the SKUs of one account",
        "select k.entity_id, k.value, before.value as value_before from kpi.kpi_values as k left join kpi.kpi_values as before on before.kpi_id = 'gmv' "
        f"and before.entity_id = k.entity_id and before.grain = 'month' and before.period_start = date '{BEFORE.replace(year=BEFORE.year - 1)}' "
        f"where k.kpi_id = 'gmv' and k.entity_kind = 'sku' and k.grain = 'month' and k.period_start = date '{BEFORE}' "
        "and k.entity_id like 'sku:seller_03/%' order by abs(coalesce(k.value, 0) - coalesce(before.value, 0)) desc limit 20",
        20,
        f"select sku_key, sum(case when date_day >= date '{BEFORE}' then gmv end) as gmv, sum(case when date_day < date '{BEFORE}' then gmv end) as before from fct_order_lines "
        f"where account_id = 'seller_03' and ((date_day >= date '{BEFORE}' and date_day < date '{MONTH}') or (date_day >= date '{BEFORE.replace(year=BEFORE.year - 1)}' and date_day < date '{LAST_YEAR}')) "
        "group by sku_key order by 2 desc limit 20",
    ),
    Question(
        "ads by month",
        f"select kpi_id, period_start, value from kpi.kpi_values where kpi_id in ('ad_cost', 'ad_sales', 'acos', 'ctr', 'cpc') and entity_id = 'company' and grain = 'month' and period_start in ({_months(BEFORE, 24)})",
        100,
        "select date_trunc('month', date_day) as month, sum(ad_cost), sum(ad_sales), sum(clicks), sum(impressions) from fct_ad_performance "
        f"where date_day >= date '{BEFORE.replace(year=BEFORE.year - 2)}' group by 1",
    ),
    Question(
        "one account's drill: its days of a month",
        f"select kpi_id, period_start, value from kpi.kpi_values where kpi_id in ('gmv', 'orders', 'units', 'ad_cost', 'tacos') and entity_id = '{ACCOUNT}' and grain = 'day' "
        f"and period_start >= date '{BEFORE}' and period_start < date '{MONTH}'",
        100,
        _sums("date_day", f"account_id = 'seller_03' and date_day >= date '{BEFORE}' and date_day < date '{MONTH}'"),
    ),
)
STATUSES = Question(
    "100,000 targets' status in one statement",
    "select status, count(*) from kpi.kpi_status group by status",
    1,
)


def targets_sql(count: int) -> str:
    """As many targets as asked for: gmv, units, orders and discounts of SKUs and above, of the newest months."""
    return f"""
    insert into kpi.kpi_targets (target_id, version, kpi_id, entity_kind, entity_id, grain, period_start, target_value)
    select kpi_id || ' ' || entity_id || ' ' || period_start, 1, kpi_id, entity_kind, entity_id, 'month', period_start, greatest(1, round(coalesce(value, 1) * 1.05, 2))
    from kpi.kpi_values
    where
        kpi_id in ('gmv', 'units', 'orders', 'net_sales', 'acos', 'tacos') and grain = 'month' and period_start in ({_months(MONTH, 3)})
        and value is not null and entity_kind in ('company', 'platform', 'account', 'category', 'sku', 'team', 'person')
    order by case entity_kind when 'sku' then 1 else 0 end, period_start desc, kpi_id, entity_id
    limit {count}
    """
