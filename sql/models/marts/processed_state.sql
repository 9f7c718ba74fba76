-- Costs, assignments, rates and accounts as the last whole build used them. Written last; see macros/incremental.sql.
{%- for source in facts() %}
-- depends_on: {{ ref('measures_' ~ source) }}
{%- endfor %}
select
    state_current.state_kind as state_kind,
    state_current.state_key as state_key,
    state_current.source as source,
    state_current.account_id as account_id,
    state_current.sku as sku,
    state_current.person_key as person_key,
    state_current.from_day as from_day,
    state_current.to_day as to_day,
    state_current.signature as signature
from {{ ref('int_state_current') }} as state_current
