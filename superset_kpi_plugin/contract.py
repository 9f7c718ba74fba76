"""The relations of the contract that this version of the plugin reads, with the columns that it needs.

The full contract is documented in the dbt project; this list is what `superset kpi doctor` checks. No framework here.
"""

from __future__ import annotations


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


RELATIONS: dict[str, tuple[str, ...]] = {
    "kpi_catalogue": _names(
        "kpi_id name_en name_zh description_en description_zh formula_en formula_zh domain stage unit direction "
        "is_additive is_ratio numerator denominator entity_kinds drivers counter_kpis source days_until_settled "
        "owner_role display_order number_format"
    ),
    "kpi_entities": _names(
        "entity_id entity_kind entity_name parent_id platform account_id account_name category sku product_name "
        "brand campaign_id campaign_name ad_group_id ad_group_name owner_id owner_name team_id team_name currency "
        "time_zone is_active"
    ),
    "kpi_entity_edges": _names("tree parent_id child_id valid_from valid_to"),
    "kpi_values": _names(
        "kpi_id entity_kind entity_id grain period_start period_end numerator denominator value currency "
        "is_settled covered_through"
    ),
    "kpi_targets": _names(
        "target_id version kpi_id entity_kind entity_id grain period_start floor_value target_value stretch_value "
        "warn_limit breach_limit tolerance weight currency owner approved_by approved_at published_at"
    ),
    "kpi_status": _names(
        "kpi_id entity_kind entity_id grain period_start period_end value numerator denominator currency "
        "is_settled covered_through target_id target_version floor_value target_value stretch_value warn_limit "
        "breach_limit tolerance weight owner pace_share expected_value attainment pace_attainment gap status "
        "direction unit"
    ),
    "kpi_freshness": _names(
        "platform account_id stream loaded_at covered_through settled_through lag_days state last_error"
    ),
}
