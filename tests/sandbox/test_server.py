"""The sandbox's own affairs: health, connections, truth over HTTP, the ERP, and the command line."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import openpyxl
import psycopg
import requests

from airflow_dags.accounts import account_of
from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.erp_books import books, platform_lines
from airflow_dags.sandbox.business.erp_fees import booked_fees, platform_fees
from airflow_dags.sandbox.erp import QUERIES, STREAMS, erp_rows, write_erp_database, write_erp_files
from airflow_dags.sandbox.platforms import connections_of
from airflow_dags.sandbox.state import SandboxState

ROOT = Path(__file__).resolve().parents[2]


def get(state: SandboxState, path: str, **params: str) -> requests.Response:
    return requests.get(f"{state.base_url}/sandbox/{path}", params=params, timeout=10)


def test_health_names_the_days_and_accounts(state: SandboxState) -> None:
    health = get(state, "health").json()
    assert (health["status"], health["revision"], health["as_of"]) == ("ok", 0, "2026-11-03")
    assert (health["first_day"], health["last_day"]) == ("2026-10-01", "2026-11-02")
    assert health["accounts"] == ["aurora_us", "harbor_us", "cascade_us"]
    assert health["platforms"]["amazon_ads"] == health["platforms"]["amazon_sp"] == health["accounts"]
    for shop in state.business.shops:
        assert shop.account_id in health["platforms"][shop.platform]


def test_airflow_imports_the_connections(state: SandboxState, tmp_path: Path) -> None:
    """By Airflow's own reader of connection files, with no database."""
    from airflow.secrets.local_filesystem import load_connections_dict

    path = tmp_path / "connections.json"
    path.write_text(get(state, "connections", erp_url="postgresql+psycopg://erp@localhost/erp").text)
    found = load_connections_dict(str(path))
    assert set(found) >= {
        *(f"amazon_{api}_{account}" for api in ("sp", "ads") for account in ("aurora_us", "harbor_us", "cascade_us")),
        "erp_erp_main",
    }
    assert {conn_id: f"{c.conn_type}_{c.extra_dejson['account_id']}" for conn_id, c in found.items()} == {
        conn_id: conn_id for conn_id in found
    }
    connection = found["amazon_sp_aurora_us"]
    assert (connection.conn_type, connection.extra_dejson["account_id"]) == ("amazon_sp", "aurora_us")
    assert connection.password.startswith("amzn1.oa2-cs.v1.")
    assert connection.extra_dejson["endpoint"] == state.base_url
    assert "client_secret" not in connection.extra_dejson
    assert found["erp_erp_main"].extra_dejson["queries"] == QUERIES


def test_secrets_outlive_a_restart_and_differ_by_seed(business: Business) -> None:
    one, again = connections_of(SandboxState(business)), connections_of(SandboxState(business))
    assert one == again
    other = connections_of(SandboxState(Business(8, business.as_of, small=True)))
    for conn_id, connection in one.items():
        assert account_of(connection).secrets, conn_id
        assert not set(account_of(connection).secrets.values()) & set(account_of(other[conn_id]).secrets.values())


def test_truth_is_served_and_filtered(state: SandboxState) -> None:
    rows = get(state, "truth/values", kpi_id="acos", entity_kind="account", period_start="2026-10-01").json()
    amazon = ["account:aurora_us", "account:harbor_us", "account:cascade_us"]
    assert [row["entity_id"] for row in rows] == [*amazon, "account:harbor_walmart", "account:cascade_tiktok"]
    assert set(rows[0]) == {
        "kpi_id", "entity_kind", "entity_id", "grain", "period_start", "numerator", "denominator", "value",
    }  # fmt: skip
    assert all(isinstance(rows[0][name], str) for name in ("numerator", "denominator", "value"))
    assert get(state, "truth/values", revision="2").status_code == 400
    before = get(state, "truth/values", kpi_id="gmv", entity_kind="company").json()
    requests.post(f"{state.base_url}/sandbox/advance", timeout=60)
    after = get(state, "truth/values", kpi_id="gmv", entity_kind="company").json()
    assert before != after
    assert get(state, "truth/values", kpi_id="gmv", entity_kind="company", revision="0").json() == before


def test_targets_and_breaches_are_served(state: SandboxState) -> None:
    targets = get(state, "truth/targets").json()
    people = {person.employee_id for person in state.business.catalogue.people}
    assert {target["owner"] for target in targets} <= people
    keys = [(t["kpi_id"], t["entity_id"], t["grain"], t["period_start"]) for t in targets]
    assert len(set(keys)) == len(keys)
    breaches = get(state, "truth/breaches").json()
    assert {(b["kpi_id"], b["entity_id"], b["grain"], b["period_start"]) for b in breaches} <= set(keys)
    assert sum(b["kpi_id"] == "acos" and b["period_start"] == "2026-11-01" for b in breaches) == 3
    assert [b["entity_id"] for b in breaches if b["kpi_id"] == "gmv"] == ["account:cascade_us"] * 2


def test_erp_files_hold_the_same_rows_in_both_kinds(state: SandboxState, business: Business) -> None:
    for stream in ("products", "unit_costs", "staff", "promotions"):
        text = get(state, f"erp/{stream}.csv").content.decode("utf-8-sig")
        header, *rows = csv.reader(io.StringIO(text))
        sheet = openpyxl.load_workbook(io.BytesIO(get(state, f"erp/{stream}.xlsx").content)).active
        head, *cells = sheet.iter_rows(values_only=True)
        assert list(head) == header
        assert len(rows) == len(cells) == len(erp_rows(business, stream)) > 5
        assert [row[0] for row in rows] == [row[0] for row in cells]
    assert get(state, "erp/orders.csv").status_code == 404
    assert get(state, "erp/staff.pdf").status_code == 404


def test_erp_files_are_written_to_a_folder(business: Business, tmp_path: Path) -> None:
    names = {path.name for path in write_erp_files(business, tmp_path / "erp")}
    assert names == {f"{stream}.{'xlsx' if stream == 'unit_costs' else 'csv'}" for stream in STREAMS}


def test_erp_as_a_database_answers_its_queries_and_is_filled_again(fresh_database: str, business: Business) -> None:
    url = fresh_database.replace("postgresql://", "postgresql+psycopg://", 1)
    counts = write_erp_database(url, business)
    assert write_erp_database(url, business) == counts
    with psycopg.connect(fresh_database) as connection:
        days = {"first_day": business.first_day, "last_day": business.last_day}
        for stream, query in QUERIES.items():
            bound = query.replace(":first_day", "%(first_day)s").replace(":last_day", "%(last_day)s")
            # What was booked after the last day (a purchase at its evening elsewhere) is not asked for.
            wanted = [
                row
                for row in erp_rows(business, stream)
                if stream not in ("sales", "fees") or row[0] <= business.last_day
            ]
            assert sorted(connection.execute(bound, days).fetchall(), key=str) == sorted(wanted, key=str)


def test_the_erp_differs_from_the_platforms_where_it_is_said_and_nowhere_else(business: Business) -> None:
    for revision in (0, 1):
        lines, differences = books(business, revision)
        erp, platform = Counter(), Counter()
        for found, sums in ((lines, erp), (platform_lines(business, revision), platform)):
            for line in found:
                number = line.line_number % 100  # a second booking of a line is the line's
                sums[line.account_id, line.order_id, line.kind, number] += line.amount - line.discount
        wrong = {key for key in erp.keys() | platform.keys() if erp[key] != platform[key]}
        assert wrong == {(one.account_id, one.order_id, one.booking, one.line_number) for one in differences}
        for one in differences:
            key = (one.account_id, one.order_id, one.booking, one.line_number)
            assert (platform[key], erp[key]) == (one.platform_amount, one.erp_amount)
        assert len(differences) >= 5
    assert books(business, 0)[1] == books(business, 1)[1]


def test_the_erps_fees_differ_where_it_is_said_and_nowhere_else(business: Business) -> None:
    for revision in (0, 1):
        fees, differences = booked_fees(business, revision)
        erp, platform = (Counter() for _ in range(2))
        for found, sums in ((fees, erp), (platform_fees(business, revision), platform)):
            for fee in found:
                sums[fee.account_id, fee.day, fee.fee_type, fee.reference] += fee.amount
        wrong = {key for key in erp.keys() | platform.keys() if erp[key] != platform[key]}
        told = {(one.fee.account_id, one.fee.day, one.fee.fee_type, one.fee.reference) for one in differences}
        assert wrong == told
        assert len(differences) == 2
    assert booked_fees(business, 0)[1] == booked_fees(business, 1)[1]


def test_the_command_prints_one_line_when_it_is_ready() -> None:
    command = [sys.executable, "-m", "airflow_dags.sandbox.server", "--port", "0", "--small", "--as-of", "2026-11-03"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        line = process.stdout.readline()
        assert line.startswith("sandbox ready on http://127.0.0.1:")
        url = line.split()[3]
        assert requests.get(f"{url}/sandbox/health", timeout=10).json()["status"] == "ok"
        other = subprocess.run(
            [*command[:4], url.rsplit(":", 1)[1], "--small"],
            capture_output=True, text=True, env=environment, timeout=30, check=False,
        )  # fmt: skip
        assert other.returncode == 1
        assert "Choose another --port" in other.stderr
    finally:
        process.terminate()
        process.communicate(timeout=10)


def test_connections_are_plain_json(state: SandboxState) -> None:
    connections = json.loads(get(state, "connections", erp_files_dir="/data/erp").text)
    assert connections["erp_erp_main"]["extra"] == {"account_id": "erp_main", "files_dir": "/data/erp"}
