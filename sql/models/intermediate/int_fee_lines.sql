-- One row per stream, kind of charge and span of validity: the line of the margin that it belongs to ('*': all types of the group).
select
    fee_lines.stream as stream,
    {{ charge_name('fee_lines.charge_group') }} as charge_group,
    {{ charge_name('fee_lines.charge_type') }} as charge_type,
    fee_lines.line as line,
    fee_lines.valid_from as valid_from,
    coalesce(fee_lines.valid_to, cast('9999-12-31' as date)) as valid_to
from {{ ref('fee_lines') }} as fee_lines
