-- One row per account, day, product and category of a rank snapshot.
select
    ranks.account_id as account_id,
    ranks.date_day as date_day,
    ranks.asin as asin,
    ranks.rank_kind as rank_kind,
    ranks.sales_rank as sales_rank,
    ranks.load_id as load_id
from {{ ref('stg_amazon_sp__rank') }} as ranks
