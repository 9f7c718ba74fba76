-- One row per official threshold and span of validity. The warning begins when warn_share of what a platform allows is used up: of a
-- limit above, of the misses that a lowest rate leaves, or that much above a lowest figure.
{{ config(materialized='table') }}

select
    standards.standard_id as standard_id,
    standards.platform as platform,
    standards.kpi_id as kpi_id,
    standards.name_en as name_en,
    standards.name_zh as name_zh,
    standards.comparison as comparison,
    standards.limit_value as limit_value,
    standards.warn_share as warn_share,
    cast(
        case
            when not standards.is_limit or standards.warn_share is null then null
            when standards.comparison in ('below', 'at_most') then standards.limit_value * standards.warn_share
            when standards.limit_value <= 1 then 1 - (1 - standards.limit_value) * standards.warn_share
            else round(standards.limit_value / nullif(standards.warn_share, 0), 6)
        end as numeric
    ) as warn_limit,
    standards.window_days as window_days,
    standards.age_from_days as age_from_days,
    standards.age_to_days as age_to_days,
    standards.fee_unit as fee_unit,
    standards.currency as currency,
    standards.valid_from as valid_from,
    standards.valid_to as valid_to,
    standards.is_limit as is_limit,
    standards.is_verified as is_verified,
    standards.source as source,
    standards.note as note
from {{ ref('standards') }} as standards
