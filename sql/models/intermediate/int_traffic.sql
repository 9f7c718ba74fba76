-- One row per account and day, or product and day, of every platform's traffic report.
select
    report_rows.*,
    'amazon_sp.sales_and_traffic' as stream,
    report_rows.period_start as date_day
from {{ ref('stg_amazon_sp__sales_and_traffic') }} as report_rows
