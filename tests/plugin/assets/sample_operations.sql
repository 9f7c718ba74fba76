-- More of the small warehouse: what the dashboards of sales, ads, stock, account health and service read beside it. The
-- figures are made by arithmetic from the entities that are there, for three months.
insert into kpi.kpi_catalogue
select
    kpi_id, name_en, name_zh, name_en || ', as the business counts it.', name_zh, name_en, name_zh, 'sample', 'sales', unit, direction,
    is_additive, is_ratio, kpi_id, case when is_ratio then kpi_id || '_base' end, entity_kinds, null, null, 'amazon_sp', 3, 'owner',
    100 + (row_number() over ())::int, number_format
from (values
    ('discount_rate', 'Discount rate', '折扣率', 'ratio', 'lower', false, true, 'company,account,category,sku,person', '.1%'),
    ('refund_rate', 'Refund rate', '退款率', 'ratio', 'lower', false, true, 'company,account,category,sku,person', '.2%'),
    ('return_rate', 'Return rate', '退货率', 'ratio', 'lower', false, true, 'company,account,category,sku,person', '.2%'),
    ('cancelled_order_rate', 'Cancelled orders', '取消订单率', 'ratio', 'lower', false, true, 'company,account', '.2%'),
    ('average_selling_price', 'Average selling price', '平均售价', 'money', 'higher', false, true, 'company,account,category,sku,person', '$,.2f'),
    ('buy_box_share', 'Buy box share', '购物车占比', 'ratio', 'higher', false, true, 'company,account,category,sku,person', '.1%'),
    ('break_even_acos', 'Break-even ACoS', '盈亏平衡 ACoS', 'ratio', 'higher', false, false, 'company,account,sku', '.1%'),
    ('ad_profit', 'Ad profit', '广告利润', 'money', 'higher', false, false, 'company,account,sku', '$,.0f'),
    ('wasted_ad_cost_share', 'Wasted ad cost', '广告浪费占比', 'ratio', 'lower', false, false, 'company,account', '.1%'),
    ('ad_budget_use', 'Budget use', '预算使用率', 'ratio', 'band', false, true, 'company,account', '.1%'),
    ('inventory_turnover', 'Inventory turnover', '库存周转率', 'ratio', 'higher', false, true, 'company,account,sku', ',.2f'),
    ('days_inventory', 'Days of inventory', '库存天数', 'days', 'lower', false, true, 'company,account,sku', ',.0f'),
    ('days_of_supply', 'Days of supply', '可售天数', 'days', 'band', false, true, 'company,account,sku', ',.0f'),
    ('sell_through', 'Sell-through', '售罄率', 'ratio', 'higher', false, true, 'company,account,sku', ',.2f'),
    ('stock_out_days', 'Stock-out days', '断货天数', 'count', 'lower', true, false, 'company,account,sku', ',.0f'),
    ('stock_out_rate', 'Stock-out rate', '断货率', 'ratio', 'lower', false, true, 'company,account,sku', '.1%'),
    ('aged_stock_share_181', 'Aged share', '超龄占比', 'ratio', 'lower', false, true, 'company,account,sku', '.1%'),
    ('dead_stock_share', 'Dead share', '呆滞占比', 'ratio', 'lower', false, true, 'company,account,sku', '.1%'),
    ('storage_fees', 'Storage fees', '仓储费', 'money', 'lower', true, false, 'company,account,sku', '$,.0f'),
    ('aged_stock_fees', 'Aged-stock fees', '超龄附加费', 'money', 'lower', true, false, 'company,account,sku', '$,.0f'),
    ('stock_value', 'Stock value', '库存金额', 'money', 'band', false, false, 'company,account,sku', '$,.0f'),
    ('aged_stock_value', 'Value over 180 days', '超龄金额', 'money', 'lower', false, false, 'company,account,sku', '$,.0f'),
    ('estimated_storage_cost', 'Storage a month', '每月仓储费', 'money', 'lower', false, false, 'company,account,sku', '$,.0f'),
    ('estimated_aged_surcharge', 'Aged surcharge a month', '每月超龄附加费', 'money', 'lower', false, false, 'company,account,sku', '$,.0f'),
    ('odr', 'Order defect rate', '订单缺陷率', 'ratio', 'lower', false, false, 'account', '.2%'),
    ('late_shipment_rate', 'Late shipment rate', '迟发率', 'ratio', 'lower', false, false, 'account', '.2%'),
    ('cancel_rate', 'Cancellation rate', '取消率', 'ratio', 'lower', false, false, 'account', '.2%'),
    ('valid_tracking_rate', 'Valid tracking rate', '有效追踪率', 'ratio', 'higher', false, false, 'account', '.1%'),
    ('on_time_delivery_rate', 'On-time delivery', '准时送达率', 'ratio', 'higher', false, false, 'account', '.1%'),
    ('seller_response_rate', 'Response rate', '回复率', 'ratio', 'higher', false, false, 'account', '.1%'),
    ('platform_refund_rate', 'Refund rate of the platform', '平台退款率', 'ratio', 'lower', false, false, 'account', '.1%'),
    ('ipi', 'Inventory performance index', '库存绩效指标', 'score', 'higher', false, false, 'account', ',.0f'),
    ('contacts', 'Contacts', '客户咨询', 'count', 'lower', true, false, 'company,account,person', ',.0f'),
    ('contact_rate', 'Contact rate', '咨询率', 'ratio', 'lower', false, true, 'company,account', '.1%'),
    ('first_response_p50', 'First response, median', '首次响应中位数', 'hours', 'lower', false, false, 'company,account,person', ',.1f'),
    ('first_response_p90', 'First response, 90%', '首次响应 90 分位', 'hours', 'lower', false, false, 'company,account,person', ',.1f'),
    ('response_24h_rate', 'Answered in 24 hours', '24 小时回复率', 'ratio', 'higher', false, true, 'company,account,person', '.1%'),
    ('csat', 'Satisfaction', '满意度', 'ratio', 'higher', false, true, 'company,account,person', '.1%'),
    ('nps', 'NPS', 'NPS', 'score', 'higher', false, true, 'company,account,person', ',.0f'),
    ('seller_rating', 'Seller rating', '卖家评分', 'score', 'higher', false, true, 'company,account', ',.2f'),
    ('negative_feedback_rate', 'Negative feedback', '差评率', 'ratio', 'lower', false, true, 'company,account', '.1%')
) as k (kpi_id, name_en, name_zh, unit, direction, is_additive, is_ratio, entity_kinds, number_format);

insert into kpi.kpi_values
select
    c.kpi_id, e.entity_kind, e.entity_id, 'month', m.start, m.end_day, n.upper, case when c.is_ratio then 100 end,
    case when c.is_ratio then n.upper / 100 else n.upper end, case when c.unit = 'money' then 'USD' end, m.start < date '2026-11-01',
    least(m.end_day, date '2026-11-22')
from kpi.kpi_catalogue as c
inner join kpi.kpi_entities as e on strpos(',' || c.entity_kinds || ',', ',' || e.entity_kind || ',') > 0
cross join (values (date '2026-09-01', date '2026-09-30'), (date '2026-10-01', date '2026-10-31'), (date '2026-11-01', date '2026-11-30')) as m (start, end_day)
cross join lateral (
    select case
        when c.unit = 'ratio' and not c.is_ratio then 0.5 + 0.01 * (length(c.kpi_id) % 7)
        else (1 + (length(e.entity_id) * 7 + length(c.kpi_id) * 3 + extract(month from m.start)::int) % 50)::numeric
    end as upper
) as n
where c.display_order > 100;

-- The platforms' standards, one of each kind, and six weeks of daily figures: Aurora's defects grow by 0.0001 a day, from 0.005.
create table kpi.kpi_standards (
    standard_id text, platform text, kpi_id text, name_en text, name_zh text, comparison text, limit_value numeric, warn_share numeric,
    warn_limit numeric, window_days integer, age_from_days integer, age_to_days integer, fee_unit text, currency text, valid_from date,
    valid_to date, is_limit boolean, is_verified boolean, source text, note text
);
insert into kpi.kpi_standards (standard_id, platform, kpi_id, name_en, name_zh, comparison, limit_value, warn_share, warn_limit, valid_from, valid_to, is_limit) values
('old_odr', 'amazon', 'odr', 'Order defect rate of old', '旧订单缺陷率', 'below', 0.001, 0.7, 0.0007, '2010-01-01', '2015-01-01', true),
('amazon_odr', 'amazon', 'odr', 'Order defect rate', '订单缺陷率', 'below', 0.01, 0.7, 0.007, '2015-01-01', null, true),
('amazon_valid_tracking', 'amazon', 'valid_tracking_rate', 'Valid tracking rate', '有效追踪率', 'at_least', 0.95, 0.7, 0.965, '2015-01-01', null, true),
('amazon_ipi', 'amazon', 'ipi', 'Inventory performance index', '库存绩效指标', 'at_least', 400, 0.7, 571.428571, '2015-01-01', null, true);
insert into kpi.kpi_values
select f.kpi_id, 'account', 'account:' || f.account_id, 'day', d::date, d::date, f.start + f.step * (d::date - date '2026-10-12'), null,
    f.start + f.step * (d::date - date '2026-10-12'), null, true, d::date
from (values
    ('odr', 'aurora_us', 0.005, 0.0001), ('odr', 'borealis_us', 0.012, 0), ('odr', 'cascade_us', 0.001, 0),
    ('valid_tracking_rate', 'aurora_us', 0.96, 0), ('ipi', 'aurora_us', 600, 0)
) as f (kpi_id, account_id, start, step)
cross join generate_series(date '2026-10-12', date '2026-11-22', interval '1 day') as d;

create table kpi.kpi_ad_health as
select
    'ad_group' as entity_kind, v.entity_id, 'month' as grain, v.period_start, 80::numeric - 30 * (row_number() over (order by v.entity_id, v.period_start) % 2) as score,
    50::numeric as acos_target_score, 20::numeric as acos_target_weight, 10::numeric as acos_target_points_lost, 60::numeric as acos_break_even_score,
    20::numeric as acos_break_even_weight, 8::numeric as acos_break_even_points_lost, 4::numeric as conversion_points_lost, 2::numeric as ctr_points_lost,
    1::numeric as cpc_points_lost, 0::numeric as budget_points_lost, cast(null as numeric) as waste_points_lost, 'waste' as missing_parts, 'USD' as currency,
    1000::numeric as impressions, 100::numeric as clicks, v.numerator as ad_cost, 10::numeric as ad_purchases, v.denominator as ad_sales, v.value as acos,
    0.25::numeric as target_acos, 0.2::numeric as break_even_acos, 0.1::numeric as conversion_rate, 0.1::numeric as ctr, 0.9::numeric as budget_use,
    0.05::numeric as waste_share
from kpi.kpi_values as v
where v.kpi_id = 'acos' and v.entity_kind = 'ad_group' and v.grain = 'month';

create schema if not exists marts;
create table marts.ad_target_months as
select entity_id as ad_group_key, date '2026-11-01' as month_start, 'kettle ' || n as target_text, 10 * n as clicks, n % 2 as purchases,
    (n % 2) * 40::numeric as sales, 5::numeric * n as account_cost, 'USD' as account_currency
from kpi.kpi_entities cross join generate_series(1, 4) as n where entity_kind = 'ad_group';
create table marts.fct_ad_targets as
select ad_group_key, 'search_term' as target_kind, 'buy ' || target_text as search_term, 'USD' as currency, date '2026-11-05' as date_day, clicks, purchases,
    account_cost as cost, sales
from marts.ad_target_months;
create table marts.stock_position as
select
    entity_id as sku_key, sku, account_id, date '2026-11-22' as date_day, n * 10 as stock_units, 5 as inbound_units, n * 100::numeric as stock_value, 'USD' as currency,
    n::numeric as days_of_supply, n + 5::numeric as days_of_supply_with_inbound, 30 as units_shipped_30, 40 as lead_time_days, n as aged_stock_units_181,
    n * 10::numeric as aged_stock_value, 0 as dead_stock_units, 0 as excess_units, 1.5::numeric as estimated_storage_cost, 0.5::numeric as estimated_aged_surcharge,
    case n % 3 when 0 then 'reorder_now' when 1 then 'reorder_soon' else 'ok' end as reorder_hint, 20 as reorder_units,
    case n % 2 when 0 then 'clear_aged' else 'ok' end as clearance_hint, n as clearance_units,
    n * 5 as stock_age_0_90, n * 2 as stock_age_91_180, n as stock_age_181_270, n as stock_age_271_365, n as stock_age_366_plus,
    n * 50::numeric as stock_age_0_90_value, n * 20::numeric as stock_age_91_180_value, n * 10::numeric as stock_age_181_270_value,
    n * 10::numeric as stock_age_271_365_value, n * 10::numeric as stock_age_366_plus_value
from (select e.*, (row_number() over (order by entity_id) - 1)::int as n from kpi.kpi_entities as e where entity_kind = 'sku') as s;
