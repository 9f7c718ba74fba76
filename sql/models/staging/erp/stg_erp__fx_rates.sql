-- One row per ERP, day and pair of currencies: what one unit of the first is worth in the second.
select
    fx_rates._account_id as erp_account_id,
    fx_rates.date as date_day,
    upper(trim(fx_rates.from_currency)) as from_currency,
    upper(trim(fx_rates.to_currency)) as to_currency,
    fx_rates.rate as rate,
    fx_rates._load_id as load_id
from {{ source('raw', 'erp__fx_rates') }} as fx_rates
where fx_rates.rate > 0
