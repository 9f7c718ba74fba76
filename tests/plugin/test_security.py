"""Who gets in, and what is refused: every route of the plugin, in a Superset with its default CSRF settings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from superset_kpi_plugin.access.table import ALL_PERMISSIONS, ROLES, VIEW_MENUS
from tests.plugin.conftest import PASSWORD, USERS, error_of

WRITING = ("POST", "PUT", "DELETE", "PATCH")
ROLE_OF = {
    "viewer": "KPI Viewer",
    "owner": "KPI Owner",
    "owner_in": "KPI Owner",
    "owner_out": "KPI Owner",
    "approver_out": "KPI Approver",
    "approver": "KPI Approver",
    "admin": "KPI Admin",
    "service": "KPI Admin",
}


def routes(app: Any, prefix: str) -> Iterator[tuple[str, str, Any]]:
    """(method, address, view function) of every route below a prefix; identifiers in addresses become 1."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(prefix):
            address = re.sub(r"<[^>]+>", "1", rule.rule)
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield method, address, app.view_functions[rule.endpoint]


def test_every_route_is_guarded_by_a_permission_of_the_table(app: Any) -> None:
    found = {(method, address) for method, address, _ in routes(app, "/api/v1/kpi/")}
    assert ("PUT", "/api/v1/kpi/targets/") in found
    assert len(found) >= 11
    for prefix in ("/api/v1/kpi/", "/kpi/"):
        for method, address, view in routes(app, prefix):
            assert hasattr(view, "_permission_name"), f"{method} {address} has no permission"


@pytest.mark.parametrize("user", [None, *USERS])
def test_each_role_gets_exactly_what_the_table_says(app: Any, clients: Any, clean: Any, user: str | None) -> None:
    from superset.extensions import appbuilder

    views = {type(view).__name__: view for view in appbuilder.baseviews}
    held = set(ALL_PERMISSIONS) if user == "superadmin" else set(ROLES.get(ROLE_OF.get(user or "", ""), ()))
    client = clients(user)
    seen = 0
    for method, address, function in routes(app, "/api/v1/kpi/"):
        api = views[next(name for name in views if f"{name}." in endpoint_of(app, address, method))]
        wanted = (f"can_{function._permission_name}", api.class_permission_name)
        answer = client.request(method, address, {} if method in WRITING else None)
        if wanted in held:
            assert answer.status_code not in (401, 403), f"{user} {method} {address}: {answer.status_code}"
        else:
            error_of(answer, 401 if user is None else 403)
        seen += 1
    assert seen >= 11


def endpoint_of(app: Any, address: str, method: str) -> str:
    """The endpoint behind an address."""
    adapter = app.url_map.bind("localhost")
    return str(adapter.match(address, method=method)[0])


@pytest.mark.parametrize("path", ["/kpi/targets/", "/kpi/alerts/"])
def test_the_pages_open_for_kpi_roles_only(clients: Any, path: str) -> None:
    assert clients("viewer").get(path).status_code == 200
    assert clients("superadmin").get(path).status_code == 200
    assert clients("gamma").get(path).status_code == 403
    assert clients("alpha").get(path).status_code == 403
    away = clients(None).get(path)
    assert (away.status_code, "/login" in away.headers["Location"]) == (302, True)


def test_scopes_open_for_those_who_may_use_them(clients: Any) -> None:
    for path, users in (("/kpi/scopes/", {"admin"}),):
        for user in ("viewer", "owner", "approver", "admin"):
            assert clients(user).get(path).status_code == (200 if user in users else 403), (path, user)


def test_after_superset_init_gamma_and_alpha_and_public_hold_no_kpi_permission(app: Any) -> None:
    from superset.extensions import appbuilder, db, security_manager

    from superset_kpi_plugin.access.sync import held_permissions

    with app.app_context():
        # What `superset init` does.
        appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        db.session.commit()
        for name in ("Gamma", "Alpha", "Public", "sql_lab"):
            assert held_permissions(security_manager.find_role(name)) == set(), name
        for name, permissions in ROLES.items():
            assert held_permissions(security_manager.find_role(name)) == set(permissions), name
        assert held_permissions(security_manager.find_role("Admin")) >= set(ALL_PERMISSIONS)
        # And nothing of the plugin lives outside the table.
        model = security_manager.permissionview_model
        ours = {
            (held.permission.name, held.view_menu.name)
            for held in db.session.query(model)
            if held.view_menu and held.view_menu.name in VIEW_MENUS
        }
        assert ours == set(ALL_PERMISSIONS)
        names = {held.view_menu.name for held in db.session.query(model) if held.view_menu}
        # Superset's own permissions on data are named after the connection.
        named = {name for name in names if "kpi" in name.lower() and not name.startswith("[KPI warehouse].")}
        assert named <= VIEW_MENUS


def test_syncing_the_roles_twice_changes_nothing_and_cleans_up(app: Any) -> None:
    from superset.extensions import db, security_manager

    from superset_kpi_plugin.access.sync import held_permissions, sync_roles

    with app.app_context():
        assert sync_roles(security_manager, db.session).is_unchanged
        stale = security_manager.add_permission_view_menu("can_fly", "KPI Targets")
        ours = security_manager.find_permission_view_menu("can_write", "KPI Targets")
        roles = [security_manager.find_role(name) for name in ("Gamma", "KPI Viewer")]
        for role in roles:
            role.permissions.extend([stale, ours])
        db.session.commit()
        report = sync_roles(security_manager, db.session)
        db.session.commit()
        assert len(report.deleted) == 1
        assert held_permissions(security_manager.find_role("Gamma")) == set()
        assert held_permissions(security_manager.find_role("KPI Viewer")) == set(ROLES["KPI Viewer"])
        assert security_manager.find_permission_view_menu("can_fly", "KPI Targets") is None


@pytest.mark.parametrize("token", [None, "wrong"])
def test_writing_without_a_csrf_token_is_refused_on_every_route(
    app: Any, superadmin: Any, clean: Any, token: Any
) -> None:
    seen = 0
    headers = {"X-CSRFToken": token} if token else {}
    for method, address, _ in routes(app, "/api/v1/kpi/"):
        if method in WRITING:
            for body in ({}, None):  # with and without a JSON body: Superset treats these apart
                answer = superadmin.request(method, address, body, csrf=False, headers=headers)
                assert error_of(answer, 400)["code"] == "csrf", address
            seen += 1
    assert seen >= 4


def jwt_client(app: Any, user: str) -> tuple[Any, dict[str, str]]:
    """A fresh client and the header of an access token."""
    raw = app.test_client()
    credentials = {"username": user, "password": PASSWORD, "provider": "db", "refresh": False}
    answer = raw.post("/api/v1/security/login", json=credentials)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return raw, {"Authorization": f"Bearer {answer.get_json()['access_token']}"}


def test_a_jwt_client_reads_with_its_token_and_needs_the_csrf_token_to_write(app: Any, clean: Any) -> None:
    raw, bearer = jwt_client(app, "owner")
    assert raw.get("/api/v1/kpi/me/", headers=bearer).get_json()["user"] == "owner"
    row = {
        "kpi_id": "gmv",
        "entity_id": "account:aurora_us",
        "grain": "month",
        "period_start": "2026-11-01",
        "target_value": "5",
    }
    refused = raw.put("/api/v1/kpi/targets/", json={"targets": [row]}, headers=bearer)
    assert error_of(refused, 400)["code"] == "csrf"
    token = raw.get("/api/v1/security/csrf_token/", headers=bearer).get_json()["result"]
    headers = {**bearer, "X-CSRFToken": token}
    assert raw.put("/api/v1/kpi/targets/", json={"targets": [row]}, headers=headers).status_code == 200


def test_a_service_account_needs_no_role_but_the_plugins(app: Any, clean: Any) -> None:
    raw, bearer = jwt_client(app, "service")
    token = raw.get("/api/v1/security/csrf_token/", headers=bearer).get_json()["result"]
    answer = raw.post("/api/v1/kpi/alerts/evaluate", json={}, headers={**bearer, "X-CSRFToken": token})
    assert answer.status_code == 200, answer.get_data(as_text=True)


@pytest.mark.parametrize("token", ["rubbish", "a.b.c", ""])
def test_a_bad_jwt_is_unauthorized_in_the_one_error_shape(app: Any, token: str) -> None:
    answer = app.test_client().get("/api/v1/kpi/me/", headers={"Authorization": f"Bearer {token}"})
    error_of(answer, 401)


def test_unknown_addresses_and_methods_have_the_error_shape_too(viewer: Any) -> None:
    error_of(viewer.get("nothing/here"), 404)
    error_of(viewer.get("nothing/here", headers={"Accept": "text/html"}), 404)
    error = error_of(viewer.put("catalogue/", {}), 405)
    assert error["code"] == "method_not_allowed"


def test_an_unexpected_error_tells_nothing(viewer: Any, clean: Any, monkeypatch: Any) -> None:
    from superset_kpi_plugin.catalogue import queries

    def broken(_: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(queries, "catalogue", broken)
    answer = viewer.get("catalogue/")
    error_of(answer, 500)
    assert "secret detail" not in answer.get_data(as_text=True)


def test_openapi_names_every_route(app: Any, superadmin: Any) -> None:
    document = superadmin.get("/api/v1/_openapi").get_json()
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/api/v1/kpi/"):
            continue
        path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            operation = document["paths"][path][method.lower()]
            assert operation.get("summary"), f"{method} {path} has no summary"
            assert {"401", "403"} <= set(operation["responses"]), f"{method} {path}"
            assert operation["security"]


def test_me_tells_permissions_and_channel_names_to_admins_only(clients: Any) -> None:
    me = clients("owner").get("me/").get_json()
    assert me["permissions"] == {
        "propose": True,
        "approve": False,
        "acknowledge": True,
        "upload": False,
        "admin": False,
        "scopes": False,
        "reports": False,
        "templates": False,
        "define": False,
        "explain": True,
        "sign": False,
        "diagnose": False,
    }
    assert "channels" not in me
    answer = clients("admin").get("me/")
    assert answer.get_json()["channels"] == ["hook", "mail"]
    assert "canary-secret" not in answer.get_data(as_text=True)
    assert answer.get_json()["permissions"] == {
        "propose": True,
        "approve": True,
        "acknowledge": True,
        "upload": True,
        "admin": True,
        "scopes": True,
        "reports": True,
        "templates": True,
        "define": True,
        "explain": True,
        "sign": True,
        "diagnose": True,
    }


def test_the_menu_shows_the_category_to_kpi_roles_only(clients: Any) -> None:
    def menu(user: str) -> dict[str, Any]:
        data = clients(user).get("/api/v1/menu/").get_json()["result"]
        return {item["name"]: item for item in data}

    assert "KPI" not in menu("gamma")
    shown = menu("viewer")
    assert [item["label"] for item in shown["KPI"]["childs"]] == [
        "Home",
        "Targets",
        "Alerts",
        "Reports",
        "Differences",
        "Glossary",
        "Diagnosis",
    ]
    assert list(shown)[-1] == "KPI" or list(shown).index("KPI") > list(shown).index("Dashboards")
    chinese = clients("viewer").get("/api/v1/menu/?_l_=zh").get_json()["result"]
    labels = [item["label"] for item in next(item for item in chinese if item["name"] == "KPI")["childs"]]
    assert labels == ["首页", "目标管理", "预警中心", "报告", "对账差异", "指标词典", "诊断"]
    # Who plans sees the guide, who manages scopes sees them. (The site has no folder for uploads.)
    for user, more in (("owner", ["Set-up"]), ("approver", ["Set-up"]), ("admin", ["Set-up", "Scopes"])):
        assert [item["label"] for item in menu(user)["KPI"]["childs"]][7:] == more


def test_the_menu_links_to_the_installed_dashboards_in_the_users_language(app: Any, clients: Any) -> None:
    from superset.extensions import db
    from superset.models.dashboard import Dashboard

    slugs = ("kpi-overview", "kpi-overview-zh", "kpi-finance")
    with app.app_context():
        db.session.add_all([Dashboard(dashboard_title=slug, slug=slug) for slug in slugs])
        db.session.commit()
    try:
        # Outside of the app context: a request within one would share its language.
        found = {
            language: clients("viewer").get(f"/api/v1/menu/?_l_={language}").get_json()["result"]
            for language in ("en", "zh")
        }
    finally:
        with app.app_context():
            for board in db.session.query(Dashboard).filter(Dashboard.slug.in_(slugs)):
                db.session.delete(board)
            db.session.commit()
    links = {
        language: [(item["label"], item["url"]) for item in data if item["name"] == "KPI" for item in item["childs"]]
        for language, data in found.items()
    }
    base = "/superset/dashboard"
    assert [label for label, _ in (links["en"][0], links["zh"][0])] == ["Home", "首页"]
    assert links["en"][1:3] == [("KPI overview", f"{base}/kpi-overview/"), ("Finance", f"{base}/kpi-finance/")]
    # Finance is there in English alone.
    assert links["zh"][1:3] == [("KPI 总览", f"{base}/kpi-overview-zh/"), ("财务", f"{base}/kpi-finance/")]
    assert len(links["en"]) == len(links["zh"]) == 9


def test_messages_are_in_the_users_language(viewer: Any) -> None:
    error = error_of(viewer.get("targets/?grain=month&period_start=x&_l_=zh"), 400)
    assert error["message"] == "参数 period_start 必须是日期，例如 2026-11-01。"
