-- One row per row of the economics data set: a SKU's day or range of days (row_level product), or one charge of it (fee, ad).
select
    economics._account_id as account_id,
    economics.row_level as row_level,
    economics.start_date as period_start,
    economics.end_date as period_end,
    economics.msku as sku,
    economics.child_asin as asin,
    upper(coalesce(economics.currency, accounts.currency)) as currency,
    cast(economics.units_ordered as bigint) as units_ordered,
    cast(economics.units_refunded as bigint) as units_refunded,
    cast(economics.net_units_sold as bigint) as net_units_sold,
    economics.ordered_product_sales as ordered_product_sales,
    economics.refunded_product_sales as refunded_product_sales,
    economics.net_product_sales as net_product_sales,
    economics.net_proceeds_total as net_proceeds,
    economics.charge_type as charge_type,
    economics.charge_id as charge_id,
    economics.charge_start_date as charge_start_date,
    economics.charge_end_date as charge_end_date,
    economics.charge_quantity as charge_quantity,
    -- What the seller pays, positive: after promotions, with tax.
    coalesce(
        economics.total_amount,
        economics.amount - coalesce(economics.promotion_amount, 0) + coalesce(economics.tax_amount, 0)
    ) as charge_amount,
    economics._load_id as load_id,
    economics._loaded_at as loaded_at
from {{ source('raw', 'amazon_sp__economics') }} as economics
left outer join {{ ref('stg_pipeline__accounts') }} as accounts on economics._account_id = accounts.account_id
