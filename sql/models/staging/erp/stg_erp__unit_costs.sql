-- One row per ERP, snapshot day, SKU and first day of validity; valid_to is the first day it no longer holds.
select
    unit_costs._account_id as erp_account_id,
    unit_costs.snapshot_date as snapshot_date,
    unit_costs.sku as sku,
    unit_costs.valid_from as valid_from,
    unit_costs.valid_to as valid_to,
    unit_costs.unit_cost as unit_cost,
    upper(unit_costs.currency) as currency,
    unit_costs._loaded_at as loaded_at
from {{ source('raw', 'erp__unit_costs') }} as unit_costs
