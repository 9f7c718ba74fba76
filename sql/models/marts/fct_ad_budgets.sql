-- One row per account, day and campaign with a daily budget, on days of which the account has a campaign report of the ad product. The
-- snapshot of the day is the budget that held; without one it is what the campaign report says.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_touched(touched_days_condition('ad_budgets')) }}",
    indexes=[{'columns': ['account_id', 'date_day']}, {'columns': ['date_day']}]
) }}

with known as (
    select budget_rows.*
    from {{ ref('int_ad_budgets') }} as budget_rows
    {%- if not is_rebuild() %}
    where (budget_rows.account_id, budget_rows.date_day) in {{ touched_days('ad_budgets') }}
    {%- endif %}
),

campaign_days as (
    select
        known.account_id as account_id,
        known.date_day as date_day,
        known.ad_product as ad_product,
        known.campaign_id as campaign_id,
        max(known.currency) as currency,
        sum(case when known.row_role = 'report' then 1 else 0 end) as report_rows,
        sum(case when known.row_role = 'snapshot' then 1 else 0 end) as snapshot_rows,
        sum(case when known.row_role = 'snapshot' and known.is_running then 1 else 0 end) as running_rows,
        sum(case when known.budget_type = 'LIFETIME' then 1 else 0 end) as lifetime_rows,
        max(case when known.row_role = 'snapshot' then known.budget end) as snapshot_budget,
        max(case when known.row_role = 'report' then known.budget end) as reported_budget,
        coalesce(sum(known.cost), 0) as budgeted_ad_cost
    from known
    group by known.account_id, known.date_day, known.ad_product, known.campaign_id
),

reported_days as (
    select
        campaign_days.account_id as account_id,
        campaign_days.date_day as date_day,
        campaign_days.ad_product as ad_product
    from campaign_days
    where campaign_days.report_rows > 0
    group by campaign_days.account_id, campaign_days.date_day, campaign_days.ad_product
),

budgeted as (
    select
        campaign_days.*,
        case
            when campaign_days.lifetime_rows > 0 then null
            when campaign_days.snapshot_rows > 0
                then case when campaign_days.report_rows > 0 or campaign_days.running_rows > 0 then campaign_days.snapshot_budget end
            else campaign_days.reported_budget
        end as ad_budget
    from campaign_days
    inner join reported_days
        on
            campaign_days.account_id = reported_days.account_id
            and campaign_days.date_day = reported_days.date_day
            and campaign_days.ad_product = reported_days.ad_product
)

select
    budgeted.account_id as account_id,
    budgeted.date_day as date_day,
    budgeted.ad_product as ad_product,
    budgeted.campaign_id as campaign_id,
    {{ campaign_key('budgeted.account_id', 'budgeted.campaign_id') }} as campaign_key,
    cast(null as {{ dbt.type_string() }}) as ad_group_key,
    coalesce(budgeted.currency, accounts.currency) as currency,
    budgeted.snapshot_rows > 0 as is_snapshot,
    budgeted.ad_budget as ad_budget,
    budgeted.budgeted_ad_cost as budgeted_ad_cost
from budgeted
inner join {{ ref('dim_accounts') }} as accounts on budgeted.account_id = accounts.account_id
where budgeted.ad_budget > 0
