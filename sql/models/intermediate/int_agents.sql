-- One row per name that a helpdesk knows an agent by (e-mail, else employee id, in lower case) and the person it is.
with names as (
    select
        lower(trim(staff.email)) as agent,
        1 as precedence,
        staff.person_id as person_id
    from {{ ref('int_staff_latest') }} as staff
    where trim(staff.email) <> ''

    union all

    select
        lower(trim(staff.person_id)) as agent,
        2 as precedence,
        staff.person_id as person_id
    from {{ ref('int_staff_latest') }} as staff
),

ranked as (
    select
        names.agent as agent,
        names.person_id as person_id,
        row_number() over (
            partition by names.agent
            order by names.precedence asc nulls last, names.person_id asc nulls last
        ) as name_rank
    from names
)

select
    ranked.agent as agent,
    'person:' || ranked.person_id as person_key
from ranked
where ranked.name_rank = 1
