-- What sample_contract.sql lacks for the dashboards on money and data: the marts behind the margin, settlements, the
-- reconciliation, late streams and a failure. Fees, freight and duties are shares of net sales, so that sums are easy to check.
create schema marts;

create table marts.margin_waterfall as
select s.*, s.net_sales - s.referral_fees - s.fulfilment_fees - s.storage_fees - s.aged_stock_fees - s.low_inventory_fees
        - s.inbound_placement_fees - s.other_fees - s.cogs - s.freight_cost - s.tariff_cost as margin_before_ads,
    a.value as ad_cost,
    s.net_sales - s.referral_fees - s.fulfilment_fees - s.storage_fees - s.aged_stock_fees - s.low_inventory_fees
        - s.inbound_placement_fees - s.other_fees - s.cogs - s.freight_cost - s.tariff_cost - a.value as contribution_margin,
    case when s.period_start = '2026-11-01' then 'mixed' else 'final' end as basis
from (
    select g.entity_kind, g.entity_id, g.grain, g.period_start, g.currency, g.value as gmv,
        round(g.value * 0.03, 2) as discounts, g.value - round(g.value * 0.03, 2) - n.value as refunds, n.value as net_sales,
        round(n.value * 0.12, 2) as referral_fees, round(n.value * 0.15, 2) as fulfilment_fees, round(n.value * 0.02, 2) as storage_fees,
        0.00 as aged_stock_fees, 0.00 as low_inventory_fees, round(n.value * 0.01, 2) as inbound_placement_fees, 0.00 as other_fees,
        -- One SKU's cost is unknown in October, and so is every margin that it is part of.
        case when g.period_start = '2026-10-01' and g.entity_id in ('company', 'account:cascade_us') then null
            else n.value - m.value end as cogs,
        round(n.value * 0.03, 2) as freight_cost, round(n.value * 0.02, 2) as tariff_cost
    from kpi.kpi_values as g
    inner join kpi.kpi_values as n on n.kpi_id = 'net_sales' and n.entity_id = g.entity_id and n.grain = g.grain and n.period_start = g.period_start
    inner join kpi.kpi_values as m on m.kpi_id = 'gross_margin' and m.entity_id = g.entity_id and m.grain = g.grain and m.period_start = g.period_start
    where g.kpi_id = 'gmv' and g.grain = 'month'
) as s
inner join kpi.kpi_values as a on a.kpi_id = 'ad_cost' and a.entity_id = s.entity_id and a.grain = s.grain and a.period_start = s.period_start;

create table marts.measures_fees as
select entity_kind, entity_id, grain, period_start, currency,
    referral_fees + fulfilment_fees + storage_fees + inbound_placement_fees as all_fees,
    case when basis = 'mixed' then round((referral_fees + fulfilment_fees) / 2, 2) else 0.00 end as provisional_fees
from marts.margin_waterfall;

create table marts.fct_settlements as
select 'amazon_sp.settlement/' || a.account_id || '/' || d::date as settlement_key, a.account_id, d::date + 2 as date_day,
    '2000' || a.account_id || '/' || d::date as settlement_id, d::date - 13 as period_start_day, d::date as period_end_day, 'USD' as currency,
    1000.00 + extract(doy from d)::int as settlement_amount, d < '2026-11-10' as is_paid,
    case when d < '2026-11-10' then 1000.00 + extract(doy from d)::int else 0.00 end as settlement_deposits,
    case when d < '2026-11-10' then 0.00 else 1000.00 + extract(doy from d)::int end as unpaid_amount
from (select distinct account_id from kpi.kpi_entities where entity_kind = 'account') as a
cross join generate_series(date '2026-08-02', date '2026-11-15', interval '14 days') as d;

create table kpi.kpi_reconciliation as
select r.account_id || '/month/' || r.period_start || '/' || r.line as reconciliation_id, r.account_id, 'account:' || r.account_id as entity_id,
    'month' as grain, r.period_start, (r.period_start + interval '1 month - 1 day')::date as period_end, r.line,
    case when r.line = 'fees' then 'Commission' end as charge_type, 'USD' as currency, r.platform_amount, r.erp_amount,
    case when r.line = 'settled_sales' then r.platform_amount end as settled_amount,
    case when r.state <> 'not_comparable' then coalesce(r.erp_amount, 0) - r.platform_amount end as difference,
    case when r.state <> 'not_comparable' then abs(coalesce(r.erp_amount, 0) - r.platform_amount) end as absolute_difference,
    0.05 as tolerance, r.state, 100::bigint as items, (case when r.state in ('different', 'missing_in_erp') then 1 else 0 end)::bigint as different_items,
    timestamptz '2026-11-23 09:00:00+00' as first_seen_at, timestamptz '2026-11-23 09:00:00+00' as last_seen_at, true as is_current
from (
    select a.account_id, m::date as period_start, l.line, 5000.00 as platform_amount,
        case when a.account_id = 'aurora_us' and l.line = 'sales' and m = '2026-11-01' then 5040.00
            when a.account_id = 'cascade_us' and l.line = 'fees' and m = '2026-10-01' then null
            when l.line in ('payouts', 'settled_sales') then null else 5000.00 end as erp_amount,
        case when a.account_id = 'aurora_us' and l.line = 'sales' and m = '2026-11-01' then 'different'
            when a.account_id = 'cascade_us' and l.line = 'fees' and m = '2026-10-01' then 'missing_in_erp'
            when l.line = 'payouts' then 'not_comparable' when l.line = 'settled_sales' then 'matched' else 'matched' end as state
    from (select distinct account_id from kpi.kpi_entities where entity_kind = 'account') as a
    cross join generate_series(date '2026-08-01', date '2026-11-01', interval '1 month') as m
    cross join (values ('sales'), ('refunds'), ('fees'), ('settled_sales'), ('payouts')) as l (line)
) as r;
update kpi.kpi_reconciliation set difference = 0, absolute_difference = 0 where line = 'settled_sales';

create table kpi.kpi_reconciliation_items as
select account_id, entity_id, grain, period_start, line, charge_type, '113-' || account_id as reference,
    case when line = 'sales' then 'AUD-101' end as sku, currency, platform_amount, erp_amount, settled_amount, difference, state
from kpi.kpi_reconciliation where state in ('different', 'missing_in_erp');

alter table kpi.kpi_freshness add column lag_days integer not null default 0;

insert into kpi.kpi_catalogue
select 'deferred_balance', 'Deferred balance', '预留未放款余额', 'Held back by the platform.', '平台预留', 'balance at the end', '期末余额', 'finance', 'sales',
    'money', 'lower', false, false, 'deferred_balance', null, 'company,platform,account', null, null, 'amazon_sp', 3, 'owner', 30, '$,.0f';
insert into kpi.kpi_values
select 'deferred_balance', 'account', entity_id, 'day', d::date, d::date, 2500 + extract(day from d)::int, null, 2500 + extract(day from d)::int, 'USD', true, date '2026-11-22'
from kpi.kpi_entities
cross join generate_series(date '2026-10-01', date '2026-11-22', interval '1 day') as d
where entity_kind = 'account';
