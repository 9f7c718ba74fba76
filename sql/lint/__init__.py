"""What the models call, for sqlfluff: it renders them without dbt and without a database.

Each macro has a short stand-in here that gives SQL of the same shape (one column for many), so that layout, aliases and
references around it are linted.
"""

from __future__ import annotations

from typing import Any


class dbt:  # noqa: N801 - the name that models use
    """dbt's cross-database macros."""

    @staticmethod
    def type_string() -> str:
        return "text"

    @staticmethod
    def dateadd(datepart: str, interval: str, day: str) -> str:
        return f"({day} + {interval} * interval '1 {datepart}')"

    @staticmethod
    def date_trunc(grain: str, day: str) -> str:
        return f"date_trunc('{grain}', {day})"

    @staticmethod
    def datediff(first: str, second: str, datepart: str) -> str:
        return f"({second} - {first})"

    @staticmethod
    def concat(parts: list[str]) -> str:
        return " || ".join(parts)

    @staticmethod
    def date_spine(datepart: str, start_date: str, end_date: str) -> str:
        return f"select {start_date} as date_{datepart}"


execute = True


class flags:  # noqa: N801 - dbt's name
    FULL_REFRESH = False


def marketplace_day(instant: str, time_zone: str) -> str:
    return f"cast({instant} at time zone {time_zone} as date)"


def account_day(instant: str) -> str:
    return marketplace_day(instant, "accounts.time_zone")


def period_start(grain: str, day: str) -> str:
    return f"cast({day} as date)"


def period_end(grain: str, start: str) -> str:
    return f"cast({start} as date)"


def period_end_of(grain_column: str, start: str) -> str:
    return f"case {grain_column} when 'day' then {start} end"


def hours_after(instant: str, hours: int) -> str:
    return f"{instant} + interval '{hours} hours'"


def build_instant() -> str:
    return "current_timestamp"


def day_start(day: str, time_zone: str) -> str:
    return f"cast({day} as timestamp) at time zone {time_zone}"


def last_day_before(instant: str, time_zone: str) -> str:
    return f"cast({instant} at time zone {time_zone} as date)"


def fiscal_month_weeks() -> list[int]:
    return [4, 5, 4]


def fiscal_years() -> list[dict[str, Any]]:
    return [{"name": 2026, "starts_on": "2026-02-01", "ends_before": "2027-01-31"}]


def fiscal_week_start(day: str) -> str:
    return f"cast({day} as date)"


def stated_entity_id(kind: str, entity: str) -> str:
    return f"{kind} || ':' || {entity}"


def account_of_entity(entity_id: str) -> str:
    return f"split_part({entity_id}, ':', 2)"


def differing_days(source: str, rows: str, fact: str) -> str:
    columns = "\n            rows.account_id as account_id,\n            rows.date_day as date_day"
    return f"select{columns}\n        from {rows} as rows"


def kpi_grains() -> list[str]:
    return ["day", "week", "month", "quarter", "year"]


def _key(account: str, part: str) -> str:
    return f"'kind:' || {account} || '/' || {part}"


category_key = sku_key = campaign_key = ad_group_key = _key


def entity_levels() -> list[dict[str, Any]]:
    return [{"kind": "company", "key": "company_key", "own_currency": False}]


def entity_kinds() -> list[str]:
    return ["company"]


def entity_attributes(names: list[str], given: dict[str, str]) -> str:
    return "".join(f"\n    {given.get(name, 'cast(null as text)')} as {name}," for name in names)


def account_attributes() -> dict[str, str]:
    return {"platform": "accounts.platform", "account_id": "accounts.account_id"}


def facts() -> dict[str, dict[str, Any]]:
    about = {"model": "fct_order_lines", "by": "sku", "rows": "int_order_lines", "streams": ["amazon_sp.orders"]}
    return {"sales": {**about, "documents": "order_id"}, "plans": {**about, "by": "entity"}}


def account_facts() -> dict[str, dict[str, Any]]:
    return {"sales": facts()["sales"]}


def covering_streams(source: str) -> list[list[str]]:
    return [["amazon_sp", "orders"]]


sole_covering_streams = covering_streams


def measures_of(source: str) -> list[dict[str, Any]]:
    return [{"name": "units", "source": source, "is_money": False, "rollup": "sum"}]


added_measures_of = measures_of


def entity_measures(source: str) -> str:
    return "select 1 as nothing"


def selling_platforms() -> dict[str, str]:
    return {"amazon_sp": "amazon"}


def platform_name(column: str) -> str:
    return f"upper({column})"


def reporting_currency() -> str:
    return "USD"


def kpi_relations() -> list[str]:
    return ["kpi_relation"]


def kpi_rows(definition: dict[str, Any]) -> str:
    return "measures_sales"


def figure_sources() -> dict[str, Any]:
    related = {**kpi_definitions()[0], "id": "related", "relation": "kpi_relation"}
    return {
        "measured": kpi_definitions(),
        "related": [related],
        "joined": [{**related, "id": "joined"}],
        "readers": {"sales": ["units", "rate"]},
    }


def row_of_target(relation: str, kpi_ids: list[str]) -> str:
    return f"(select found from {relation} as found where found.entity_id = targets.entity_id)"  # noqa: S608


def target_columns(rows: str) -> str:
    return f"\n    {rows}.kpi_id as kpi_id,"


def target_column_names() -> list[str]:
    return ["kpi_id"]


def surrounding_columns() -> dict[str, str]:
    return {"period_end": "date"}


def figure_of_kpi(part: str, definitions: list[dict[str, Any]], rows: str) -> str:
    return f"case {rows}.kpi_id when 'units' then ({rows}.measures_sales).units end"


def fact_relations(source: str) -> dict[str, str]:
    return {"fact": "marts.fct_order_lines"}


def fact_rows_with_keys(source: str, relations: dict[str, str], has_money: bool) -> str:
    return "select facts.* from marts.fct_order_lines as facts"


def covered_zero(source: str, column: str, rows: str) -> str:
    return f"case when coverage.sales_from <= {rows}.period_start then coalesce({column}, 0) end"


def days_setting(name: str) -> int:
    return 30


def day_number(day: str) -> str:
    return f"({day} - 1)"


def whole_sum(column: str) -> str:
    return f"sum({column})"


def conversion(from_currency: str, to_currency: str, from_rate: str, to_rate: str) -> str:
    return f"coalesce({from_rate} / {to_rate}, 1)"


def costed_sources() -> list[str]:
    return ["sales"]


def is_rebuild() -> bool:
    return False


def earlier_relation(identifier: str) -> str:
    return f"marts.{identifier}"


def streams_below(model_name: str) -> list[str]:
    return ["amazon_sp.orders"]


def delete_touched(condition: str) -> str:
    return ""


def touched_days(source: str) -> str:
    return "(select days_touched.account_id, days_touched.date_day from days_touched)"


def touched_days_condition(source: str) -> str:
    return ""


def touched_periods_condition(source: str) -> str:
    return ""


def within_touched(column: str, starts: str, grain: str = "day") -> str:
    return f"{column} between (select min(d) from ({starts}) as f) and (select max(d) from ({starts}) as l)"  # noqa: S608


def kpi_definitions(rows: str = "measures") -> list[dict[str, Any]]:
    texts = dict.fromkeys(
        ["name_zh", "description_zh", "formula_en", "formula_zh", "domain", "stage", "unit", "source", "number_format"],
        "x",
    )
    kpi = {
        **texts,
        "direction": "higher",
        "owner_role": "x",
        "entity_kinds": ["company"],
        "drivers": [],
        "counter_kpis": [],
        "days_until_settled": 3,
        "display_order": 1,
    }
    common = {
        "label": "x",
        "description": "x",
        "numerator_name": "units",
        "denominator_name": None,
        "numerator": f"{rows}.units",
        "denominator": "cast(null as numeric)",
        "value": f"{rows}.units",
        "has_rows": f"{rows}.units is not null",
        "inputs": ["units"],
        "relation": None,
        "sources": ["sales"],
        "coverage_sources": ["sales"],
        "kpi": kpi,
        "display_order": 1,
    }
    return [
        {**common, "id": "units", "is_ratio": False, "is_additive": True},
        {**common, "id": "rate", "is_ratio": True, "is_additive": False, "denominator": f"{rows}.units"},
    ]


def ratio(numerator: str, denominator: str) -> str:
    return f"cast({numerator} as double precision) / nullif({denominator}, 0)"


def kpi_coverage(definition: dict[str, Any], rows: str) -> str:
    return f"{rows}.orders_through"


def text_literal(value: object) -> str:
    return f"'{value}'"


def fee_line_names() -> list[str]:
    return ["referral", "other"]


def is_fee_line(line: str) -> str:
    return f"{line} in ('referral', 'other')"


def charge_name(name: str) -> str:
    return f"lower({name})"


def tiktok_transaction_groups() -> dict[str, list[str]]:
    return {"fee": ["referral_fee"]}


def tiktok_transaction_parts() -> list[str]:
    return ["referral_fee", "gross_sales"]


def days_to_reconcile() -> str:
    return "(select days.account_id, days.date_day from days)"


def reconciles_everything() -> bool:
    return False


def reconciliation_tolerance(line: str) -> str:
    return f"case {line} when 'sales' then 0.05 else 0 end"


def reconciliation_state(rows: str) -> str:
    return f"case when {rows}.different_items > 0 then 'different' else 'matched' end"


def waterfall_columns() -> list[tuple[str, str]]:
    return [("gmv", "gmv"), ("contribution_margin", "contribution_margin")]


def sources_of_measures() -> dict[str, str]:
    return {"units": "sales"}


def measures_by_name() -> dict[str, dict[str, Any]]:
    return {"units": measures_of("sales")[0]}


def metric_sql(metrics_by_name: object, name: str, rows: str, measures: object) -> dict[str, Any]:
    return {"sql": f"{rows}.{name}", "inputs": ["units"]}


class graph:  # noqa: N801 - dbt's name
    metrics: dict[str, Any] = {}


# Advertising (macros/ads.sql).


def latest_ad_names(columns: list[str], condition: str) -> str:
    listed = "".join(f"names.{column} as {column}, " for column in columns)
    return f"select {listed}names.date_day as last_day from ad_names as names where {condition}"  # noqa: S608


def touched_by_ads(rows: str, day: str) -> str:
    return f"{rows}.{day} is not null"


def touched_starts(grain: str, sources: list[str], and_next: bool = False) -> str:
    return "select days.period_start as period_start from days"


def touched_grains_condition(grains: list[str], sources: list[str], rows: str = "", and_next: bool = False) -> str:
    return f"{rows}grain = 'month'"


def models_of_touched_days() -> list[str]:
    return ["ad_waste"]


def margin_definition() -> dict[str, Any]:
    return kpi_definitions()[0]


def margin_sources() -> list[str]:
    return ["sales"]


def clamped(expression: str) -> str:
    return f"least({expression}, 1)"


def ad_health_parts() -> list[dict[str, Any]]:
    return [{"name": "ctr", "weight": 60, "share": "judged.ctr"}, {"name": "cpc", "weight": 40, "share": "judged.cpc"}]


def ad_weights(parts: list[dict[str, Any]], rows: str) -> str:
    return f"{rows}.weights"


ad_points_lost = ad_weights


def share_of_weights(expression: str, rows: str) -> str:
    return f"round({expression}, 6)"


def ad_residual(rows: str, amount: str) -> str:
    return f"sum({rows}.{amount})"


def ad_health_grains() -> list[str]:
    return ["month"]


def target_sums(grain: str, start_name: str, starts: str | None) -> str:
    return f"select targets.day as {start_name} from targets"  # noqa: S608


advertised_sku_sums = target_sums


def previous_start_of(grain_column: str, start: str) -> str:
    return f"case {grain_column} when 'day' then {start} end"


def paced_branches() -> list[dict[str, Any]]:
    return [{"name": "branch_1", "definitions": kpi_definitions()[:1]}]


def paced_ctes(branch: dict[str, Any], relations: dict[str, Any]) -> str:
    return "branch_1_shapes as (\n    select coverage.entity_id as entity_id\n    from coverage\n)"


def paced_rows(branch: dict[str, Any], definition: dict[str, Any], relations: dict[str, Any]) -> str:
    names = ("entity_id", "grain", "period_start", "period_end", "covered_through", "whole", "passed")
    columns = ",\n".join(f"        running.{name} as {name}" for name in names)
    return f"select\n        'x' as kpi_id,\n{columns}\n    from branch_1_shapes as running"


def effective_limit(rows: str, own_limit: str, standard_limit: str, default_share: float) -> str:
    return f"coalesce({rows}.{own_limit}, {rows}.{standard_limit})"
