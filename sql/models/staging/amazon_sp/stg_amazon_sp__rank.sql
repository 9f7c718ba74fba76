-- One row per account, snapshot day, product and category. display_group is the store (main category), classification a browse node.
select
    report_rows._account_id as account_id,
    report_rows.snapshot_date as date_day,
    report_rows.asin as asin,
    lower(report_rows.rank_kind) as rank_kind,
    report_rows.category_id as category_id,
    report_rows.category_title as category_title,
    cast(report_rows.rank as bigint) as sales_rank,
    report_rows._load_id as load_id,
    report_rows._loaded_at as loaded_at
from {{ source('raw', 'amazon_sp__rank') }} as report_rows
