-- Every day of a stock snapshot is in the facts, but for Walmart's, where a day may lack one of the two streams. Rows are lost days.
with staged as (
    select
        inventory.account_id as account_id,
        inventory.date_day as date_day
    from {{ ref('int_inventory') }} as inventory
    where inventory.stream not in ('walmart.inventory', 'walmart.wfs_inventory')
    group by inventory.account_id, inventory.date_day
),

facts as (
    select
        inventory.account_id as account_id,
        inventory.date_day as date_day
    from {{ ref('fct_inventory') }} as inventory
    group by inventory.account_id, inventory.date_day
)

select
    staged.account_id as account_id,
    staged.date_day as date_day
from staged
inner join {{ ref('dim_accounts') }} as accounts on staged.account_id = accounts.account_id
left outer join facts on staged.account_id = facts.account_id and staged.date_day = facts.date_day
where facts.account_id is null
