"""Registration, migrations and the command line: what an administrator meets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from superset_kpi_plugin.cli import kpi
from superset_kpi_plugin.config import DEFAULTS, SETTINGS
from superset_kpi_plugin.plugin import NotRegistered, assert_registered, register
from tests.plugin.conftest import BASE_CONFIG, run_sql
from tests.plugin.test_publishing import DEAD
from tests.plugin.test_targets_api import GMV, save


class App:
    """Stands for a Flask app where only these two are looked at."""

    def __init__(self) -> None:
        self.extensions: dict[str, Any] = {}
        self.view_functions: dict[str, Any] = {}


def test_register_keeps_the_sites_settings_and_own_hooks(monkeypatch: Any) -> None:
    calls: list[str] = []
    monkeypatch.setattr("superset_kpi_plugin.plugin.add_to_app", lambda app: calls.append("plugin"))
    config: dict[str, Any] = {"FLASK_APP_MUTATOR": lambda app: calls.append("site"), "KPI_STATEMENT_TIMEOUT": 5}
    register(config)
    register(config)  # as when the file is read twice
    config["FLASK_APP_MUTATOR"](App())
    assert calls == ["site", "plugin"]
    assert config["KPI_STATEMENT_TIMEOUT"] == 5
    assert {name: config[name] for name in DEFAULTS if name != "KPI_STATEMENT_TIMEOUT"} == {
        name: value for name, value in DEFAULTS.items() if name != "KPI_STATEMENT_TIMEOUT"
    }
    assert config["KPI_CHANNELS"] is not DEFAULTS["KPI_CHANNELS"]


def test_every_setting_is_documented() -> None:
    for setting in SETTINGS:
        assert setting.name.startswith("KPI_")
        assert len(setting.meaning) > 30, setting.name


def test_a_plugin_that_is_not_whole_refuses_to_start(app: Any) -> None:
    assert_registered(app)
    with pytest.raises(NotRegistered, match="FLASK_APP_MUTATOR"):
        assert_registered(App())
    half = App()
    half.extensions["superset_kpi"] = True
    with pytest.raises(NotRegistered, match=r"KpiAgreementApi\.approve"):
        assert_registered(half)


def superset(config: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the real `superset` command line with a configuration."""
    environment = {**os.environ, "SUPERSET_CONFIG_PATH": str(config), "FLASK_APP": "superset.app:create_app()"}
    command = [str(Path(sys.executable).parent / "superset"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, cwd=config.parent)


def test_superset_does_not_start_when_a_later_line_takes_the_hook_away(metadata_uri: str, tmp_path: Path) -> None:
    config = tmp_path / "superset_config.py"
    text = BASE_CONFIG.format(metadata_uri=metadata_uri, home=str(tmp_path))
    text += "from superset_kpi_plugin.plugin import register; register(globals())\n"
    config.write_text(text + "FLASK_APP_MUTATOR = lambda app: None\n")
    result = superset(config, "kpi", "doctor")
    assert result.returncode != 0
    assert "register(globals()) the last line" in result.stdout + result.stderr


def test_upgrade_refuses_before_supersets_own_tables_exist(fresh_database: str, tmp_path: Path) -> None:
    config = tmp_path / "superset_config.py"
    text = BASE_CONFIG.format(metadata_uri=fresh_database, home=str(tmp_path))
    config.write_text(text + "from superset_kpi_plugin.plugin import register; register(globals())\n")
    result = superset(config, "kpi", "upgrade")
    assert result.returncode != 0
    assert "superset db upgrade" in result.stderr, result.stderr[-500:]
    tables = run_sql(fresh_database, "select tablename from pg_tables where tablename like 'kpi%%'")
    assert tables == []


def test_upgrade_twice_changes_nothing(app: Any) -> None:
    result = app.test_cli_runner().invoke(kpi, ["upgrade"])
    assert result.exit_code == 0, result.output
    assert "0 granted, 0 revoked, 0 deleted" in result.output


def test_migrations_make_the_tables_that_the_models_describe(app_context: Any, metadata_uri: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext
    from flask_appbuilder import Model
    from superset.extensions import db

    from superset_kpi_plugin import migrations

    assert migrations.current_revision(db.engine) == migrations.head_revision()
    ours = {name for name in Model.metadata.tables if name.startswith("kpi_")}
    with db.engine.connect() as connection:
        options = {
            "version_table": migrations.VERSION_TABLE,
            "include_object": lambda item, name, kind, reflected, to: (kind != "table") or name in ours,
        }
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), Model.metadata)
    # The partial unique indexes live in the migrations only: other engines don't know them.
    differences = [item for item in differences if not (item[0] == "remove_index" and "_one_" in str(item[1].name))]
    assert differences == []
    versions = run_sql(metadata_uri, "select count(*) as n from alembic_version")
    assert versions == [{"n": 1}]


def test_superset_lists_the_commands() -> None:
    result = subprocess.run(
        [sys.executable, "-c", "from superset_kpi_plugin.cli import kpi; print(sorted(kpi.commands))"],
        capture_output=True,
        text=True,
        check=True,
    )
    names = ["deliver", "diagnose", "doctor", "evaluate", "install", "publish", "reports", "rules"]
    assert result.stdout.strip() == str([*names, "uninstall", "upgrade"])


def test_publish_from_the_command_line_fails_loudly_and_mends(
    app: Any, owner: Any, approver: Any, clean: Any, monkeypatch: Any
) -> None:
    [row] = save(owner, {**GMV, "target_value": "100"})
    monkeypatch.setitem(app.config, "KPI_PUBLISHER_URI", DEAD)
    approver.post("targets/approve", {"ids": [row["id"]], "reason": "The plan changed"})
    result = app.test_cli_runner().invoke(kpi, ["publish"])
    assert (result.exit_code, "does not answer" in result.output) == (1, True)
    assert "canary-password" not in result.output
    monkeypatch.undo()
    result = app.test_cli_runner().invoke(kpi, ["publish"])
    assert (result.exit_code, json.loads(result.output)["state"]) == (0, "done")
    assert len(clean.targets()) == 1


def findings(app: Any) -> tuple[int, dict[str, dict[str, str]], str]:
    result = app.test_cli_runner().invoke(kpi, ["doctor", "--json"])
    return result.exit_code, {item["check"]: item for item in json.loads(result.output)}, result.output


def test_a_trail_that_was_restored_head_and_all_is_found_by_where_it_ended(
    app: Any, owner: Any, clean: Any, metadata_uri: str
) -> None:
    save(owner, {**GMV, "target_value": "100"})
    tables = ("kpi_audit", "kpi_audit_head")
    kept = {name: run_sql(metadata_uri, f"select * from {name}") for name in tables}
    save(owner, {**GMV, "target_value": "101"})
    detail = findings(app)[1]["audit trail"]["detail"]
    known = detail.rpartition(" ends at ")[2].rstrip(".")

    def check() -> dict[str, str]:
        output = app.test_cli_runner().invoke(kpi, ["doctor", "--json", "--audit-anchor", known]).output
        return {item["check"]: item["state"] for item in json.loads(output)}

    save(owner, {**GMV, "target_value": "102"})
    assert check()["audit anchor"] == "ok"
    run_sql(metadata_uri, f"truncate {', '.join(tables)}")
    for name, rows in kept.items():
        for row in rows:
            marks = ", ".join(["%s"] * len(row))
            run_sql(metadata_uri, f"insert into {name} ({', '.join(row)}) values ({marks})", tuple(row.values()))
    states = check()
    # The seal of the older head is right, so the trail alone shows nothing.
    assert (states["audit trail"], states["audit anchor"]) == ("ok", "fail")


def test_the_doctor_finds_a_healthy_plugin_healthy(app: Any, owner: Any, approver: Any, clean: Any) -> None:
    [row] = save(owner, {**GMV, "target_value": "100"})
    approver.post("targets/approve", {"ids": [row["id"]], "reason": "The plan changed"})
    code, found, output = findings(app)
    assert code == 0, output
    states = {name: item["state"] for name, item in found.items()}
    warned = {"freshness", "public address", "dashboard"}  # the sample has a stale stream, no dashboard and no address
    assert states == {name: "warn" if name in warned else "ok" for name in states}
    assert len(states) == 15
    table = app.test_cli_runner().invoke(kpi, ["doctor"]).output
    assert "OK    reader is read-only" in table
    for secret in ("canary-secret", app.config["KPI_PUBLISHER_URI"].split(":")[2].split("@")[0]):
        assert secret not in output + table


@pytest.mark.parametrize(
    ("damage", "repair", "check", "part"),
    [
        ("grant insert on kpi.kpi_values to {reader}", "revoke insert on kpi.kpi_values from {reader}",
         "reader is read-only", "kpi.kpi_values"),
        ("grant update on kpi.kpi_values to {publisher}", "revoke update on kpi.kpi_values from {publisher}",
         "publisher", "kpi.kpi_values"),
        ("revoke delete on kpi.kpi_targets from {publisher}", "grant delete on kpi.kpi_targets to {publisher}",
         "publisher", "lacks"),
        ("alter table kpi.kpi_freshness rename to gone", "alter table kpi.gone rename to kpi_freshness",
         "contract", "kpi_freshness"),
        ("alter table kpi.kpi_entities rename brand to mark", "alter table kpi.kpi_entities rename mark to brand",
         "contract", "brand"),
        ("insert into kpi.kpi_targets (target_id, version, kpi_id, entity_id, grain, period_start) "
         "values ('9', 1, 'gmv', 'x', 'month', '2026-01-01')", "truncate kpi.kpi_targets",
         "published targets", "superset kpi publish"),
    ],
)  # fmt: skip
def test_the_doctor_names_what_is_wrong(
    app: Any, clean: Any, warehouse_uris: dict[str, str], damage: str, repair: str, check: str, part: str
) -> None:
    names = {name: warehouse_uris[name].split("//")[1].split(":")[0] for name in ("reader", "publisher")}
    clean.execute(damage.format(**names))
    try:
        code, found, output = findings(app)
    finally:
        clean.execute(repair.format(**names))
    assert code == 1, output
    assert (found[check]["state"], part in found[check]["detail"]) == ("fail", True), found[check]


def test_the_doctor_without_a_warehouse_fails_in_words(app: Any, clean: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(app.config, "KPI_PUBLISHER_URI", DEAD)
    monkeypatch.setitem(app.config, "KPI_WAREHOUSE_DATABASE", "nowhere")
    monkeypatch.setitem(app.config, "KPI_CHANNELS", {"bad": "rubbish"})
    code, found, output = findings(app)
    assert code == 1
    assert {name for name, item in found.items() if item["state"] == "fail"} == {
        "reader", "reader is read-only", "contract", "publisher", "freshness", "published targets", "channels",
    }  # fmt: skip
    assert "canary-password" not in output
