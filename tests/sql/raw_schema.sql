-- The raw tables as the loader makes them, for tests of the SQL alone.
create schema if not exists raw;

create table raw.amazon_sp__orders (
    amazon_order_id text not null,
    line_number integer not null,
    merchant_order_id text,
    purchase_date timestamp with time zone not null,
    last_updated_date timestamp with time zone not null,
    order_status text,
    fulfillment_channel text,
    sales_channel text,
    product_name text,
    sku text,
    asin text,
    item_status text,
    quantity integer,
    currency text,
    item_price numeric,
    item_tax numeric,
    shipping_price numeric,
    item_promotion_discount numeric,
    ship_promotion_discount numeric,
    ship_state text,
    ship_country text,
    _account_id text not null,
    _load_id uuid not null,
    _loaded_at timestamp with time zone not null,
    _extra jsonb,
    unique (_account_id, amazon_order_id, line_number)
);

create table raw.amazon_sp__sales_and_traffic (
    row_level text not null,
    date_granularity text,
    asin_granularity text,
    period_start date not null,
    period_end date not null,
    parent_asin text,
    child_asin text,
    sku text,
    units_ordered integer,
    ordered_product_sales numeric,
    currency text,
    total_order_items integer,
    sessions integer,
    page_views integer,
    buy_box_percentage numeric,
    units_refunded integer,
    _account_id text not null,
    _load_id uuid not null,
    _loaded_at timestamp with time zone not null,
    _extra jsonb
);

create table raw.amazon_ads__sp_campaigns (
    date date not null,
    campaign_id text not null,
    campaign_name text,
    campaign_status text,
    campaign_budget_amount numeric,
    campaign_budget_currency_code text,
    ad_group_id text not null,
    ad_group_name text,
    impressions bigint,
    clicks bigint,
    cost numeric,
    purchases_1d integer,
    purchases_7d integer,
    purchases_14d integer,
    purchases_30d integer,
    sales_1d numeric,
    sales_7d numeric,
    sales_14d numeric,
    sales_30d numeric,
    _account_id text not null,
    _load_id uuid not null,
    _loaded_at timestamp with time zone not null,
    _extra jsonb
);

create table raw.amazon_ads__sp_advertised_product (
    date date not null,
    campaign_id text not null,
    campaign_name text,
    campaign_budget_currency_code text,
    ad_group_id text not null,
    ad_group_name text,
    ad_id text not null,
    advertised_asin text,
    advertised_sku text,
    impressions bigint,
    clicks bigint,
    cost numeric,
    purchases_1d integer,
    purchases_7d integer,
    purchases_14d integer,
    purchases_30d integer,
    sales_1d numeric,
    sales_7d numeric,
    sales_14d numeric,
    sales_30d numeric,
    _account_id text not null,
    _load_id uuid not null,
    _loaded_at timestamp with time zone not null,
    _extra jsonb
);

create table raw.erp__products (
    snapshot_date date not null,
    sku text not null,
    account_id text,
    asin text,
    product_name text,
    category text,
    brand text,
    owner_id text,
    team_id text,
    _account_id text not null,
    _load_id uuid not null,
    _loaded_at timestamp with time zone not null,
    _extra jsonb
);

create table raw.erp__unit_costs (
    snapshot_date date not null,
    sku text not null,
    valid_from date not null,
    valid_to date,
    unit_cost numeric,
    currency text,
    _account_id text not null,
    _load_id uuid not null,
    _loaded_at timestamp with time zone not null,
    _extra jsonb
);

create table raw.erp__staff (
    snapshot_date date not null,
    employee_id text not null,
    employee_name text,
    team_id text,
    team_name text,
    role text,
    email text,
    _account_id text not null,
    _load_id uuid not null,
    _loaded_at timestamp with time zone not null,
    _extra jsonb
);

create table raw.accounts (
    account_id text primary key,
    platform text not null,
    account_name text,
    marketplace_id text,
    currency text,
    time_zone text,
    updated_at timestamp with time zone
);

create table raw.streams (
    platform text not null,
    stream text not null,
    settled_days integer not null,
    lag_days integer not null
);

create table raw.load_ledger (
    load_id uuid primary key,
    platform text not null,
    stream text not null,
    account_id text not null,
    mode text,
    window_start date,
    window_end date,
    rows_read bigint,
    rows_loaded bigint,
    rows_quarantined bigint,
    source_document text,
    checksum text,
    state text not null,
    error text,
    started_at timestamp with time zone,
    finished_at timestamp with time zone
);
