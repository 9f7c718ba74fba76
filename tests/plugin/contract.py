"""A small warehouse that fills the contract (schema kpi) for the plugin's tests.

The relations have the contract's columns; kpi_status decides in the simplest way that the contract allows (flat pace,
no tolerance). Figures are chosen so that a person can check them by head:

=========================  ========  ===========  ==========================================
entity                     KPI       2026-10      2026-11 (through the 15th, half the month)
=========================  ========  ===========  ==========================================
account:aurora_us          gmv       100,000.00   50,000.00
account:borealis_us        gmv        40,000.00   12,000.00
ad_group:aurora_us/ag1     acos      0.20         0.25 (cost 250 of sales 1,000)
ad_group:aurora_us/ag2     acos      0.30         0.60 (cost 300 of sales 500)
category:aurora_us/audio   units     900          (no data)
=========================  ========  ===========  ==========================================
"""

from __future__ import annotations

DDL = """
create schema if not exists kpi;
create schema if not exists marts;
create table kpi.kpi_catalogue (
    kpi_id text primary key, name_en text, name_zh text, description_en text, description_zh text, formula_en text,
    formula_zh text, domain text, stage text, unit text, direction text, is_additive boolean, is_ratio boolean,
    numerator text, denominator text, entity_kinds text, drivers text, counter_kpis text, source text,
    days_until_settled integer, owner_role text, display_order integer, number_format text);
create table kpi.kpi_entities (
    entity_id text primary key, entity_kind text, entity_name text, parent_id text, platform text, account_id text,
    account_name text, category text, sku text, product_name text, brand text, campaign_id text, campaign_name text,
    ad_group_id text, ad_group_name text, owner_id text, owner_name text, team_id text, team_name text, currency text,
    time_zone text, is_active boolean);
create table kpi.kpi_entity_edges (tree text, parent_id text, child_id text, valid_from date, valid_to date);
create table kpi.kpi_values (
    kpi_id text, entity_kind text, entity_id text, grain text, period_start date, period_end date, numerator numeric,
    denominator numeric, value numeric, currency text, is_settled boolean, covered_through date,
    primary key (kpi_id, entity_id, grain, period_start));
create table kpi.kpi_targets (
    target_id text, version integer, kpi_id text, entity_kind text, entity_id text, grain text, period_start date,
    floor_value numeric, target_value numeric, stretch_value numeric, warn_limit numeric, breach_limit numeric,
    tolerance numeric, weight numeric, currency text, owner text, approved_by text, approved_at timestamptz,
    published_at timestamptz, primary key (kpi_id, entity_id, grain, period_start));
create table kpi.kpi_freshness (
    platform text, account_id text, stream text, loaded_at timestamptz, covered_through date, settled_through date,
    lag_days integer, state text, last_error text, rows_quarantined bigint);
create table kpi.kpi_forecast (
    kpi_id text, entity_kind text, entity_id text, grain text, period_start date, period_end date, p20 numeric,
    p50 numeric, p80 numeric, currency text, method text, made_at timestamptz, history_periods integer,
    history_through date, backtest_points integer, backtest_below_p20 double precision,
    backtest_below_p50 double precision, backtest_below_p80 double precision, backtest_error double precision,
    backtest_naive_error double precision, primary key (kpi_id, entity_id, grain, period_start));
create table kpi.kpi_manual_kpis (
    kpi_id text primary key, name_en text, name_zh text, description_en text, description_zh text, unit text,
    direction text, is_additive boolean, entity_kinds text, grain text, owner text, number_format text,
    published_at timestamptz);
create table kpi.kpi_manual_values (
    kpi_id text, entity_kind text, entity_id text, grain text, period_start date, value numeric, currency text,
    note text, entered_by text, entered_at timestamptz, primary key (kpi_id, entity_id, grain, period_start));
-- The build's kpi_catalogue and kpi_values are views that take these in; here they are tables, kept by triggers.
create function kpi.take_in_manual() returns trigger language plpgsql security definer as $$
begin
    delete from kpi.kpi_values
    where kpi_id not in (select kpi_id from kpi.kpi_catalogue where source is distinct from 'manual');
    delete from kpi.kpi_catalogue where source = 'manual';
    insert into kpi.kpi_catalogue (kpi_id, name_en, name_zh, description_en, description_zh, unit, direction,
        is_additive, is_ratio, entity_kinds, source, days_until_settled, display_order, number_format)
    select kpi_id, name_en, name_zh, description_en, description_zh, unit, direction, is_additive, false, entity_kinds,
        'manual', 0, 100000, number_format
    from kpi.kpi_manual_kpis;
    insert into kpi.kpi_values
    select kpi_id, entity_kind, entity_id, grain, period_start,
        (period_start + ('1 ' || grain)::interval - interval '1 day')::date, value, null, value, currency, true,
        (period_start + ('1 ' || grain)::interval - interval '1 day')::date
    from kpi.kpi_manual_values;
    return null;
end $$;
create trigger take_in after insert or delete on kpi.kpi_manual_kpis for each statement
    execute function kpi.take_in_manual();
create trigger take_in after insert or delete on kpi.kpi_manual_values for each statement
    execute function kpi.take_in_manual();
create view kpi.kpi_status as
with sided as (
    select t.*, c.direction, c.unit, c.is_additive, c.days_until_settled,
        coalesce(v.period_end, (t.period_start + interval '1 month' - interval '1 day')::date) as period_end,
        v.value, v.numerator, v.denominator, v.is_settled, v.covered_through,
        case c.direction when 'lower' then 1 else -1 end as bad_side
    from kpi.kpi_targets as t
    join kpi.kpi_catalogue as c on c.kpi_id = t.kpi_id
    left join kpi.kpi_values as v on v.kpi_id = t.kpi_id and v.entity_id = t.entity_id and v.grain = t.grain
        and v.period_start = t.period_start
), paced as (
    select s.*,
        least(1.0, (s.covered_through - s.period_start + 1)::numeric / (s.period_end - s.period_start + 1))
            as pace_share,
        coalesce(s.warn_limit, s.target_value * (1 + s.bad_side * 0.05)) as warn_effective,
        coalesce(s.breach_limit, s.target_value * (1 + s.bad_side * 0.15)) as breach_effective
    from sided as s
), scaled as (
    select p.*, case when p.is_additive then p.pace_share else 1 end as scale from paced as p
)
select kpi_id, entity_kind, entity_id, grain, period_start, period_end, value, numerator, denominator, currency,
    is_settled, covered_through, target_id, version as target_version, floor_value, target_value, stretch_value,
    warn_effective as warn_limit, breach_effective as breach_limit, tolerance, weight, owner, pace_share,
    target_value * scale as expected_value,
    case direction when 'lower' then target_value / nullif(value, 0) else value / nullif(target_value, 0) end
        as attainment,
    case direction when 'lower' then target_value * scale / nullif(value, 0)
        else value / nullif(target_value * scale, 0) end as pace_attainment,
    value - target_value * scale as gap,
    case
        when value is null then 'no_data'
        when covered_through - days_until_settled < period_start then 'provisional'
        when direction = 'lower' and value > breach_effective * scale then 'breach'
        when direction = 'lower' and value > warn_effective * scale then 'warn'
        when direction <> 'lower' and value < breach_effective * scale then 'breach'
        when direction <> 'lower' and value < warn_effective * scale then 'warn'
        else 'ok'
    end as status,
    direction, unit
from scaled;
"""

SAMPLE = """
delete from kpi.kpi_catalogue;
delete from kpi.kpi_entities;
delete from kpi.kpi_entity_edges;
delete from kpi.kpi_values;
delete from kpi.kpi_targets;
delete from kpi.kpi_freshness;
delete from kpi.kpi_forecast;
delete from kpi.kpi_manual_kpis;
delete from kpi.kpi_manual_values;
insert into kpi.kpi_catalogue (kpi_id, name_en, name_zh, domain, unit, direction, is_additive, is_ratio, numerator,
    denominator, entity_kinds, days_until_settled, display_order, number_format) values
('gmv', 'GMV', '成交总额', 'sales', 'money', 'higher', true, false, 'gmv', null,
    'company,platform,account,category,sku,team,person', 2, 10, '$,.0f'),
('units', 'Units', '销量', 'sales', 'count', 'higher', true, false, 'units', null,
    'company,platform,account,category,sku,team,person', 2, 20, ',.0f'),
('conversion_rate', 'Conversion rate', '转化率', 'traffic', 'ratio', 'higher', false, true, 'units', 'sessions',
    'company,account,sku', 2, 30, '.1%'),
('acos', 'ACoS', '广告销售成本比', 'ads', 'ratio', 'lower', false, true, 'ad_cost', 'ad_sales',
    'company,account,campaign,ad_group', 3, 40, '.1%');
insert into kpi.kpi_entities (entity_id, entity_kind, entity_name, parent_id, platform, account_id, category, sku,
    campaign_id, ad_group_id, owner_name, currency, is_active) values
('company', 'company', 'Company', null, null, null, null, null, null, null, null, 'USD', true),
('platform:amazon', 'platform', 'Amazon', 'company', 'amazon', null, null, null, null, null, null, 'USD', true),
('account:aurora_us', 'account', 'Aurora US', 'platform:amazon', 'amazon', 'aurora_us', null, null, null, null,
    null, 'USD', true),
('account:borealis_us', 'account', 'Borealis US', 'platform:amazon', 'amazon', 'borealis_us', null, null, null, null,
    null, 'USD', true),
('category:aurora_us/audio', 'category', 'Audio', 'account:aurora_us', 'amazon', 'aurora_us', 'audio', null, null,
    null, null, 'USD', true),
('sku:aurora_us/AUD-001', 'sku', 'Headphones', 'category:aurora_us/audio', 'amazon', 'aurora_us', 'audio', 'AUD-001',
    null, null, 'Mei Lin', 'USD', true),
('team:north', 'team', 'North', 'company', null, null, null, null, null, null, null, 'USD', true),
('person:e001', 'person', 'Mei Lin', 'team:north', null, null, null, null, null, null, 'Mei Lin', 'USD', true),
('campaign:aurora_us/c1', 'campaign', 'Audio brand', 'account:aurora_us', 'amazon', 'aurora_us', null, null, 'c1',
    null, null, 'USD', true),
('ad_group:aurora_us/ag1', 'ad_group', 'Exact', 'campaign:aurora_us/c1', 'amazon', 'aurora_us', null, null, 'c1',
    'ag1', 'Mei Lin', 'USD', true),
('ad_group:aurora_us/ag2', 'ad_group', 'Broad', 'campaign:aurora_us/c1', 'amazon', 'aurora_us', null, null, 'c1',
    'ag2', 'Mei Lin', 'USD', true);
insert into kpi.kpi_entity_edges
    select case when entity_kind in ('team', 'person') then 'people' else 'business' end, parent_id, entity_id,
        date '2020-01-01', null
    from kpi.kpi_entities where parent_id is not null;
insert into kpi.kpi_values
    select kpi_id, split_part(entity_id, ':', 1), entity_id, 'month', period_start::date,
        (period_start::date + interval '1 month' - interval '1 day')::date, numerator, denominator,
        numerator / coalesce(denominator, 1), case kpi_id when 'gmv' then 'USD' end,
        covered_through::date = '2026-10-31', covered_through::date
    from (values
        ('gmv', 'account:aurora_us', '2026-10-01', 100000, null, '2026-10-31'),
        ('gmv', 'account:aurora_us', '2026-11-01', 50000, null, '2026-11-15'),
        ('gmv', 'account:borealis_us', '2026-10-01', 40000, null, '2026-10-31'),
        ('gmv', 'account:borealis_us', '2026-11-01', 12000, null, '2026-11-15'),
        ('acos', 'ad_group:aurora_us/ag1', '2026-10-01', 200, 1000::numeric, '2026-10-31'),
        ('acos', 'ad_group:aurora_us/ag1', '2026-11-01', 250, 1000, '2026-11-15'),
        ('acos', 'ad_group:aurora_us/ag2', '2026-10-01', 300, 1000, '2026-10-31'),
        ('acos', 'ad_group:aurora_us/ag2', '2026-11-01', 300, 500, '2026-11-15'),
        ('units', 'category:aurora_us/audio', '2026-10-01', 900, null, '2026-10-31')
    ) as v (kpi_id, entity_id, period_start, numerator, denominator, covered_through);
insert into kpi.kpi_freshness values
('amazon_sp', 'aurora_us', 'orders', '2026-11-16 09:00+00', '2026-11-15', '2026-11-13', 0, 'fresh', null),
('amazon_sp', 'borealis_us', 'orders', '2026-11-16 10:00+00', '2026-11-15', '2026-11-13', 0, 'fresh', null),
('amazon_ads', 'aurora_us', 'sp_campaigns', '2026-11-16 08:00+00', '2026-11-14', '2026-11-11', 0, 'stale', null);
"""

GRANTS = """
grant usage on schema kpi, marts to {reader}, {publisher};
grant select on all tables in schema kpi to {reader}, {publisher};
grant insert, update, delete on kpi.kpi_targets, kpi.kpi_manual_kpis, kpi.kpi_manual_values to {publisher};
do $grant$
begin
    if cast(current_setting('server_version_num') as integer) >= 170000 then
        grant maintain on kpi.kpi_targets, kpi.kpi_manual_kpis, kpi.kpi_manual_values to {publisher};
    end if;
end
$grant$;
"""
