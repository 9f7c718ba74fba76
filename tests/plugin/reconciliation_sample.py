"""Differences in the tests' warehouse: the relations as the build makes them, and a few rows.

====================  ========  =======================  ==========  ==========  ==========
account               period    line                     platform    ERP         difference
====================  ========  =======================  ==========  ==========  ==========
account:aurora_us     2026-10   sales                    1,000.00    900.00      -100.00
account:aurora_us     2026-10   fees (FBA Storage)          50.00    (nothing)   (none)
account:aurora_us     2026-09   sales                      500.00    500.00      0 (matched)
account:borealis_us   2026-10   sales                      300.00    310.00      10.00
====================  ========  =======================  ==========  ==========  ==========
"""

from __future__ import annotations

from typing import Any

AURORA_SALES = "aurora_us/month/2026-10-01/sales//USD"
AURORA_FEES = "aurora_us/month/2026-10-01/fees/FBA Storage/USD"
BOREALIS_SALES = "borealis_us/month/2026-10-01/sales//USD"
# Other tests make the relation with its first columns, so these stand first.
RELATIONS = f"""
drop table if exists kpi.kpi_reconciliation, kpi.kpi_reconciliation_items;
create table kpi.kpi_reconciliation (entity_id text, grain text, period_start date, period_end date, line text,
    currency text, platform_amount numeric, erp_amount numeric, difference numeric, absolute_difference numeric,
    state text, is_current boolean, reconciliation_id text, account_id text, charge_type text,
    settled_amount numeric, tolerance numeric, items bigint, different_items bigint, first_seen_at timestamptz,
    last_seen_at timestamptz);
create table kpi.kpi_reconciliation_items (account_id text, entity_id text, grain text, period_start date, line text,
    charge_type text, reference text, sku text, currency text, platform_amount numeric, erp_amount numeric,
    settled_amount numeric, difference numeric, state text);
insert into kpi.kpi_reconciliation
select 'account:' || account, 'month', start::date, (start::date + interval '1 month' - interval '1 day')::date, line,
    'USD', platform, erp, erp - platform, abs(erp - platform), state, is_current, id, account, charge, null, 0.01, 9, 2,
    '2026-11-02 06:00+00', '2026-11-16 06:00+00'
from (values
    ('{AURORA_SALES}', 'aurora_us', '2026-10-01', 'sales', null, 1000.00, 900.00, 'different', true),
    ('{AURORA_SALES}', 'aurora_us', '2026-10-01', 'sales', null, 1000.00, 700.00, 'different', false),
    ('{AURORA_FEES}', 'aurora_us', '2026-10-01', 'fees', 'FBA Storage', 50.00, null, 'missing_in_erp', true),
    ('aurora_us/month/2026-09-01/sales//USD', 'aurora_us', '2026-09-01', 'sales', null, 500, 500, 'matched', true),
    ('{BOREALIS_SALES}', 'borealis_us', '2026-10-01', 'sales', null, 300.00, 310.00, 'different', true)
) as v (id, account, start, line, charge, platform, erp, state, is_current);
insert into kpi.kpi_reconciliation_items values
('aurora_us', 'account:aurora_us', 'month', '2026-10-01', 'sales', null, '111-1', 'AUD-001', 'USD', 100, 20, null, -80,
    'different'),
('aurora_us', 'account:aurora_us', 'month', '2026-10-01', 'sales', null, '111-2', '=1+1', 'USD', 20, null, null, -20,
    'missing_in_erp'),
('aurora_us', 'account:aurora_us', 'month', '2026-10-01', 'fees', 'FBA Storage', 'S-9', null, 'USD', 50, null, null,
    null, 'missing_in_erp'),
('borealis_us', 'account:borealis_us', 'month', '2026-10-01', 'sales', null, '222-1', 'X', 'USD', 0, 10, null, 10,
    'different');
"""


def plant(warehouse: Any) -> None:
    """Make the relations with their rows."""
    reader = warehouse.uris["reader"].partition("//")[2].partition(":")[0]
    grant = f'grant select on kpi.kpi_reconciliation, kpi.kpi_reconciliation_items to "{reader}"'
    warehouse.execute(RELATIONS + grant)


def uproot(warehouse: Any) -> None:
    """The warehouse as it was before."""
    warehouse.execute("drop table if exists kpi.kpi_reconciliation, kpi.kpi_reconciliation_items")
