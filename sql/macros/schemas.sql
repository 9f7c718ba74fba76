{# Schemas, the plugin's tables and grants: everything the build does around its models. #}

{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}


{% macro prepare_schemas() -%}
    {%- if execute %}
        create schema if not exists staging;
        create schema if not exists marts;
        create schema if not exists kpi;
    {%- endif %}
{%- endmacro %}


{# The plugin owns the rows of kpi_targets. The build makes the table where it is absent and never changes it. #}
{% macro create_kpi_targets() -%}
    create table if not exists kpi.kpi_targets (
        target_id text not null,
        version integer not null,
        kpi_id text not null,
        entity_kind text not null,
        entity_id text not null,
        grain text not null,
        period_start date not null,
        floor_value numeric,
        target_value numeric,
        stretch_value numeric,
        warn_limit numeric,
        breach_limit numeric,
        tolerance numeric,
        weight numeric,
        currency text,
        owner text,
        approved_by text,
        approved_at timestamp with time zone,
        published_at timestamp with time zone,
        primary key (kpi_id, entity_id, grain, period_start)
    )
{%- endmacro %}


{# KPIs whose values people enter in the plugin, and these values. Made where absent and never changed, as kpi_targets. #}
{% macro create_kpi_manual() -%}
    create table if not exists kpi.kpi_manual_kpis (
        kpi_id text not null,
        name_en text not null,
        name_zh text not null,
        description_en text not null,
        description_zh text not null,
        unit text not null,
        direction text not null,
        is_additive boolean not null,
        entity_kinds text not null,
        grain text not null,
        owner text,
        number_format text not null,
        published_at timestamp with time zone,
        primary key (kpi_id)
    );
    create table if not exists kpi.kpi_manual_values (
        kpi_id text not null,
        entity_kind text not null,
        entity_id text not null,
        grain text not null,
        period_start date not null,
        value numeric not null,
        currency text,
        note text,
        entered_by text,
        entered_at timestamp with time zone,
        primary key (kpi_id, entity_id, grain, period_start)
    )
{%- endmacro %}


{# The forecast task owns the rows of kpi_forecast and kpi_forecast_backtest; the build makes the tables where they are absent. #}
{% macro create_kpi_forecast() -%}
    create table if not exists kpi.kpi_forecast (
        kpi_id text not null,
        entity_kind text not null,
        entity_id text not null,
        grain text not null,
        period_start date not null,
        period_end date not null,
        p20 numeric not null,
        p50 numeric not null,
        p80 numeric not null,
        currency text,
        method text not null,
        made_at timestamp with time zone not null,
        history_periods integer not null,
        history_through date not null,
        backtest_points integer not null,
        backtest_below_p20 double precision,
        backtest_below_p50 double precision,
        backtest_below_p80 double precision,
        backtest_error double precision,
        backtest_naive_error double precision,
        primary key (kpi_id, entity_id, grain, period_start),
        check (p20 <= p50 and p50 <= p80)
    );
    create table if not exists kpi.kpi_forecast_backtest (
        kpi_id text not null,
        grain text not null,
        series integer not null,
        made_at timestamp with time zone not null,
        points integer not null,
        below_p20 double precision,
        below_p50 double precision,
        below_p80 double precision,
        error double precision,
        naive_error double precision,
        primary key (kpi_id, grain)
    )
{%- endmacro %}


{# Access that relations made later get at the moment they are made, so that no reader meets one without it. #}
{% macro grant_future_access() -%}
    {%- set reader = env_var('KPI_READER_ROLE', '') -%}
    {%- set publisher = env_var('KPI_PUBLISHER_ROLE', '') -%}
    {%- if reader %}
        grant usage on schema marts, kpi to {{ adapter.quote(reader) }};
        alter default privileges in schema marts, kpi grant select on tables to {{ adapter.quote(reader) }};
    {%- endif %}
    {%- if publisher %}
        grant usage on schema kpi to {{ adapter.quote(publisher) }};
        alter default privileges in schema kpi grant select on tables to {{ adapter.quote(publisher) }};
    {%- endif %}
    {%- if not reader and not publisher %}select 1 as nothing_to_grant{%- endif %}
{%- endmacro %}


{# Access to what exists already: the first build with roles set, or a role added later. #}
{% macro grant_present_access() -%}
    {%- set reader = env_var('KPI_READER_ROLE', '') -%}
    {%- set publisher = env_var('KPI_PUBLISHER_ROLE', '') -%}
    {%- if reader %}
        grant select on all tables in schema marts, kpi to {{ adapter.quote(reader) }};
    {%- endif %}
    {%- if publisher %}
        grant select on all tables in schema kpi to {{ adapter.quote(publisher) }};
        grant insert, update, delete on kpi.kpi_targets, kpi.kpi_manual_kpis, kpi.kpi_manual_values
        to {{ adapter.quote(publisher) }};
        -- So that it may analyse what it has published.
        do $grant$
        begin
            if cast(current_setting('server_version_num') as integer) >= 170000 then
                grant maintain on kpi.kpi_targets, kpi.kpi_manual_kpis, kpi.kpi_manual_values to {{ adapter.quote(publisher) }};
            end if;
        end
        $grant$;
    {%- endif %}
    {%- if not reader and not publisher %}select 1 as nothing_to_grant{%- endif %}
{%- endmacro %}
