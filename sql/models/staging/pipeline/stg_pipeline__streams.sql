-- One row per stream that the pipeline knows: how long its figures move, and how far behind it is by its nature.
select
    streams.platform as platform,
    streams.stream as stream,
    streams.settled_days as settled_days,
    streams.lag_days as lag_days
from {{ source('raw', 'streams') }} as streams
