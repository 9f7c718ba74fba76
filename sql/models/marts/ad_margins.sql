-- One row per ad group and per campaign, grain and period with advertised SKUs: the margin before ads that their ad sales carry. A SKU's
-- rate is its margin before ads by its net sales of the period; SKUs are weighted by what their ads sold. SKUs without net sales in the
-- period carry no weight; one whose margin isn't known leaves the sum without a value.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched(touched_grains_condition(kpi_grains(), ['ads'] + margin_sources())) }}",
    post_hook="{{ analyze_changed(this) }}",
    indexes=[{'columns': ['entity_id', 'grain', 'period_start'], 'unique': true}]
) }}
{%- set rebuild = is_rebuild() %}
{%- set sources = ['ads'] + margin_sources() %}

with
{%- for grain in ['day', 'week'] %}
{{ grain }}_sales as (
    {{ advertised_sku_sums(grain, 'period_start', none if rebuild else touched_starts(grain, sources)) }}
),
{%- endfor %}

sku_sales as (
    {%- for grain in ['day', 'week'] %}
    {%- if not loop.first %}

    union all
    {% endif %}
    select
        '{{ grain }}' as grain,
        {{ grain }}_sales.*
    from {{ grain }}_sales
    {%- endfor %}
    {%- for grain in ['month', 'quarter', 'year'] %}

    union all

    select
        '{{ grain }}' as grain,
        months.account_id as account_id,
        months.account_currency as account_currency,
        months.campaign_key as campaign_key,
        months.ad_group_key as ad_group_key,
        months.sku_key as sku_key,
        {{ period_start(grain, 'months.month_start') }} as period_start,
        sum(months.ad_sales) as ad_sales,
        sum(months.unconverted_rows) as unconverted_rows
    from {{ ref('ad_sku_months') }} as months
    {%- if not rebuild %}
    where
        {{ period_start(grain, 'months.month_start') }} in ({{ touched_starts(grain, sources) }})
        and {{ within_touched('months.month_start', touched_starts(grain, sources), grain) }}
    {%- endif %}
    group by
        months.account_id,
        months.account_currency,
        months.campaign_key,
        months.ad_group_key,
        months.sku_key,
        {{ period_start(grain, 'months.month_start') }}
    {%- endfor %}
),

-- Of the touched periods, by bounds that reach the tables of measures below.
margins as (
    {%- for grain in kpi_grains() %}
    {%- if not loop.first %}

    union all
    {% endif %}
    select
        sku_margins.entity_id as entity_id,
        sku_margins.grain as grain,
        sku_margins.period_start as period_start,
        sku_margins.net_sales as net_sales,
        sku_margins.margin_before_ads as margin_before_ads
    from {{ ref('int_margins') }} as sku_margins
    where
        sku_margins.entity_kind = 'sku'
        and sku_margins.grain = '{{ grain }}'
        {%- if not rebuild %}
        and {{ within_touched('sku_margins.period_start', touched_starts(grain, sources)) }}
        {%- endif %}
    {%- endfor %}
),

weighted as (
    select
        sku_sales.*,
        margins.margin_before_ads as margin_before_ads,
        coalesce(margins.net_sales > 0 and sku_sales.ad_sales <> 0, false) as has_weight,
        cast(sku_sales.ad_sales as double precision)
        * cast(margins.margin_before_ads as double precision)
        / nullif(cast(margins.net_sales as double precision), 0) as margin_of_ad_sales
    from sku_sales
    left outer join margins
        on
            sku_sales.sku_key = margins.entity_id
            and sku_sales.grain = margins.grain
            and sku_sales.period_start = margins.period_start
)
{%- for kind in ['ad_group', 'campaign'] %}

{% if not loop.first %}union all

{% endif -%}
select
    '{{ kind }}' as entity_kind,
    weighted.{{ kind }}_key as entity_id,
    weighted.grain as grain,
    weighted.period_start as period_start,
    weighted.account_currency as currency,
    cast(
        case
            when sum(weighted.unconverted_rows) > 0 then null
            when sum(case when weighted.has_weight and weighted.margin_before_ads is null then 1 else 0 end) > 0 then null
            else sum(case when weighted.has_weight then weighted.margin_of_ad_sales end)
        end as numeric
    ) as margin_of_ad_sales,
    cast(
        case
            when sum(weighted.unconverted_rows) > 0 then null
            else sum(case when weighted.has_weight then weighted.ad_sales end)
        end as numeric
    ) as weighted_ad_sales,
    count(*) as advertised_skus,
    sum(case when weighted.has_weight then 1 else 0 end) as weighted_skus
from weighted
where weighted.{{ kind }}_key is not null
group by weighted.{{ kind }}_key, weighted.grain, weighted.period_start, weighted.account_currency
{%- endfor %}
