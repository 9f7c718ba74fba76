{#
    The facts: every source of measures, the one place that names them. A fact's measures are those of its semantic model in
    models/kpis/ (`config.meta.source`), its sums per entity and period are in marts.measures_<source>.

    model       the fact; account_id, date_day, `currency` where it holds money, the keys that `by` needs
    by          what its rows are laid to:
                  sku      sku_key: company, platform, account, category, SKU; its team and person by the day's assignment
                  ad       the same, and campaign_key and ad_group_key
                  campaign campaign_key and ad_group_key alone: company, platform, account, campaign, ad group
                  account  company, platform, account
                  agent    the same, and person_key of its own: person and the person's team on the day
                  entity   entity_kind and entity_id of its own, entity_currency where it holds money; no account
    levels_by   whose last day with rows a level of a period is taken on: default account_id, entity_id where `by` is entity
    rows        the view that the fact is made of: account_id, date_day, load_id, document_key where it has documents
    documents   the fact's column with the document that its rows are replaced with (feeds of changes): the days it leaves count too
    compared_by for facts whose rows hang on more than their own load (a ticket's on its metrics, its agent's e-mail, the hours that have
                passed): their key; a build touches the days of every row whose `signature` isn't the fact's
    streams     whose loads touch it
    covered_by  those of them that tell how far it reaches; default: all
    days        a view of account_id and date_day: days that it covers besides those with rows and those of loads' windows
    reaches_days  a row is part of the rows of as many days after its own (trailing windows), so that these are touched too
    follows     {source, days, but_for}: the same for the days of another source, but for accounts of the platform but_for
    by_asin     its rows are laid to SKUs by their product (int_asin_skus): days of a product whose SKUs change are touched

    Shopify charges no marketplace fees and sells no ads: where its orders are loaded, nothing of either is missing. Walmart's fees reach as far
    as the periods of its reports, which are made days later; Amazon's settlements lag behind the economics, which cover.
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
            'streams': [
                'amazon_ads.sp_campaigns', 'amazon_ads.sp_advertised_product', 'amazon_ads.sb_campaigns', 'amazon_ads.sb_ad_group',
                'amazon_ads.sd_campaigns', 'amazon_ads.sd_ad_group', 'walmart_connect.ads', 'tiktok_ads.ad_groups',
            ],
            'covered_by': [
                'amazon_ads.sp_campaigns', 'amazon_ads.sb_campaigns', 'amazon_ads.sd_campaigns', 'walmart_connect.ads', 'tiktok_ads.ad_groups',
                'shopify.orders',
            ],
        },
        'fees': {
            'model': 'fct_fees', 'by': 'sku', 'rows': 'int_fee_rows',
            'streams': ['amazon_sp.economics', 'amazon_sp.settlement', 'walmart.recon', 'tiktok_shop.statement_transactions'],
            'covered_by': ['amazon_sp.economics', 'tiktok_shop.statement_transactions', 'shopify.orders'], 'days': 'int_settlement_days',
        },
        'cash': {
            'model': 'fct_settlements', 'by': 'account', 'rows': 'int_settlements', 'documents': 'document_key',
            'streams': ['amazon_sp.settlement', 'walmart.recon', 'tiktok_shop.statements'],
            'covered_by': ['amazon_sp.settlement', 'tiktok_shop.statements'],
        },
        'deferred': {
            'model': 'fct_deferred_balances', 'by': 'account', 'rows': 'int_deferred_rows',
            'streams': ['amazon_sp.finances'],
        },
        'ad_budgets': {
            'model': 'fct_ad_budgets', 'by': 'campaign', 'rows': 'int_ad_budgets',
            'streams': ['amazon_ads.budgets', 'amazon_ads.sp_campaigns', 'amazon_ads.sb_campaigns', 'amazon_ads.sd_campaigns'],
            'covered_by': ['amazon_ads.sp_campaigns'],
        },
        'ad_targets': {
            'model': 'fct_ad_targets', 'by': 'campaign', 'rows': 'int_ad_targets',
            'streams': ['amazon_ads.sp_targeting', 'amazon_ads.sp_search_term', 'amazon_ads.sb_targeting', 'amazon_ads.sd_targeting'],
            'covered_by': ['amazon_ads.sp_targeting', 'amazon_ads.sb_targeting', 'amazon_ads.sd_targeting'],
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
            'model': 'fct_warehouse_stock', 'by': 'entity', 'levels_by': 'account_id', 'rows': 'int_warehouse_stock',
            'streams': ['erp.warehouse_stock'],
        },
        'contacts': {
            'model': 'fct_contacts', 'by': 'agent', 'rows': 'int_contacts', 'compared_by': 'contact_key',
            'streams': ['zendesk.tickets', 'zendesk.ticket_metrics', 'zendesk.messages', 'erp.staff'],
            'covered_by': ['zendesk.ticket_metrics', 'zendesk.messages'],
        },
        'ratings': {
            'model': 'fct_ratings', 'by': 'agent', 'rows': 'int_ratings', 'compared_by': 'rating_key',
            'streams': ['amazon_sp.feedback', 'zendesk.satisfaction_ratings', 'zendesk.tickets', 'erp.staff'],
            'covered_by': ['amazon_sp.feedback', 'zendesk.satisfaction_ratings'],
        },
        'health': {
            'model': 'fct_account_health', 'by': 'account', 'levels_by': 'level_key', 'rows': 'int_account_health',
            'streams': ['amazon_sp.account_health', 'walmart.performance'],
        },
        'plans': {
            'model': 'fct_plans', 'by': 'entity', 'rows': 'int_plans',
            'streams': ['erp.budgets', 'erp.headcount'],
        },
        'scores': {
            'model': 'fct_scores', 'by': 'entity', 'rows': 'int_scores',
            'streams': ['erp.scores'],
        },
    }) }}
{%- endmacro %}


{# The kinds of entity that a fact's rows are laid to. #}
{% macro fact_kinds(source) -%}
    {{ return({
        'sku': ['company', 'platform', 'account', 'category', 'sku', 'team', 'person'],
        'ad': ['company', 'platform', 'account', 'category', 'sku', 'team', 'person', 'campaign', 'ad_group'],
        'campaign': ['company', 'platform', 'account', 'campaign', 'ad_group'],
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
    The additive and other measures of each source, from its semantic model: name, the fact's column or expression, how it rolls
    up over time (sum, min, max; level: the last day with rows; percentile), whether it is money.
#}
{% macro measures_by_source() -%}
    {%- set found = {} -%}
    {%- for source in facts() -%}{%- do found.update({source: []}) -%}{%- endfor -%}
    {%- for model in graph.semantic_models.values() if (model.config.get('meta') or {}).get('source') in found -%}
        {%- set source = model.config.meta.source -%}
        {%- for measure in model.measures -%}
            {%- set meta = (measure.config or {}).get('meta') or {} -%}
            {%- if measure.non_additive_dimension -%}{%- set rollup = 'level' -%}
            {%- elif measure.agg in ['sum', 'count_distinct'] -%}{%- set rollup = 'sum' -%}
            {%- elif measure.agg in ['min', 'max', 'percentile'] -%}{%- set rollup = measure.agg -%}
            {%- else -%}
                {%- do exceptions.raise_compiler_error("Measure '" ~ measure.name ~ "' of source '" ~ source ~ "': agg '" ~ measure.agg ~ "' is not known (sum, count_distinct, min, max, percentile). Nothing was built from it; see sql/README.md.") -%}
            {%- endif -%}
            {%- do found[source].append({
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


{% macro measures_of(source) -%}
    {{ return(measures_by_source()[source]) }}
{%- endmacro %}


{# Those that add up over entities; `config.meta.adds_up: false` says that one doesn't (the days of two accounts are the same days). #}
{% macro added_measures_of(source) -%}
    {{ return(measures_of(source) | rejectattr('rollup', 'in', ['percentile', 'min', 'max']) | selectattr('adds_up') | list) }}
{%- endmacro %}


{# Sources whose facts hold unit costs: a change of one touches their days. #}
{% macro costed_sources() -%}
    {{ return(['sales', 'stock', 'warehouse']) }}
{%- endmacro %}


{# Every measure by its name. #}
{% macro measures_by_name() -%}
    {%- set found = {} -%}
    {%- for source, measures in measures_by_source().items() -%}
        {%- for measure in measures -%}
            {%- if measure.name in found -%}
                {%- do exceptions.raise_compiler_error("Measure '" ~ measure.name ~ "' is defined by the sources '" ~ found[measure.name].source ~ "' and '" ~ source ~ "': a measure's name is unique.") -%}
            {%- endif -%}
            {%- do found.update({measure.name: measure}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# The source of every measure, by the measure's name. #}
{% macro sources_of_measures() -%}
    {%- set found = {} -%}
    {%- for name, measure in measures_by_name().items() -%}{%- do found.update({name: measure.source}) -%}{%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# Models that compute KPIs which no expression of measures can give (`config.meta.kpi.relation`). #}
{% macro kpi_relations() -%}
    {{ return([
        'int_break_even_acos', 'int_ad_profit', 'int_ad_health_score', 'int_wasted_ad_cost',
        'reconciliation_differences', 'kpi_average_stock_value', 'kpi_inventory_turnover', 'kpi_days_inventory',
    ]) }}
{%- endmacro %}
