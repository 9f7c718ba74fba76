"""Scopes: the API that keeps them, what a subtree reaches, and Superset's row level security beside them."""

from __future__ import annotations

from typing import Any

import pytest

from superset_kpi_plugin.access.reach import EVERYTHING, NOTHING, Reach
from superset_kpi_plugin.access.rls import clause, is_usable
from tests.plugin.conftest import error_of, run_sql
from tests.plugin.test_targets_api import ACOS, GMV, NOVEMBER, listed, save

IN = {"subject_kind": "user", "subject": "owner_in", "entity_id": "account:aurora_us", "may_edit": True}


@pytest.fixture
def scopes(admin: Any, clean: Any) -> Any:
    """Adds scopes through the API, and removes them afterwards (with their roles)."""

    def add(**values: Any) -> dict[str, Any]:
        answer = admin.post("scopes/", {**IN, **values})
        assert answer.status_code == 201, answer.get_data(as_text=True)
        return dict(answer.get_json()["result"])

    yield add
    for row in admin.get("scopes/").get_json()["result"]:
        assert admin.delete(f"scopes/{row['id']}").get_json() == {"deleted": 1}


def entities(client: Any) -> set[str]:
    return {row["entity_id"] for row in client.get("entities/").get_json()["result"]}


def test_freshness_tells_of_the_accounts_in_reach_only(clients: Any, clean: Any, metadata_uri: str) -> None:
    run_sql(
        metadata_uri,
        "insert into kpi_scope (subject_kind, subject, entity_id, may_edit, may_approve, created_by, created_at) "
        "values ('user', 'owner_out', 'account:borealis_us', true, false, 'test', now()), "
        "('user', 'owner_in', 'sku:aurora_us/AUD-001', true, false, 'test', now())",
    )

    def accounts(user: str) -> set[str]:
        return {row["account_id"] for row in clients(user).get("freshness/").get_json()["result"]}

    assert accounts("owner") == {"aurora_us", "borealis_us"}
    assert accounts("owner_out") == {"borealis_us"}
    assert accounts("owner_in") == {"aurora_us"}
    # What is stale is Aurora's: the stamp beside Borealis' targets is fresh.
    address = "targets/?grain=month&period_start=2026-11-01"
    assert clients("owner_out").get(address).get_json()["freshness"]["state"] == "fresh"
    assert clients("owner").get(address).get_json()["freshness"]["state"] == "stale"


def test_a_scope_reaches_its_subtree_and_nothing_else(clients: Any, owner: Any, scopes: Any) -> None:
    company = {**GMV, "entity_id": "company", "target_value": "3"}
    save(owner, {**GMV, "target_value": "1"}, {**ACOS, "target_value": "0.2"}, company)
    inside = clients("owner_in")
    assert len(listed(inside)) == 3  # nobody is limited before there is a scope
    scopes()
    assert set(listed(inside)) == {("gmv", "account:aurora_us"), ("acos", "ad_group:aurora_us/ag2")}
    assert entities(inside) == {
        "account:aurora_us",
        "category:aurora_us/audio",
        "sku:aurora_us/AUD-001",
        "campaign:aurora_us/c1",
        "ad_group:aurora_us/ag1",
        "ad_group:aurora_us/ag2",
    }
    rows = listed(inside)
    assert [(row["can_edit"], row["can_approve"]) for row in rows.values()] == [(True, False)] * 2
    me = inside.get("me/").get_json()
    assert me["scopes"] == [{"entity_id": "account:aurora_us", "may_edit": True, "may_approve": False}]
    assert clients("owner").get("me/").get_json()["scopes"] is None


def test_scopes_of_user_and_roles_add_up_and_editing_needs_its_own(clients: Any, scopes: Any) -> None:
    scopes()
    scopes(subject_kind="role", subject="KPI Owner", entity_id="account:borealis_us", may_edit=False)
    inside = clients("owner_in")
    assert {"account:aurora_us", "account:borealis_us"} <= entities(inside)
    save(inside, {**GMV, "target_value": "1"})
    row = {**GMV, "entity_id": "account:borealis_us", "target_value": "1"}
    error = error_of(inside.put("targets/", {"targets": [{**GMV, "target_value": "2"}, row]}), 403)
    assert [(item["index"], item["field"]) for item in error["details"]["errors"]] == [(1, "entity_id")]
    # What can't be seen is not told apart from what isn't there.
    messages = []
    for name in ("team:north", "team:nobody"):
        error = error_of(inside.put("targets/", {"targets": [{**row, "entity_id": name}]}), 422)
        messages.append(error["details"]["errors"][0]["message"].replace(name, "it"))
    assert messages[0] == messages[1]


def test_the_company_is_everything_and_admins_are_not_limited(clients: Any, admin: Any, scopes: Any) -> None:
    scopes(entity_id="company")
    assert len(entities(clients("owner_in"))) == 11
    scopes(subject="admin", entity_id="team:north")
    assert len(entities(admin)) == 11


def test_without_a_scope_people_reach_what_the_setting_says(
    app: Any, clients: Any, clean: Any, monkeypatch: Any
) -> None:
    monkeypatch.setitem(app.config, "KPI_DEFAULT_SCOPE", "none")
    assert entities(clients("viewer")) == set()
    assert len(entities(clients("admin"))) == 11
    assert clients("viewer").get("me/").get_json()["scopes"] == []


def test_without_the_warehouse_a_scope_reaches_its_own_entity_only(
    app: Any, clients: Any, owner: Any, scopes: Any, monkeypatch: Any
) -> None:
    save(owner, {**GMV, "target_value": "1"}, {**ACOS, "target_value": "0.2"})
    scopes()
    monkeypatch.setitem(app.config, "KPI_WAREHOUSE_DATABASE", "nowhere")
    answer = clients("owner_in").get(NOVEMBER).get_json()
    assert [row["entity_id"] for row in answer["result"]] == ["account:aurora_us"]
    assert answer["warnings"]


def test_bad_scopes_are_refused_by_field(admin: Any, clean: Any) -> None:
    for change, field in (
        ({"subject": "nobody"}, "subject"),
        ({"subject_kind": "role", "subject": "KPI King"}, "subject"),
        ({"subject_kind": "team"}, "subject_kind"),
        ({"entity_id": "account:nobody"}, "entity_id"),
        ({"may_edit": "perhaps"}, "may_edit"),
        ({"colour": "red"}, "colour"),
    ):
        error = error_of(admin.post("scopes/", {**IN, **change}), 422)
        assert [item["field"] for item in error["details"]["errors"]] == [field]
    error_of(admin.delete("scopes/999"), 404)


def test_whom_a_scope_can_be_for_is_searched_by_name(admin: Any, scopes: Any) -> None:
    def found(query: str) -> list[str]:
        return [row["subject"] for row in admin.get(f"scopes/subjects?{query}").get_json()["result"]]

    scopes()
    assert found("kind=user&q=OWNER_") == ["owner_in", "owner_out"]
    assert found("kind=user&q=%25") == []  # a percent sign is a percent sign
    # The role that carries a user's own rules is nobody's to choose.
    assert found("kind=role&q=kpi") == ["KPI Admin", "KPI Approver", "KPI Owner", "KPI Viewer"]
    error_of(admin.get("scopes/subjects?kind=team"), 400)


def test_the_list_tells_names_kinds_and_the_default(app: Any, admin: Any, scopes: Any, monkeypatch: Any) -> None:
    scopes()
    body = admin.get("scopes/").get_json()
    assert [(row["entity_name"], row["entity_kind"]) for row in body["result"]] == [("Aurora US", "account")]
    assert body["default_scope"] == "all"
    monkeypatch.setitem(app.config, "KPI_DEFAULT_SCOPE", "none")
    assert admin.get("scopes/").get_json()["default_scope"] == "none"


def test_row_level_security_follows_the_scopes(
    app: Any, admin: Any, scopes: Any, warehouse_uris: dict[str, str]
) -> None:
    from superset.connectors.sqla.models import RowLevelSecurityFilter, SqlaTable
    from superset.extensions import db, security_manager
    from superset.models.core import Database

    from superset_kpi_plugin.access.rls import sync_rules
    from superset_kpi_plugin.assets.source import asset_uuid

    with app.app_context():
        database = db.session.query(Database).filter_by(database_name="KPI warehouse").one()
        made = []
        for key, column in (("kpi_targets_status", "entity_id"), ("data_freshness", "account_id")):
            table = SqlaTable(table_name=key, schema="kpi", database=database, uuid=asset_uuid(f"dataset/{key}"))
            from superset.connectors.sqla.models import TableColumn

            table.columns = [TableColumn(column_name=column)]
            db.session.add(table)
            made.append(table)
        db.session.commit()
        ids = [table.id for table in made]
    scopes()
    scopes(entity_id="team:north")
    with app.app_context():
        rules = db.session.query(RowLevelSecurityFilter).filter_by(group_key="KPI scope").all()
        assert sorted(rule.name for rule in rules) == ["KPI scope: owner_in", "KPI scope: owner_in (accounts)"]
        user = security_manager.find_user(username="owner_in")
        assert "KPI scope: owner_in" in {role.name for role in user.roles}
        assert security_manager.find_role("KPI scope: owner_in").permissions == []
        by_name = {rule.name: rule.clause for rule in rules}
        found = run_sql(
            warehouse_uris["owner"],
            "select entity_id from kpi.kpi_entities where " + by_name["KPI scope: owner_in"].replace("%", "%%"),
        )
        assert {row["entity_id"] for row in found} >= {"account:aurora_us", "person:e001", "sku:aurora_us/AUD-001"}
        assert "account:borealis_us" not in {row["entity_id"] for row in found}
        accounts = run_sql(
            warehouse_uris["owner"],
            "select account_id from kpi.kpi_freshness where " + by_name["KPI scope: owner_in (accounts)"],
        )
        assert {row["account_id"] for row in accounts} == {"aurora_us"}
        assert sync_rules(security_manager, db.session) == []
    for row in admin.get("scopes/").get_json()["result"]:
        admin.delete(f"scopes/{row['id']}")
    with app.app_context():
        assert db.session.query(RowLevelSecurityFilter).filter_by(group_key="KPI scope").count() == 0
        assert security_manager.find_role("KPI scope: owner_in") is None
        for table_id in ids:
            db.session.delete(db.session.get(SqlaTable, table_id))
        db.session.commit()


@pytest.mark.parametrize("by_account", [False, True])
def test_a_rule_is_looked_up_and_never_joined(clean: Any, by_account: bool) -> None:
    """Joined, it has cost minutes where a reader who sees all waits for half a second."""
    relation = "kpi.kpi_freshness" if by_account else "kpi.kpi_values"
    rule = clause(["account:aurora_us", "team:north"], by_account)
    plan = clean.execute(f"set work_mem = '64kB'; explain select count(*) from {relation} where {rule}")
    assert any("hashed SubPlan" in row["QUERY PLAN"] for row in plan)


def test_a_rule_quotes_what_it_holds() -> None:
    assert "('sku:it''s', 'team:a')" in clause(["team:a", "sku:it's"], by_account=False)
    assert is_usable("sku:aurora_us/AUD-001")
    for text in ("{{ url_param('x') }}", "a'b", "a;b", "", "a%b", "a\nb"):
        assert not is_usable(text)


def test_reach_by_power() -> None:
    some = Reach(see=frozenset({"a", "b"}), edit=frozenset({"a"}), approve=frozenset())
    assert [some.covers(power, "a") for power in ("see", "edit", "approve")] == [True, True, False]
    assert some.beyond("edit", ["a", "b", "c"]) == [1, 2]
    assert some.seen([{"entity_id": "a"}, {"entity_id": "c"}]) == [{"entity_id": "a"}]
    assert EVERYTHING.covers("approve", "x")
    assert not NOTHING.covers("see", "x")
