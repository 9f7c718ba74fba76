-- What the parts lost is exactly what the score lacks, weights are 100 in all, and nothing leaves 0 to 100. Rows break that.
{%- set parts = ad_health_parts() %}
select
    health.entity_id as entity_id,
    health.grain as grain,
    health.period_start as period_start,
    health.score as score
from {{ ref('kpi_ad_health') }} as health
where
    health.score is not null
    and (
        health.score < 0
        or health.score > 100
        or 100 - health.score
        <> (
            {%- for part in parts %}
            {{ '+ ' if not loop.first }}coalesce(health.{{ part.name }}_points_lost, 0)
            {%- endfor %}
        )
        or 100 <> (
            {%- for part in parts %}
            {{ '+ ' if not loop.first }}coalesce(health.{{ part.name }}_weight, 0)
            {%- endfor %}
        )
        {%- for part in parts %}

        or health.{{ part.name }}_points_lost < 0
        or health.{{ part.name }}_score not between 0 and 100
        {%- endfor %}
    )
