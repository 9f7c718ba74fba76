-- One row per source, account and day that has rows of the source.
{%- for source, about in measure_sources().items() %}
select
    '{{ source }}' as source,
    facts.account_id as account_id,
    facts.date_day as date_day
from {{ ref(about.model) }} as facts
group by facts.account_id, facts.date_day
{%- if not loop.last %}

union all
{% endif %}
{%- endfor %}
