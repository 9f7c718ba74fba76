-- A small warehouse that fills the contract (schema kpi): three accounts, eight categories, 24 SKUs, six people in two
-- teams, twelve ad groups, 14 months through 2026-11-22. The figures are made by arithmetic, so they are the same each time.
-- The tests of the dashboards use it in place of a dbt build; the columns are the contract's, in the contract's order.
create schema kpi;

create table kpi.kpi_catalogue (
    kpi_id text primary key, name_en text, name_zh text, description_en text, description_zh text, formula_en text,
    formula_zh text, domain text, stage text, unit text, direction text, is_additive boolean, is_ratio boolean,
    numerator text, denominator text, entity_kinds text, drivers text, counter_kpis text, source text,
    days_until_settled integer, owner_role text, display_order integer, number_format text
);
insert into kpi.kpi_catalogue
select
    kpi_id, name_en, name_zh, name_en || ', as the business counts it.', name_zh, formula, formula, 'sample', 'sales',
    unit, direction, is_additive, unit = 'ratio' or denominator is not null, numerator, denominator, entity_kinds,
    null, null, 'amazon_sp', 3, 'owner', display_order, number_format
from (values
    ('gmv', 'GMV', '成交总额', 'sum of item prices', 'money', 'higher', true, 'gmv', null, 'company,platform,account,category,sku,team,person', 1, '$,.0f'),
    ('net_sales', 'Net sales', '净销售额', 'GMV less promotions', 'money', 'higher', true, 'net_sales', null, 'company,platform,account,category,sku,team,person', 2, '$,.0f'),
    ('units', 'Units', '销量', 'sum of quantities', 'count', 'higher', true, 'units', null, 'company,platform,account,category,sku,team,person', 3, ',.0f'),
    ('orders', 'Orders', '订单数', 'distinct orders', 'count', 'higher', false, 'orders', null, 'company,platform,account,category,sku,team,person', 4, ',.0f'),
    ('aov', 'Average order value', '客单价', 'GMV / orders', 'money', 'higher', false, 'gmv', 'orders', 'company,platform,account', 5, '$,.2f'),
    ('sessions', 'Sessions', '访客会话', 'sum of sessions', 'count', 'higher', true, 'sessions', null, 'company,platform,account,category,sku,team,person', 6, ',.0f'),
    ('conversion_rate', 'Conversion rate', '转化率', 'units / sessions', 'ratio', 'higher', false, 'units', 'sessions', 'company,platform,account,category,sku,team,person', 7, '.1%'),
    ('ad_cost', 'Ad cost', '广告花费', 'sum of ad cost', 'money', 'lower', true, 'ad_cost', null, 'company,platform,account,category,sku,team,person,campaign,ad_group', 9, '$,.0f'),
    ('ad_sales', 'Ad sales', '广告销售额', 'sum of attributed sales', 'money', 'higher', true, 'ad_sales', null, 'company,platform,account,category,sku,team,person,campaign,ad_group', 10, '$,.0f'),
    ('acos', 'ACoS', '广告成本销售比', 'ad cost / ad sales', 'ratio', 'lower', false, 'ad_cost', 'ad_sales', 'company,platform,account,category,sku,team,person,campaign,ad_group', 11, '.1%'),
    ('tacos', 'TACoS', '总广告成本销售比', 'ad cost / GMV', 'ratio', 'lower', false, 'ad_cost', 'gmv', 'company,platform,account,category,sku,team,person', 12, '.1%'),
    ('gross_margin', 'Gross margin', '毛利', 'net sales less cost of goods', 'money', 'higher', true, 'gross_margin', null, 'company,platform,account,category,sku,team,person', 16, '$,.0f'),
    ('gross_margin_rate', 'Gross margin rate', '毛利率', 'gross margin / net sales', 'ratio', 'higher', false, 'gross_margin', 'net_sales', 'company,platform,account,category,sku,team,person', 17, '.1%')
) as k (kpi_id, name_en, name_zh, formula, unit, direction, is_additive, numerator, denominator, entity_kinds, display_order, number_format);

create table kpi.kpi_entities (
    entity_id text primary key, entity_kind text, entity_name text, parent_id text, platform text, account_id text,
    account_name text, category text, sku text, product_name text, brand text, campaign_id text, campaign_name text,
    ad_group_id text, ad_group_name text, owner_id text, owner_name text, team_id text, team_name text, currency text,
    time_zone text, is_active boolean
);
create table kpi.kpi_entity_edges (tree text, parent_id text, child_id text, valid_from date, valid_to date);

create temporary table accounts as
select * from (values (1, 'aurora_us', 'Aurora US'), (2, 'borealis_us', 'Borealis US'), (3, 'cascade_us', 'Cascade US')) as a (n, account_id, account_name);
create temporary table people as
select * from (values
    (1, 'e001', 'Ana Lopez', 'north', 'North team'), (2, 'e002', 'Ben Carter', 'north', 'North team'),
    (3, 'e003', 'Chen Wei', 'north', 'North team'), (4, 'e004', 'Dora Novak', 'south', 'South team'),
    (5, 'e005', 'Emeka Obi', 'south', 'South team'), (6, 'e006', 'Fay Kim', 'south', 'South team')
) as p (n, owner_id, owner_name, team_id, team_name);
create temporary table products as
select
    a.n * 8 + c.n as n, a.account_id, a.account_name, c.category,
    upper(left(c.category, 3)) || '-' || a.n || '01' as sku, initcap(c.category) || ' product ' || a.n as product_name,
    p.owner_id, p.owner_name, p.team_id, p.team_name, 20 + 7 * c.n as price, 0.40 + 0.02 * c.n as cost_share
from accounts as a
cross join (values (1, 'audio'), (2, 'bags'), (3, 'garden'), (4, 'kitchen'), (5, 'lighting'), (6, 'office'), (7, 'pets'), (8, 'sports')) as c (n, category)
inner join people as p on p.n = (a.n * 8 + c.n) % 6 + 1;
create temporary table ad_groups as
select
    row_number() over (order by p.n) as n, p.account_id, p.account_name, p.sku, p.category, p.owner_id, p.owner_name, p.team_id, p.team_name,
    '9' || (1000 + p.n) as ad_group_id, p.product_name || ' - exact' as ad_group_name,
    '5' || (100 + p.n / 4) as campaign_id, p.account_name || ' campaign ' || (p.n / 4) as campaign_name
from products as p where p.n % 2 = 0;

insert into kpi.kpi_entities (entity_id, entity_kind, entity_name, parent_id, platform, account_id, account_name, category, sku, product_name, campaign_id, campaign_name, ad_group_id, ad_group_name, owner_id, owner_name, team_id, team_name, currency, time_zone, is_active)
select 'company', 'company', 'Company', null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, 'USD', 'America/Los_Angeles', true
union all select 'account:' || account_id, 'account', account_name, 'platform:amazon', 'amazon', account_id, account_name, null, null, null, null, null, null, null, null, null, null, null, 'USD', 'America/Los_Angeles', true from accounts
union all select distinct 'category:' || account_id || '/' || category, 'category', initcap(category), 'account:' || account_id, 'amazon', account_id, account_name, category, null, null, null, null, null, null, null, null, null, null, 'USD', 'America/Los_Angeles', true from products
union all select 'sku:' || account_id || '/' || sku, 'sku', sku, 'category:' || account_id || '/' || category, 'amazon', account_id, account_name, category, sku, product_name, null, null, null, null, owner_id, owner_name, team_id, team_name, 'USD', 'America/Los_Angeles', true from products
union all select 'person:' || owner_id, 'person', owner_name, 'team:' || team_id, null, null, null, null, null, null, null, null, null, null, owner_id, owner_name, team_id, team_name, 'USD', 'America/Los_Angeles', true from people
union all select distinct 'team:' || team_id, 'team', team_name, 'company', null, null, null, null, null, null, null, null, null, null, null, null, team_id, team_name, 'USD', 'America/Los_Angeles', true from people
union all select 'ad_group:' || account_id || '/' || ad_group_id, 'ad_group', ad_group_name, 'campaign:' || account_id || '/' || campaign_id, 'amazon', account_id, account_name, null, null, null, campaign_id, campaign_name, ad_group_id, ad_group_name, owner_id, owner_name, team_id, team_name, 'USD', 'America/Los_Angeles', true from ad_groups;

-- One row per SKU and day; the wave is the season, Prime Day doubles two days of July.
create temporary table facts as
select
    p.*, d::date as day, g.ad_group_id is not null as has_ads,
    u.units, round(u.units * p.price, 2) as gmv, round(u.units * p.price * 0.96, 2) as net_sales, ceil(u.units * 0.9) as orders,
    u.units * 11 + p.n as sessions, round(u.units * p.price * (0.96 - p.cost_share), 2) as gross_margin,
    case when g.ad_group_id is not null then round(u.units * p.price * 0.10 * (case when p.n in (12, 22) then 2.1 else 1 end), 2) else 0 end as ad_cost,
    case when g.ad_group_id is not null then round(u.units * p.price * 0.42, 2) else 0 end as ad_sales
from products as p
cross join generate_series(date '2025-10-01', date '2026-11-22', interval '1 day') as d
cross join lateral (
    select greatest(0, round(
        (9 + p.n % 7) * (1 + 0.35 * cos((extract(doy from d) - 330) * 2 * pi() / 365)) * (case when d::date in ('2026-07-14', '2026-07-15') then 2.2 else 1 end)
        * (case when p.n = 20 and d >= '2026-11-01' then 0.6 else 1 end) * (0.8 + 0.1 * ((p.n * 31 + extract(doy from d)::int * 17) % 5))
    ))::numeric as units
) as u
left join ad_groups as g on g.account_id = p.account_id and g.sku = p.sku;

create temporary table measures as
select k.kind as entity_kind, k.entity_id, gr.grain, date_trunc(gr.grain, f.day)::date as period_start,
    sum(units) as units, sum(gmv) as gmv, sum(net_sales) as net_sales, sum(orders) as orders, sum(sessions) as sessions,
    sum(gross_margin) as gross_margin, sum(ad_cost) as ad_cost, sum(ad_sales) as ad_sales
from facts as f
cross join lateral (values
    ('company', 'company'), ('account', 'account:' || account_id), ('category', 'category:' || account_id || '/' || category),
    ('sku', 'sku:' || account_id || '/' || sku), ('person', 'person:' || owner_id), ('team', 'team:' || team_id),
    ('ad_group', (select 'ad_group:' || f.account_id || '/' || g.ad_group_id from ad_groups as g where g.account_id = f.account_id and g.sku = f.sku))
) as k (kind, entity_id)
cross join (values ('day'), ('month')) as gr (grain)
where k.entity_id is not null
group by 1, 2, 3, 4;

create table kpi.kpi_values (
    kpi_id text, entity_kind text, entity_id text, grain text, period_start date, period_end date, numerator numeric,
    denominator numeric, value numeric, currency text, is_settled boolean, covered_through date
);
insert into kpi.kpi_values
select c.kpi_id, m.entity_kind, m.entity_id, m.grain, m.period_start, e.period_end, n.numerator, n.denominator,
    case when c.denominator is null then n.numerator else n.numerator / nullif(n.denominator, 0) end,
    case when c.unit = 'money' then 'USD' end, least(e.period_end, date '2026-11-22') <= date '2026-11-19', least(e.period_end, date '2026-11-22')
from measures as m
cross join kpi.kpi_catalogue as c
cross join lateral (select case m.grain when 'day' then m.period_start else (m.period_start + interval '1 month - 1 day')::date end as period_end) as e
cross join lateral (select (to_jsonb(m) ->> c.numerator)::numeric as numerator, (to_jsonb(m) ->> c.denominator)::numeric as denominator) as n
where strpos(',' || c.entity_kinds || ',', ',' || m.entity_kind || ',') > 0
    and (c.denominator is null or n.denominator <> 0);
create index on kpi.kpi_values (kpi_id, entity_kind, grain, period_start);

create table kpi.kpi_targets (
    target_id text, version integer, kpi_id text, entity_kind text, entity_id text, grain text, period_start date,
    floor_value numeric, target_value numeric, stretch_value numeric, warn_limit numeric, breach_limit numeric, tolerance numeric,
    weight numeric, currency text, owner text, approved_by text, approved_at timestamptz, published_at timestamptz,
    primary key (kpi_id, entity_id, grain, period_start)
);
-- The plan: what the entity made in a typical month of that season, a little more for money, a fixed line for ratios.
insert into kpi.kpi_targets
select v.kpi_id || '/' || v.entity_id || '/' || v.period_start, 1, v.kpi_id, v.entity_kind, v.entity_id, 'month', v.period_start, null,
    case v.kpi_id when 'acos' then 0.25 when 'tacos' then 0.07 when 'gross_margin_rate' then 0.45
        else round(v.value * (0.90 + 0.05 * ((length(v.entity_id) + ascii(right(v.entity_id, 1))) % 7)) * (case when v.period_start = '2026-11-01' then 30.0 / 22 else 1 end), -1) end,
    null, null, null, null, 1, v.currency, 'plan', 'admin', timestamptz '2026-01-01', timestamptz '2026-01-01'
from kpi.kpi_values as v
where v.grain = 'month' and (
    (v.entity_kind in ('company', 'account') and v.kpi_id in ('gmv', 'net_sales', 'orders', 'ad_cost', 'tacos', 'acos', 'gross_margin_rate'))
    or (v.entity_kind in ('category', 'person', 'team') and v.kpi_id in ('gmv', 'gross_margin_rate'))
    or (v.entity_kind = 'ad_group' and v.kpi_id = 'acos')
);

create table kpi.kpi_status as
select s.kpi_id, s.entity_kind, s.entity_id, s.grain, s.period_start, s.period_end, s.value, s.numerator, s.denominator, s.currency,
    s.is_settled, s.covered_through, s.target_id, s.target_version, s.floor_value, s.target_value, s.stretch_value, s.warn_limit,
    s.breach_limit, s.tolerance, s.weight, s.owner, s.pace_share, s.expected_value,
    case s.direction when 'lower' then s.target_value / nullif(s.value, 0) else s.value / nullif(s.target_value, 0) end as attainment,
    case s.direction when 'lower' then s.expected_value / nullif(s.value, 0) else s.value / nullif(s.expected_value, 0) end as pace_attainment,
    s.value - s.expected_value as gap,
    case when s.direction = 'higher' and s.value < s.breach_limit * s.pace_share then 'breach'
        when s.direction = 'higher' and s.value < s.warn_limit * s.pace_share then 'warn'
        when s.direction = 'lower' and s.value > s.breach_limit * s.pace_share then 'breach'
        when s.direction = 'lower' and s.value > s.warn_limit * s.pace_share then 'warn' else 'ok' end as status,
    s.direction, s.unit
from (
    select v.*, t.target_id, t.version as target_version, t.floor_value, t.target_value, t.stretch_value,
        t.target_value * (case c.direction when 'lower' then 1.05 else 0.95 end) as warn_limit,
        t.target_value * (case c.direction when 'lower' then 1.15 else 0.85 end) as breach_limit,
        t.tolerance, t.weight, t.owner, p.pace_share, t.target_value * p.pace_share as expected_value, c.direction, c.unit
    from kpi.kpi_targets as t
    inner join kpi.kpi_catalogue as c on c.kpi_id = t.kpi_id
    inner join kpi.kpi_values as v on v.kpi_id = t.kpi_id and v.entity_id = t.entity_id and v.grain = t.grain and v.period_start = t.period_start
    cross join lateral (select case when c.is_ratio or v.covered_through = v.period_end then 1.0 else 22 / 30.0 end as pace_share) as p
) as s;

create table kpi.kpi_freshness as
select 'amazon' as platform, account_id, s.stream, timestamptz '2026-11-23 08:05:00+00' as loaded_at,
    case when n = 3 and s.stream = 'sp_campaigns' then date '2026-11-19' else date '2026-11-22' end as covered_through,
    date '2026-11-19' as settled_through, case when n = 3 and s.stream = 'sp_campaigns' then 'stale' else 'fresh' end as state, cast(null as text) as last_error
from accounts cross join (values ('orders'), ('sales_and_traffic'), ('sp_campaigns'), ('sp_advertised_product')) as s (stream);
