"""Two troubles that the simulated business doesn't have, planted in the contract: a price that is cut overnight, and a
feed that stops. The packs' own rules tell of each after one evaluation, of nothing else, and with its cause.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.plugin.alerts.conftest import AURORA

CUT, STEADY, RARE = "sku:aurora_us/AUD-001", "sku:aurora_us/STEADY", "sku:aurora_us/RARE"


def switch_on(site: Any, pack: str, name: str) -> None:
    """A rule of a pack as it stands, told to nobody."""
    from superset_kpi_plugin.alerts.commands import rule_files

    (fields,) = [rule for rule in rule_files.read_pack(pack, []) if rule["name"] == name]
    site.rule(**fields)


@pytest.fixture
def prices(site: Any) -> Any:
    """Three products at 25 dollars from 1 to 14 November. On the 15th one is sold at 15, one at 24, and of the third
    there were two buyers, one with a coupon."""
    site.warehouse.execute(
        "insert into kpi.kpi_catalogue (kpi_id, name_en, unit, direction, is_additive, is_ratio, entity_kinds, "
        "drivers, days_until_settled) values ('average_selling_price', 'Price', 'money', 'higher', false, true, 'sku', "
        "'gmv,units', 3)"
    )
    for entity, last, units in ((CUT, 15, 10), (STEADY, 24, 10), (RARE, 12, 2)):
        for kpi_id, value in (
            ("average_selling_price", "case when d.day < 15 then 25 else %(last)s end"),
            ("gmv", "%(units)s * case when d.day < 15 then 25 else %(last)s end"),
            ("units", "%(units)s"),
        ):
            site.warehouse.execute(
                "insert into kpi.kpi_values (kpi_id, entity_kind, entity_id, grain, period_start, period_end, "
                "denominator, value, currency, is_settled, covered_through) select %(kpi_id)s, 'sku', %(entity)s, "
                "'day', date '2026-11-01' + d.day - 1, date '2026-11-01' + d.day - 1, %(units)s, "
                f"{value}, 'USD', false, date '2026-11-01' + d.day - 1 from generate_series(1, 15) as d (day)",
                {"kpi_id": kpi_id, "entity": entity, "last": last, "units": units},
            )
    return site


def test_a_price_that_is_cut_overnight_is_told_the_next_morning(prices: Any) -> None:
    switch_on(prices, "margin", "A product's price fell by a quarter overnight")
    prices.evaluate()
    assert prices.states() == {CUT: "firing", STEADY: "ok"}
    (row,) = prices.rows("select * from kpi_alert_instance where state = 'firing'")
    assert (str(row["period_start"]), row["value"], row["limit_value"]) == ("2026-11-15", Decimal(15), Decimal("18.75"))
    # As many were sold, for less: 250 dollars a day became 150.
    assert (row["driver"]["kpi_id"], row["driver"]["change"], row["driver"]["share"]) == ("gmv", "-0.4000", "1.00")


def test_the_same_price_a_day_later_is_still_told_for_a_week(prices: Any) -> None:
    switch_on(prices, "margin", "A product's price fell by a quarter overnight")
    prices.evaluate()
    prices.warehouse.execute(
        "insert into kpi.kpi_values select kpi_id, entity_kind, entity_id, grain, date '2026-11-16', "
        "date '2026-11-16', numerator, denominator, value, currency, is_settled, date '2026-11-16' from kpi.kpi_values "
        "where grain = 'day' and period_start = '2026-11-15'"
    )
    day = 24 * 60
    prices.evaluate(day)
    assert prices.states()[CUT] == "firing"
    prices.evaluate(8 * day)
    assert prices.states()[CUT] == "resolved"


def test_a_feed_that_stops_is_told_with_its_name_and_its_last_day(site: Any) -> None:
    site.warehouse.execute("update kpi.kpi_freshness set state = 'ok', covered_through = '2026-11-15'")
    switch_on(site, "data_health", "Data is late")
    site.evaluate()
    assert set(site.states().values()) == {"ok"}
    site.warehouse.execute(
        "update kpi.kpi_freshness set state = 'stale', covered_through = '2026-11-12' "
        "where account_id = 'aurora_us' and stream = 'sp_campaigns'"
    )
    site.evaluate(60)
    states = site.states()
    assert states.pop(AURORA) == "firing"
    assert set(states.values()) == {"ok"}
    (row,) = site.rows("select value, detail, covered_through from kpi_alert_instance where state = 'firing'")
    assert (row["value"], row["detail"]) == (1, "amazon_ads.sp_campaigns: stale, data through 2026-11-12")
