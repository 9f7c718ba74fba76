-- The company is the sum of its platforms and of its accounts (where all are in the reporting currency), at every grain.
with summed as (
    select
        measures.grain as grain,
        measures.period_start as period_start,
        measures.entity_kind as entity_kind,
        sum(measures.gmv) as gmv,
        sum(measures.units) as units,
        sum(measures.orders) as orders,
        sum(measures.sessions) as sessions,
        sum(measures.ad_cost) as ad_cost,
        sum(case when measures.currency <> '{{ var("reporting_currency") }}' then 1 else 0 end) as foreign_entities,
        sum(measures.sales_foreign_rows + measures.ads_foreign_rows) as foreign_rows
    from {{ ref('entity_measures') }} as measures
    where measures.entity_kind in ('company', 'platform', 'account')
    group by measures.grain, measures.period_start, measures.entity_kind
)

select
    company.grain as grain,
    company.period_start as period_start,
    parts.entity_kind as entity_kind,
    company.gmv as company_gmv,
    parts.gmv as parts_gmv
from summed as company
inner join summed as parts on company.grain = parts.grain and company.period_start = parts.period_start
where
    company.entity_kind = 'company'
    and parts.entity_kind <> 'company'
    and (
        company.units is distinct from parts.units
        or company.orders is distinct from parts.orders
        or company.sessions is distinct from parts.sessions
        or (
            company.foreign_rows = 0
            and parts.foreign_rows = 0
            and parts.foreign_entities = 0
            and (company.gmv is distinct from parts.gmv or company.ad_cost is distinct from parts.ad_cost)
        )
    )
