-- One row per source, account and day that has rows of the source.
{%- for source in account_facts() %}
select
    '{{ source }}' as source,
    substring(measured.entity_id, 9) as account_id,
    measured.period_start as date_day
from {{ ref('measures_' ~ source) }} as measured
where measured.entity_kind = 'account' and measured.grain = 'day'
{%- if not loop.last %}

union all
{% endif %}
{%- endfor %}
