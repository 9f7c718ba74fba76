-- One row per ERP, snapshot day and promotion or season; both days are inclusive.
select
    promotions._account_id as erp_account_id,
    promotions.snapshot_date as snapshot_date,
    promotions.promotion_id as promotion_id,
    lower(trim(promotions.kind)) as kind,
    promotions.promotion_name as promotion_name,
    nullif(lower(trim(promotions.platform)), '') as platform,
    nullif(trim(promotions.account_id), '') as account_id,
    promotions.starts_on as starts_on,
    promotions.ends_on as ends_on,
    promotions.threshold_factor as threshold_factor,
    promotions.pace_factor as pace_factor,
    promotions._loaded_at as loaded_at
from {{ source('raw', 'erp__promotions') }} as promotions
