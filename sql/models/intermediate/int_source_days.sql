-- One row per source, account and day that has rows of the source, or that one of its documents says it covers.
{%- for source, about in account_facts().items() %}
select
    '{{ source }}' as source,
    substring(measured.entity_id, 9) as account_id,
    measured.period_start as date_day
from {{ ref('measures_' ~ source) }} as measured
where measured.entity_kind = 'account' and measured.grain = 'day'
{%- if about.days %}

union all

select
    '{{ source }}' as source,
    covered_days.account_id as account_id,
    covered_days.date_day as date_day
from {{ ref(about.days) }} as covered_days
{%- endif %}
{%- if not loop.last %}

union all
{% endif %}
{%- endfor %}
