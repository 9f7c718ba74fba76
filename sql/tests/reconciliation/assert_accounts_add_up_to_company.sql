-- The company is the sum of its platforms and of its accounts, at every grain and for every measure that adds up, where all accounts are in
-- the reporting currency and every row could be converted. Contacts aren't among them: some are of no known selling account.
{%- set sources = [] %}
{%- for source, about in account_facts().items() if about.by != 'agent' %}{% do sources.append(source) %}{% endfor %}
{%- for source in sources %}
-- depends_on: {{ ref('measures_' ~ source) }}
{%- endfor %}
{%- if execute %}
with {% for source in sources %}{{ source }}_parts as (
    select
        measures.grain as grain,
        measures.period_start as period_start,
        measures.entity_kind as entity_kind,
        {%- for measure in added_measures_of(source) %}
        sum(measures.{{ measure.name }}) as {{ measure.name }},
        {%- endfor %}
        sum(case when measures.currency <> '{{ reporting_currency() }}' then 1 else measures.unconverted_rows end) as incomparable
    from {{ ref('measures_' ~ source) }} as measures
    where measures.entity_kind in ('platform', 'account')
    group by measures.grain, measures.period_start, measures.entity_kind
){% if not loop.last %},

{% endif %}{% endfor %}
{%- for source in sources %}

{% if not loop.first %}union all

{% endif -%}
select
    '{{ source }}' as source,
    company.grain as grain,
    company.period_start as period_start,
    parts.entity_kind as entity_kind
from {{ ref('measures_' ~ source) }} as company
inner join {{ source }}_parts as parts
    on company.grain = parts.grain and company.period_start = parts.period_start
where
    company.entity_kind = 'company'
    and (
        false
        {%- for measure in added_measures_of(source) %}
        or (
            company.{{ measure.name }} is distinct from parts.{{ measure.name }}
            {%- if measure.is_money %}
            and company.unconverted_rows = 0
            and parts.incomparable = 0
            {%- endif %}
        )
        {%- endfor %}
    )
{%- endfor %}
{%- else %}
select 1 as nothing
{%- endif %}
