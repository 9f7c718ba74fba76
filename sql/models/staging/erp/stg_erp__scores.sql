-- One row per ERP, day, entity and score that was entered or filed. A survey counts with promoters, detractors and responses all given.
select
    scores._account_id as erp_account_id,
    scores.date as date_day,
    lower(trim(scores.entity_kind)) as entity_kind,
    {{ stated_entity_id('scores.entity_kind', 'scores.entity_id') }} as entity_id,
    lower(trim(scores.score)) as score,
    scores.value as value,
    scores.promoters as promoters,
    scores.detractors as detractors,
    scores.responses as responses,
    scores.promoters is not null and scores.detractors is not null and scores.responses is not null as is_survey,
    scores._load_id as load_id,
    scores._loaded_at as loaded_at
from {{ source('raw', 'erp__scores') }} as scores
