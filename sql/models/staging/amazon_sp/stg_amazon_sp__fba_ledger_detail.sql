-- One row per event of the ledger; equal events are told apart by line_number. Positive units come into the disposition.
select
    report_rows._account_id as account_id,
    report_rows.date as date_day,
    report_rows.event_at as event_at,
    report_rows.fnsku as fnsku,
    report_rows.asin as asin,
    report_rows.msku as sku,
    upper(report_rows.disposition) as disposition,
    report_rows.event_type as event_type,
    report_rows.reference_id as reference_id,
    report_rows.fulfillment_center as fulfillment_center,
    report_rows.reason as reason,
    report_rows.country as country,
    report_rows.line_number as line_number,
    cast(report_rows.quantity as bigint) as units,
    cast(report_rows.reconciled_quantity as bigint) as reconciled_units,
    cast(report_rows.unreconciled_quantity as bigint) as unreconciled_units,
    report_rows._load_id as load_id,
    report_rows._loaded_at as loaded_at
from {{ source('raw', 'amazon_sp__fba_ledger_detail') }} as report_rows
