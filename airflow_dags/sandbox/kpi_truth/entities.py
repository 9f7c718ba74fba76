"""The entities that a SKU, an ad group or an account counts for, by their ids in the warehouse.

Ids: `company`, `platform:<platform>`, `account:<account>`, `category:<account>/<category>`, `sku:<account>/<sku>`,
`team:<team>`, `person:<employee>`, `campaign:<account>/<id>`, `ad_group:<account>/<id>`.
"""

from __future__ import annotations

from airflow_dags.sandbox.business.catalogue import AdGroup, Sku

Entity = tuple[str, str]  # kind, id
COMPANY: Entity = ("company", "company")
# As the warehouse names the sandbox's platforms.
PLATFORMS = {"amazon_sp": "amazon", "shopify": "shopify", "walmart": "walmart", "tiktok_shop": "tiktok_shop"}


def platform_entity(platform: str) -> Entity:
    """`platform` is a folder of the sandbox."""
    return "platform", f"platform:{PLATFORMS[platform]}"


def account_entity(account_id: str) -> Entity:
    return "account", f"account:{account_id}"


def category_entity(account_id: str, category: str) -> Entity:
    return "category", f"category:{account_id}/{category}"


def sku_entities(sku: Sku, account_id: str | None = None) -> tuple[Entity, ...]:
    """The entities below the account that a SKU counts for; the account is the one that sells it."""
    account_id, owner = account_id or sku.account_id, sku.cell.owner
    return (
        ("sku", f"sku:{account_id}/{sku.sku}"),
        category_entity(account_id, sku.cell.category),
        ("person", f"person:{owner.employee_id}"),
        ("team", f"team:{owner.team_id}"),
    )


def ad_group_entities(group: AdGroup) -> tuple[Entity, ...]:
    account_id = group.campaign.account.account_id
    return (
        ("ad_group", f"ad_group:{account_id}/{group.ad_group_id}"),
        ("campaign", f"campaign:{account_id}/{group.campaign.campaign_id}"),
        account_entity(account_id),
        platform_entity("amazon_sp"),
        COMPANY,
    )
