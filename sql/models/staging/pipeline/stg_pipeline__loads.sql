-- One row per attempt to load a window of a stream of an account.
select
    loads.load_id as load_id,
    loads.platform as platform,
    loads.stream as stream,
    loads.account_id as account_id,
    loads.mode as mode,
    loads.window_start as window_start,
    loads.window_end as window_end,
    loads.rows_loaded as rows_loaded,
    coalesce(loads.rows_quarantined, 0) as rows_quarantined,
    loads.state as state,
    loads.error as error,
    loads.started_at as started_at,
    loads.finished_at as finished_at
from {{ source('raw', 'load_ledger') }} as loads
