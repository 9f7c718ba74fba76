"""The bundle for support: what is in it, and that a distinct secret in every place that may hold one is not."""

from __future__ import annotations

import io
import json
import logging
import re
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from superset_kpi_plugin.cli import kpi
from superset_kpi_plugin.config import SETTINGS
from tests.plugin.conftest import PASSWORD, error_of, run_sql

FILES = {"versions", "settings", "migrations", "doctor", "roles", "freshness", "errors", "rules", "counts"}
#: Every canary holds this, whatever else its form asks for.
MARK = "canary"


def canary(place: str) -> str:
    """A secret that looks like none, so that only where it stands can give it away."""
    return f"{MARK}{re.sub('[^a-z]', '', place.lower())}"


CHANNELS: dict[str, Any] = {
    "slack": f"slack://{canary('slack a')}/{canary('slack b')}/{canary('slack c')}/#general",
    "teams": f"msteams://{canary('teams a')}/{canary('teams b')}/{canary('teams c')}/{canary('teams d')}/",
    "teams flow": f"workflows://prod.example.com:443/{canary('flow id')}/{canary('flow signature')}/",
    "dingtalk": f"dingtalk://{canary('ding secret')}@{canary('ding token')}/13800000000",
    "feishu": f"feishu://{canary('feishu')}/",
    "lark": f"lark://{canary('lark')}/",
    "wecom": f"wecombot://{canary('wecom')}/",
    "telegram": f"tgram://123456789:{canary('telegram')}/{canary('chat')}",
    "hook": f"jsons://user:{canary('hook password')}@hooks.example.com/{canary('hook path')}"
    f"?token={canary('hook query')}&+X-Key={canary('hook header')}",
    "mail": {
        "url": [f"mailtos://bot:{canary('mail password')}@smtp.example.com/?from={canary('from')}@example.com"],
        "user": canary("channel user"),
        "locale": {f"{canary('mail locale')}@example.com": "zh"},
    },
    "own": {"url": f"mailto://{canary('own user')}:{canary('own password')}@example.com", "to": "owner"},
}
#: Settings of Superset and of the plugin that may hold something secret. Not SECRET_KEY, which is the session's, nor
#: MAPBOX_API_KEY, which Superset itself gives to every browser.
CONFIG: dict[str, Any] = {
    "KPI_PUBLISHER_URI": f"postgresql://{canary('publisher user')}:{canary('publisher')}@127.0.0.1:1/{canary('name')}",
    "KPI_CHANNELS": CHANNELS,
    "KPI_OWNERS": {"e001": {"email": f"{canary('owner')}@example.com", "user": "owner", "next": canary("next")}},
    "KPI_ROUTES": [{"channels": ["hook"], "owner": canary("route")}],
    "KPI_PUBLIC_URL": f"https://bi:{canary('public')}@bi.example.com/{canary('pub path')}?k={canary('pub query')}",
    "KPI_UPLOAD_DIR": f"/mnt/{canary('folder')}",
    "PREVIOUS_SECRET_KEY": canary("previous key"),
    "GUEST_TOKEN_JWT_SECRET": canary("guest"),
    "GLOBAL_ASYNC_QUERIES_JWT_SECRET": canary("async"),
    "SMTP_PASSWORD": canary("smtp"),
    "SMTP_USER": canary("smtp user"),
    "SLACK_API_TOKEN": canary("slack api"),
    "OAUTH_PROVIDERS": [{"name": "x", "remote_app": {"client_id": "1", "client_secret": canary("oauth")}}],
    "AUTH_LDAP_BIND_PASSWORD": canary("ldap"),
    "RECAPTCHA_PRIVATE_KEY": canary("recaptcha"),
    "DATA_CACHE_CONFIG": {"CACHE_TYPE": "RedisCache", "CACHE_REDIS_URL": f"redis://:{canary('redis')}@cache/0"},
    "CACHE_CONFIG": {"CACHE_TYPE": canary("cache type"), "CACHE_REDIS_PASSWORD": canary("cache")},
    "SQLALCHEMY_EXAMPLES_URI": f"postgresql://x:{canary('examples')}@db/x",
    "CELERY_CONFIG": type("Celery", (), {"broker_url": f"redis://:{canary('broker')}@cache/0"}),
    "SQLALCHEMY_ENGINE_OPTIONS": {"connect_args": {"password": canary("engine")}},
}
ENVIRONMENT = {
    **{
        name: canary(f"env {name}") for name in ("KPI_SECRET_KEY", "AWS_SECRET_ACCESS_KEY", "DB_PASSWORD", "PGPASSWORD")
    },
    "AIRFLOW_CONN_AMAZON": f"amazon://me:{canary('env connection')}@host/?token={canary('env token')}",
}
#: What a pipeline may have written down of a failed load.
ERRORS = (
    f"LoginRefused: https://seller:{canary('error password')}@api.example.com/v1?token={canary('error query')} got 401",
    f"headers {{'Authorization': 'Bearer {canary('error bearer')}', 'x-amz-access-token': '{canary('error header')}'}}",
    f"could not connect: postgresql://kpi:{canary('error uri')}@db/wh; password={canary('error dsn')}",
    f"POST https://hooks.slack.com/services/T0/B0/{canary('error hook')}9 failed",
    f'{{"refresh_token": "{canary("error json")}", "client_secret": "{canary("error secret")}"}}',
    "key 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 and eyJhbGciOi.eyJzdWIiOiIxIn0.SflKxw",
    f"bounced: {canary('error mail')}@example.com",
)
#: Parts of the errors above that are no words of ours.
FORBIDDEN = (MARK, PASSWORD, "9f86d081", "SflKxw", "tests-only")


@pytest.fixture
def planted(app: Any, clean: Any, metadata_uri: str, monkeypatch: Any) -> Iterator[None]:
    """A canary everywhere."""
    for name, value in CONFIG.items():
        monkeypatch.setitem(app.config, name, value)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    for place, error in enumerate(ERRORS):
        clean.execute(
            "insert into kpi.kpi_freshness values ('amazon_sp', 'aurora_us', %s, null, null, null, 0, 'failed', %s)",
            (f"stream{place}", error),
        )
    run_sql(
        metadata_uri,
        "insert into kpi_alert_rule (id, name, kpi_id, entity_kind, grain, condition, parameters, hysteresis, "
        "tolerance, include_provisional, severity, channels, escalation, for_minutes, keep_firing_minutes, is_enabled, "
        "owner, playbook_en, created_at, changed_at) values (1, %s, 'gmv', 'account', 'month', 'limit', "
        "'{\"limit\": \"5\"}', 0, 0, false, 'critical', '[\"hook\"]', '[]', 0, 0, true, %s, %s, now(), now()); "
        "insert into kpi_outbox (key, event, channel, recipient, payload, state, attempts, created_at, "
        "next_attempt_at, last_error) values ('k', 'report', 'mail', %s, '{}', 'failed', 9, now(), now(), %s); "
        "insert into kpi_publication (state, requested_by, started_at, finished_at, error) "
        "values ('failed', 'owner', now(), now(), %s)",
        (
            f"GMV, ask {canary('rule')}@example.com",
            f"{canary('rule owner')}@example.com",
            f"https://wiki.example.com/?token={canary('playbook')}",
            f"{canary('recipient')}@example.com",
            ERRORS[1],
            ERRORS[0],
        ),
    )
    with app.app_context():
        before = _connection(app, canary("encrypted"), f"postgresql://x:{canary('connection')}@127.0.0.1:1/x")
    yield
    with app.app_context():
        _connection(app, None, None, before)


def _connection(app: Any, extra: str | None, uri: str | None, before: Any = None) -> Any:
    """Plant secrets in the warehouse's own connection and add another one; or take both away again."""
    from superset.extensions import db
    from superset.models.core import Database

    warehouse = db.session.query(Database).filter_by(database_name="KPI warehouse").one()
    kept = warehouse.encrypted_extra
    warehouse.encrypted_extra = json.dumps({"connect_args": {"application_name": extra}}) if extra else before
    if uri:
        other = Database(database_name="Other", encrypted_extra=json.dumps({"token": canary("other extra")}))
        other.set_sqlalchemy_uri(uri)
        other.server_cert = f"-----BEGIN CERTIFICATE-----{canary('certificate')}-----END CERTIFICATE-----"
        db.session.add(other)
    else:
        db.session.delete(db.session.query(Database).filter_by(database_name="Other").one())
    db.session.commit()
    return kept


def texts_of(content: bytes) -> dict[str, str]:
    """The bundle's files by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert file.testzip() is None
        return {name: file.read(name).decode() for name in file.namelist()}


def leaks(text: str) -> list[str]:
    """What must not be in a text, with what stands around it."""
    return [
        text[max(0, found.start() - 40) : found.end() + 30] for word in FORBIDDEN for found in re.finditer(word, text)
    ]


def test_the_bundle_says_what_support_needs(admin: Any, clean: Any, metadata_uri: str) -> None:
    answer = admin.get("diagnosis/bundle")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert re.fullmatch(r'attachment; filename="kpi-diagnosis-\d{8}-\d{6}\.zip"', answer.headers["Content-Disposition"])
    texts = texts_of(answer.data)
    assert set(texts) == {f"{name}.json" for name in FILES} | {"README.txt"}
    found = {name: json.loads(texts[f"{name}.json"]) for name in FILES}
    assert not [name for name, part in found.items() if isinstance(part, dict) and "error" in part]
    assert found["migrations"]["current"] == found["migrations"]["head"]
    assert found["versions"]["packages"]["apache-superset"].startswith("6.")
    assert found["versions"]["databases"]["reader"]["kind"] == "postgresql"
    assert found["settings"]["plugin"]["KPI_STATEMENT_TIMEOUT"] == 20
    assert found["settings"]["plugin"]["KPI_FOUR_EYES"] is True
    assert found["settings"]["plugin"]["KPI_PUBLISHER_URI"] == "(set)"
    assert found["settings"]["plugin"]["KPI_UPLOAD_DIR"] == "(not set)"
    assert [(row["name"], row["kinds"]) for row in found["settings"]["channels"]] == [
        ("hook", {"webhook": 1}),
        ("mail", {"mail": 1}),
    ]
    assert {row["check"]: row["state"] for row in found["doctor"]}["migrations"] == "ok"
    assert ["can_manage", "KPI Diagnosis"] in found["roles"]["table"]["KPI Admin"]
    assert found["roles"]["held"]["KPI Viewer"]["lacks"] == []
    assert [row["state"] for row in found["freshness"]] == ["stale", "fresh", "fresh"]
    assert found["counts"]["contract"]["entities"]["account"] == 2
    assert found["counts"]["tables"]["kpi_target"] == 0


def test_every_setting_is_told_by_value_or_by_whether_it_is_set(admin: Any, clean: Any) -> None:
    told = json.loads(texts_of(admin.get("diagnosis/bundle").data)["settings.json"])["plugin"]
    assert set(told) == {known.name for known in SETTINGS}
    secret = {known.name for known in SETTINGS if known.is_secret}
    assert {told[name] for name in secret} <= {"(set)", "(not set)"}


def test_a_value_of_an_unexpected_kind_is_not_told(app: Any, admin: Any, clean: Any, monkeypatch: Any) -> None:
    for name in ("KPI_STATEMENT_TIMEOUT", "KPI_DEFAULT_SCOPE", "KPI_FOUR_EYES"):
        monkeypatch.setitem(app.config, name, "30" if name == "KPI_STATEMENT_TIMEOUT" else canary(name))
    texts = texts_of(admin.get("diagnosis/bundle").data)
    assert leaks(texts["settings.json"]) == []
    assert json.loads(texts["settings.json"])["plugin"]["KPI_STATEMENT_TIMEOUT"] == "(set)"


def test_no_secret_is_in_bundle_page_answers_or_log(admin: Any, planted: None, caplog: Any) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = admin.get("diagnosis/bundle")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        texts = texts_of(answer.data)
        found = {name: leaks(text) for name, text in texts.items()}
        for path in ("diagnosis/", "diagnosis/?_l_=zh", "diagnosis/?kpi=gmv&entity=account:aurora_us", "freshness/"):
            shown = admin.get(path)
            assert shown.status_code == 200
            found[path] = leaks(shown.get_data(as_text=True))
        found["page"] = leaks(admin.get("/kpi/diagnosis/").get_data(as_text=True))
    found["log"] = leaks(caplog.text)
    assert {name: leaked for name, leaked in found.items() if leaked} == {}
    # What was planted was looked at all the same.
    settings = json.loads(texts["settings.json"])
    kinds = {kind for row in settings["channels"] for kind in row["kinds"]}
    assert {"slack", "msteams", "dingtalk", "feishu", "wecombot", "telegram", "webhook", "mail"} <= kinds
    assert settings["superset_settings"]["cache"] == "other"
    errors = json.loads(texts["errors.json"])
    assert len(errors["loads"]) == len(ERRORS)
    assert "https://api.example.com/v1?*** got 401" in texts["errors.json"]
    assert (len(errors["messages"]), len(errors["publications"])) == (1, 1)
    assert json.loads(texts["rules.json"])[0]["channels"] == 1


def test_the_allow_lists_alone_keep_the_secrets_out(admin: Any, planted: None, monkeypatch: Any) -> None:
    """Not the last pass, which takes out what is known: it must find nothing to do."""
    monkeypatch.setattr("superset_kpi_plugin.diagnosis.bundle.known_secrets", set)
    texts = texts_of(admin.get("diagnosis/bundle").data)
    assert {name: leaks(text) for name, text in texts.items() if leaks(text)} == {}


def test_the_last_pass_takes_out_what_a_text_got_hold_of(app: Any, admin: Any, planted: None, monkeypatch: Any) -> None:
    from superset_kpi_plugin.diagnosis import parts

    every = [*CONFIG["OAUTH_PROVIDERS"][0]["remote_app"].values(), CONFIG["SMTP_PASSWORD"], *ENVIRONMENT.values()]
    every += [
        canary("publisher"),
        canary("engine"),
        canary("redis"),
        canary("encrypted"),
        canary("connection"),
        PASSWORD,
    ]
    every = [secret for secret in every if len(secret) > 5]
    monkeypatch.setitem(parts.PARTS, "versions", lambda: {"text": "said " + " ".join(every)})
    text = texts_of(admin.get("diagnosis/bundle").data)["versions.json"]
    assert [secret for secret in every if secret in text] == []


def test_a_part_that_fails_costs_no_other_and_is_told_by_its_kind(admin: Any, clean: Any, monkeypatch: Any) -> None:
    from superset_kpi_plugin.diagnosis import parts

    def broken() -> None:
        raise RuntimeError(canary("broken"))

    monkeypatch.setitem(parts.PARTS, "counts", broken)
    texts = texts_of(admin.get("diagnosis/bundle").data)
    assert json.loads(texts["counts.json"]) == {"error": "RuntimeError"}
    assert "packages" in texts["versions.json"]
    assert not any(leaks(text) for text in texts.values())


def test_the_bundle_is_made_without_the_warehouse_too(app: Any, admin: Any, clean: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(app.config, "KPI_WAREHOUSE_DATABASE", canary("database"))
    texts = texts_of(admin.get("diagnosis/bundle").data)
    assert "error" in json.loads(texts["freshness.json"])
    assert "roles" in json.loads(texts["doctor.json"])[2]["check"]


@pytest.mark.parametrize("user", ["viewer", "owner", "approver"])
def test_it_is_for_admins_only(clients: Any, clean: Any, user: str) -> None:
    error_of(clients(user).get("diagnosis/bundle"), 403)


def test_the_command_writes_a_file_that_only_its_owner_reads(app: Any, planted: None, tmp_path: Path) -> None:
    file = tmp_path / "bundle.zip"
    result = app.test_cli_runner().invoke(kpi, ["diagnose", "--output", str(file)])
    assert result.exit_code == 0, result.output
    assert str(file) in result.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    texts = texts_of(file.read_bytes())
    assert set(texts) == {f"{name}.json" for name in FILES} | {"README.txt"}
    assert not any(leaks(text) for text in [*texts.values(), result.output])
    result = app.test_cli_runner().invoke(kpi, ["diagnose", "--output", str(tmp_path / "no" / "where.zip")])
    assert (result.exit_code, "can't be written: No such file or directory." in result.output) == (1, True)
