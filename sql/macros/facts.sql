{#
    The facts: every source of measures, the one place that names them. A fact's measures are those of its semantic model in
    models/kpis/ (`config.meta.source`), its sums per entity and period are in marts.measures_<source>.

    model       the fact; account_id, date_day, `currency` where it holds money, the keys that `by` needs
    by          what its rows are laid to:
                  sku      sku_key: company, platform, account, category, SKU; its team and person by the day's assignment
                  ad       the same, and campaign_key and ad_group_key
                  account  company, platform, account
                  agent    the same, and person_key of its own: person and the person's team on the day
                  entity   entity_kind and entity_id of its own; no account
    rows        the view that the fact is made of: account_id, date_day, load_id, document_key where it has documents
    documents   the fact's column with the document that its rows are replaced with (feeds of changes): the days it leaves count too
    streams     whose loads touch it
    covered_by  those of them that tell how far it reaches; default: all
    reaches_days  a row is part of the rows of as many days after its own (trailing windows), so that these are touched too
    follows     {source, days, but_for}: the same for the days of another source, but for accounts of the platform but_for
    by_asin     its rows are laid to SKUs by their product (int_asin_skus): days of a product whose SKUs change are touched
#}
{% macro facts() -%}
    {{ return({
        'sales': {
            'model': 'fct_order_lines', 'by': 'sku', 'rows': 'int_order_lines', 'documents': 'order_id',
            'streams': ['amazon_sp.orders', 'shopify.orders', 'walmart.orders', 'tiktok_shop.orders'],
        },
        'traffic': {
            'model': 'fct_traffic', 'by': 'sku', 'rows': 'int_traffic',
            'streams': ['amazon_sp.sales_and_traffic', 'shopify.sessions', 'tiktok_shop.shop_performance'],
        },
        'refunds': {
            'model': 'fct_refunds', 'by': 'sku', 'rows': 'int_refunds_touching', 'documents': 'document_key',
            'streams': ['amazon_sp.economics', 'shopify.refunds', 'walmart.returns', 'tiktok_shop.returns'],
        },
        'returns': {
            'model': 'fct_returns', 'by': 'sku', 'rows': 'int_returns', 'documents': 'document_key',
            'streams': [
                'amazon_sp.returns', 'amazon_sp.seller_returns', 'shopify.refunds', 'walmart.returns', 'tiktok_shop.returns',
            ],
        },
        'return_cohorts': {
            'model': 'fct_return_cohorts', 'by': 'sku', 'rows': 'int_return_cohorts_touching', 'documents': 'document_key',
            'streams': [
                'amazon_sp.returns', 'amazon_sp.seller_returns', 'shopify.refunds', 'walmart.returns', 'tiktok_shop.returns',
            ],
        },
        'ads': {
            'model': 'fct_ad_performance', 'by': 'ad', 'rows': 'int_ad_performance',
            'streams': ['amazon_ads.sp_campaigns', 'amazon_ads.sp_advertised_product'],
            'covered_by': ['amazon_ads.sp_campaigns'],
        },
        'stock': {
            'model': 'fct_inventory', 'by': 'sku', 'rows': 'int_inventory',
            'streams': [
                'amazon_sp.fba_stock_and_age', 'shopify.inventory_levels', 'walmart.inventory', 'walmart.wfs_inventory',
                'tiktok_shop.products',
            ],
            'reaches_days': 90, 'follows': {'source': 'sales', 'days': 90, 'but_for': 'amazon'},
        },
        'ranks': {
            'model': 'fct_ranks', 'by': 'sku', 'rows': 'int_ranks',
            'streams': ['amazon_sp.rank'], 'by_asin': true,
        },
        'warehouse': {
            'model': 'fct_warehouse_stock', 'by': 'entity', 'rows': 'int_warehouse_stock',
            'streams': ['erp.warehouse_stock'],
        },
    }) }}
{%- endmacro %}


{# The kinds of entity that a fact's rows are laid to. #}
{% macro fact_kinds(source) -%}
    {{ return({
        'sku': ['company', 'platform', 'account', 'category', 'sku', 'team', 'person'],
        'ad': ['company', 'platform', 'account', 'category', 'sku', 'team', 'person', 'campaign', 'ad_group'],
        'account': ['company', 'platform', 'account'],
        'agent': ['company', 'platform', 'account', 'team', 'person'],
        'entity': entity_kinds(),
    }[facts()[source].by]) }}
{%- endmacro %}


{# Facts with rows by account; the others belong to no account's days. #}
{% macro account_facts() -%}
    {%- set found = {} -%}
    {%- for source, about in facts().items() if about.by != 'entity' -%}
        {%- do found.update({source: about}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# ('platform', 'stream') of each stream whose loads say how far a source reaches. #}
{% macro covering_streams(source) -%}
    {%- set about = facts()[source] -%}
    {%- set found = [] -%}
    {%- for name in about.covered_by or about.streams -%}{%- do found.append(name.split('.')) -%}{%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# Those whose platform has no other for the source, so that the source reaches as far as they do. #}
{% macro sole_covering_streams(source) -%}
    {%- set streams = covering_streams(source) -%}
    {%- set found = [] -%}
    {%- for platform, stream in streams if streams | selectattr(0, 'equalto', platform) | list | length == 1 -%}
        {%- do found.append([platform, stream]) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{#
    The additive and other measures of a source, from its semantic model: name, the fact's column or expression, how it rolls
    up over time (sum, min, max; level: the last day with rows; percentile), whether it is money.
#}
{% macro measures_of(source) -%}
    {%- set found = [] -%}
    {%- for model in graph.semantic_models.values() if (model.config.get('meta') or {}).get('source') == source -%}
        {%- for measure in model.measures -%}
            {%- set meta = (measure.config or {}).get('meta') or {} -%}
            {%- if measure.non_additive_dimension -%}{%- set rollup = 'level' -%}
            {%- elif measure.agg in ['sum', 'count_distinct'] -%}{%- set rollup = 'sum' -%}
            {%- elif measure.agg in ['min', 'max', 'percentile'] -%}{%- set rollup = measure.agg -%}
            {%- else -%}
                {%- do exceptions.raise_compiler_error("Measure '" ~ measure.name ~ "' of source '" ~ source ~ "': agg '" ~ measure.agg ~ "' is not known (sum, count_distinct, min, max, percentile). Nothing was built from it; see sql/README.md.") -%}
            {%- endif -%}
            {%- do found.append({
                'name': measure.name,
                'expr': measure.expr or measure.name,
                'agg': measure.agg,
                'rollup': rollup,
                'share': (measure.agg_params or {}).get('percentile'),
                'is_money': meta.get('unit') == 'money',
                'adds_up': meta.get('adds_up', true),
                'source': source,
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# Those that add up over entities; `config.meta.adds_up: false` says that one doesn't (the days of two accounts are the same days). #}
{% macro added_measures_of(source) -%}
    {{ return(measures_of(source) | rejectattr('rollup', 'in', ['percentile', 'min', 'max']) | selectattr('adds_up') | list) }}
{%- endmacro %}


{# Sources whose facts hold unit costs: a change of one touches their days. #}
{% macro costed_sources() -%}
    {{ return(['sales', 'stock', 'warehouse']) }}
{%- endmacro %}


{# The names of a source's measures that are money. #}
{% macro money_measures_of(source) -%}
    {{ return(measures_of(source) | selectattr('is_money') | map(attribute='name') | list) }}
{%- endmacro %}


{# The source of every measure, by the measure's name. #}
{% macro sources_of_measures() -%}
    {%- set found = {} -%}
    {%- for source in facts() -%}
        {%- for measure in measures_of(source) -%}
            {%- if measure.name in found -%}
                {%- do exceptions.raise_compiler_error("Measure '" ~ measure.name ~ "' is defined by the sources '" ~ found[measure.name] ~ "' and '" ~ source ~ "': a measure's name is unique.") -%}
            {%- endif -%}
            {%- do found.update({measure.name: source}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# Models that compute KPIs which no expression of measures can give (`config.meta.kpi.relation`). #}
{% macro kpi_relations() -%}
    {{ return(['kpi_days_inventory']) }}
{%- endmacro %}
