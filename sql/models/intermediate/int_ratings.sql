-- One row per rating of the seller (stars) and of a solved contact (good or bad), on the day on which the buyer gave it.
with tickets as (
    select
        stg_tickets.desk_id as desk_id,
        stg_tickets.ticket_id as ticket_id,
        stg_tickets.agent_email as agent,
        selling.account_id as account_id
    from {{ ref('stg_zendesk__tickets') }} as stg_tickets
    left outer join {{ ref('int_selling_accounts') }} as selling on stg_tickets.selling_account = selling.account_name
),

-- Ratings name agents by the desk's number; tickets know their e-mails.
agents_ranked as (
    select
        stg_tickets.desk_id as desk_id,
        stg_tickets.assignee_id as assignee_id,
        stg_tickets.agent_email as agent,
        row_number() over (
            partition by stg_tickets.desk_id, stg_tickets.assignee_id
            order by stg_tickets.updated_at desc nulls last, stg_tickets.ticket_id desc nulls last
        ) as agent_rank
    from {{ ref('stg_zendesk__tickets') }} as stg_tickets
    where stg_tickets.assignee_id is not null and stg_tickets.agent_email is not null
),

all_ratings as (
    select
        'feedback/' || feedback.account_id
        || '/' || cast(feedback.date_day as {{ dbt.type_string() }})
        || '/' || feedback.order_id as rating_key,
        'amazon_sp.feedback' as stream,
        feedback.account_id as account_id,
        feedback.date_day as date_day,
        cast(null as {{ dbt.type_string() }}) as agent,
        feedback.rating as stars,
        cast(null as boolean) as is_good,
        feedback.load_id as load_id
    from {{ ref('stg_amazon_sp__feedback') }} as feedback
    where feedback.rating between 1 and 5

    union all

    select
        'satisfaction/' || ratings.desk_id || '/' || cast(ratings.rating_id as {{ dbt.type_string() }}) as rating_key,
        'zendesk.satisfaction_ratings' as stream,
        coalesce(tickets.account_id, ratings.desk_id) as account_id,
        {{ marketplace_day('ratings.updated_at', "coalesce(accounts.time_zone, '" ~ var('default_time_zone') ~ "')") }} as date_day,
        case when ratings.assignee_id is null then tickets.agent else agents_ranked.agent end as agent,
        cast(null as integer) as stars,
        ratings.is_good as is_good,
        ratings.load_id as load_id
    from {{ ref('stg_zendesk__satisfaction_ratings') }} as ratings
    left outer join tickets on ratings.desk_id = tickets.desk_id and ratings.ticket_id = tickets.ticket_id
    left outer join agents_ranked
        on
            ratings.desk_id = agents_ranked.desk_id
            and ratings.assignee_id = agents_ranked.assignee_id
            and agents_ranked.agent_rank = 1
    left outer join {{ ref('stg_pipeline__accounts') }} as accounts on coalesce(tickets.account_id, ratings.desk_id) = accounts.account_id
    where ratings.is_good is not null
)

select
    all_ratings.rating_key as rating_key,
    all_ratings.account_id as account_id,
    all_ratings.date_day as date_day,
    all_ratings.stream as stream,
    all_ratings.agent as agent,
    agents.person_key as person_key,
    all_ratings.stars as stars,
    all_ratings.is_good as is_good,
    all_ratings.account_id
    || '|' || cast(all_ratings.date_day as {{ dbt.type_string() }})
    || '|' || coalesce(agents.person_key, '')
    || '|' || coalesce(cast(all_ratings.stars as {{ dbt.type_string() }}), '')
    || '|' || case when all_ratings.is_good then 'good' when not all_ratings.is_good then 'bad' else '' end as signature,
    all_ratings.load_id as load_id
from all_ratings
left outer join {{ ref('int_agents') }} as agents on all_ratings.agent = agents.agent
