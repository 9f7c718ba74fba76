"""What the sales streams' raw tables add up to, to hold against the truth."""

from __future__ import annotations

from .measures_money import day_of, total

_SOLD = "t.order_status <> 'Cancelled' and t.item_status <> 'Cancelled'"
_SOLD_BY_API = "t.fulfillment_status <> 'CANCELLED' and t.cancelled_by is null"
_ACCOUNT = "t.row_level = 'date'"

MEASURES: dict[tuple[str, str], str] = {
    ("orders", "units"): total("orders", day_of("purchase_date"), "t.quantity", _SOLD),
    ("orders", "sales"): total("orders", day_of("purchase_date"), "t.item_price", _SOLD),
    ("orders", "promotions"): total("orders", day_of("purchase_date"), "t.item_promotion_discount", _SOLD),
    ("orders_api", "units"): total("orders_api", day_of("created_at"), "t.quantity_ordered", _SOLD_BY_API),
    ("orders_api", "sales"): total("orders_api", day_of("created_at"), "t.item_proceeds", _SOLD_BY_API),
    ("sales_and_traffic", "units"): total("sales_and_traffic", "t.period_start", "t.units_ordered", _ACCOUNT),
    ("sales_and_traffic", "sales"): total("sales_and_traffic", "t.period_start", "t.ordered_product_sales", _ACCOUNT),
    ("sales_and_traffic", "sessions"): total("sales_and_traffic", "t.period_start", "t.sessions", _ACCOUNT),
    ("sales_and_traffic", "units_refunded"): total("sales_and_traffic", "t.period_start", "t.units_refunded", _ACCOUNT),
}
