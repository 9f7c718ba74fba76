-- One row per ERP, snapshot day, SKU and first day of validity; valid_to is the first day it no longer holds.
select
    landed_costs._account_id as erp_account_id,
    landed_costs.snapshot_date as snapshot_date,
    landed_costs.sku as sku,
    landed_costs.valid_from as valid_from,
    landed_costs.valid_to as valid_to,
    landed_costs.freight_per_unit as freight_per_unit,
    landed_costs.tariff_per_unit as tariff_per_unit,
    upper(landed_costs.currency) as currency,
    landed_costs._loaded_at as loaded_at
from {{ source('raw', 'erp__landed_costs') }} as landed_costs
