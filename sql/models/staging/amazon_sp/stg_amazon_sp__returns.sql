-- One row per unit or units that Amazon received back (FBA), on the marketplace's day of their receipt.
select
    returned._account_id as account_id,
    returned.return_day as date_day,
    returned.returned_at as returned_at,
    returned.order_id as order_id,
    nullif(trim(returned.sku), '') as sku,
    returned.asin as asin,
    cast(returned.quantity as bigint) as quantity,
    returned.detailed_disposition as disposition,
    returned.reason as reason,
    returned.status as return_status,
    returned.license_plate_number as license_plate_number,
    returned._load_id as load_id,
    returned._loaded_at as loaded_at
from {{ source('raw', 'amazon_sp__returns') }} as returned
