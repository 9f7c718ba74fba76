-- One row per entity, day and score. Where two ERPs state the same, the later load is believed. Surveys of accounts add up to their
-- platform's and the company's on days for which these have none of their own.
with ranked as (
    select
        stg_scores.*,
        row_number() over (
            partition by stg_scores.date_day, stg_scores.entity_id, stg_scores.score
            order by stg_scores.loaded_at desc nulls last, stg_scores.erp_account_id asc nulls last
        ) as score_rank
    from {{ ref('stg_erp__scores') }} as stg_scores
),

stated as (
    select
        ranked.erp_account_id as account_id,
        ranked.date_day as date_day,
        ranked.entity_kind as entity_kind,
        ranked.entity_id as entity_id,
        ranked.score as score,
        ranked.value as value,
        case when ranked.is_survey then ranked.promoters end as promoters,
        case when ranked.is_survey then ranked.detractors end as detractors,
        case when ranked.is_survey then ranked.responses end as responses,
        ranked.load_id as load_id
    from ranked
    where ranked.score_rank = 1 and (ranked.value is not null or ranked.is_survey)
),

account_surveys as (
    select
        stated.account_id as account_id,
        stated.date_day as date_day,
        stated.score as score,
        accounts.platform_key as platform_key,
        'company' as company_key,
        stated.promoters as promoters,
        stated.detractors as detractors,
        stated.responses as responses,
        stated.load_id as load_id
    from stated
    inner join {{ ref('dim_accounts') }} as accounts on stated.entity_id = accounts.account_key
    where stated.responses is not null
),

added_up as (
    {%- for kind, key in [('platform', 'platform_key'), ('company', 'company_key')] %}
    select
        min(account_surveys.account_id) as account_id,
        account_surveys.date_day as date_day,
        '{{ kind }}' as entity_kind,
        account_surveys.{{ key }} as entity_id,
        account_surveys.score as score,
        sum(account_surveys.promoters) as promoters,
        sum(account_surveys.detractors) as detractors,
        sum(account_surveys.responses) as responses,
        max(cast(account_surveys.load_id as {{ dbt.type_string() }})) as load_id
    from account_surveys
    group by account_surveys.date_day, account_surveys.{{ key }}, account_surveys.score
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}
),

all_scores as (
    select
        stated.account_id as account_id,
        stated.date_day as date_day,
        stated.entity_kind as entity_kind,
        stated.entity_id as entity_id,
        stated.score as score,
        false as is_added_up,
        stated.value as value,
        stated.promoters as promoters,
        stated.detractors as detractors,
        stated.responses as responses,
        cast(stated.load_id as {{ dbt.type_string() }}) as load_id
    from stated

    union all

    select
        added_up.account_id as account_id,
        added_up.date_day as date_day,
        added_up.entity_kind as entity_kind,
        added_up.entity_id as entity_id,
        added_up.score as score,
        true as is_added_up,
        cast(null as numeric) as value,
        added_up.promoters as promoters,
        added_up.detractors as detractors,
        added_up.responses as responses,
        added_up.load_id as load_id
    from added_up
    left outer join stated
        on added_up.entity_id = stated.entity_id and added_up.date_day = stated.date_day and added_up.score = stated.score
    where stated.entity_id is null
)

select
    all_scores.score
    || '/' || all_scores.entity_id
    || '/' || cast(all_scores.date_day as {{ dbt.type_string() }}) as score_key,
    all_scores.account_id as account_id,
    all_scores.date_day as date_day,
    all_scores.entity_kind as entity_kind,
    all_scores.entity_id as entity_id,
    all_scores.score as score,
    all_scores.is_added_up as is_added_up,
    all_scores.value as value,
    all_scores.promoters as promoters,
    all_scores.detractors as detractors,
    all_scores.responses as responses,
    all_scores.load_id as load_id
from all_scores
