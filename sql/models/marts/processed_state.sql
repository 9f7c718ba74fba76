-- Costs, assignments and accounts as the last whole build used them. Written last; see macros/incremental.sql.
-- depends_on: {{ ref('entity_measures') }}
select
    state_current.state_kind as state_kind,
    state_current.state_key as state_key,
    state_current.account_id as account_id,
    state_current.sku as sku,
    state_current.signature as signature
from {{ ref('int_state_current') }} as state_current
