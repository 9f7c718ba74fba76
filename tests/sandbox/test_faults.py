"""The switch for faults: what really happens on the wire, how often, and to whom."""

from __future__ import annotations

import email.utils
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from airflow_dags.sandbox.content import ADDED_COLUMN, Place, page_of, rows_of
from airflow_dags.sandbox.faults import ALIASES, KINDS, Fault
from airflow_dags.sandbox.state import SandboxState

PLACE = Place("amazon_sp", "orders", "aurora_us")
ROWS = [{"id": str(number), "cost": number} for number in range(7)]


def plan(state: SandboxState, kind: str, **more: Any) -> httpx.Response:
    return httpx.post(f"{state.base_url}/sandbox/faults", json={"kind": kind, **more})


def profiles(state: SandboxState, connections: dict, account: str = "aurora_us") -> httpx.Response:
    """A small JSON answer of the Ads API, with a new token."""
    connection = connections[f"amazon_ads_{account}"]
    form = {"grant_type": "refresh_token", "client_secret": connection["password"]}
    form |= {name: connection["extra"][name] for name in ("client_id", "refresh_token")}
    token = httpx.post(f"{state.base_url}/auth/o2/token", data=form).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Amazon-Advertising-API-ClientId": form["client_id"]}
    return httpx.get(f"{state.base_url}/v2/profiles", headers=headers, timeout=1.0)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("throttle_seconds", 429),
        ("throttle_date", 429),
        ("throttle_bare", 429),
        ("error_500", 500),
        ("error_502", 502),
        ("error_503", 503),
        ("error_504", 504),
        ("missing_role", 403),
        ("html_200", 200),
        ("empty_200", 200),
        ("invalid_json", 200),
        ("token_expired", 401),
    ],
)
def test_an_answer_is_spoilt_once_and_then_good_again(
    state: SandboxState, connections: dict, kind: str, status: int
) -> None:
    good = profiles(state, connections).json()
    assert plan(state, kind, platform="amazon_ads", operation="profiles").status_code == 200
    answer = profiles(state, connections)
    assert answer.status_code == status
    wait = answer.headers.get("Retry-After")
    if kind == "throttle_seconds":
        assert wait == "2"
    elif kind == "throttle_date":
        seconds = (email.utils.parsedate_to_datetime(wait) - datetime.now(UTC)).total_seconds()
        assert 0 < seconds <= 3
    else:
        assert wait is None
    if status == 200:
        with pytest.raises(json.JSONDecodeError):
            answer.json()
    assert profiles(state, connections).json() == good
    [told] = httpx.get(f"{state.base_url}/sandbox/faults").json()["faults"]
    assert (told["kind"], told["fired"], told["left"]) == (kind, 1, 0)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("timeout", httpx.ReadTimeout),
        ("reset", httpx.ReadError),
        ("reset_mid_body", httpx.ReadError),
        ("wrong_length", httpx.RemoteProtocolError),
        ("truncated_gzip", (httpx.DecodingError, json.JSONDecodeError)),
    ],
)
def test_a_connection_is_cut_for_real(state: SandboxState, connections: dict, kind: str, error: Any) -> None:
    good = profiles(state, connections).json()
    state.options.hang_seconds = 2.0
    plan(state, kind, operation="ads.profiles")
    with pytest.raises(error):
        profiles(state, connections).json()
    assert profiles(state, connections).json() == good


def test_faults_are_for_whom_they_are_planned(state: SandboxState, connections: dict) -> None:
    plan(state, "error", operation="profiles", account_id="harbor_us", times=5)
    plan(state, "error", platform="walmart", times=5)
    assert profiles(state, connections).status_code == 200
    assert profiles(state, connections, "harbor_us").status_code == 500
    httpx.delete(f"{state.base_url}/sandbox/faults")
    assert profiles(state, connections, "harbor_us").status_code == 200


def test_faults_may_come_after_good_calls(state: SandboxState, connections: dict) -> None:
    plan(state, "error_502", operation="profiles", after=1, times=2)
    assert [profiles(state, connections).status_code for _ in range(4)] == [200, 502, 502, 200]


def test_secrets_that_were_taken_back_open_nothing(state: SandboxState, connections: dict) -> None:
    plan(state, "token_revoked", platform="amazon_ads", times=100)
    with pytest.raises(KeyError, match="access_token"):
        profiles(state, connections)


@pytest.mark.parametrize("wrong", [{}, {"kind": "explode"}, {"kind": "reset", "oops": 1}, []])
def test_what_is_no_fault_is_refused_with_the_kinds(state: SandboxState, wrong: Any) -> None:
    answer = httpx.post(f"{state.base_url}/sandbox/faults", json=wrong)
    assert answer.status_code == 400
    assert "reset" in answer.json()["error"] or "oops" in answer.json()["error"]


def test_there_are_more_than_25_kinds_and_each_says_what_it_is(state: SandboxState) -> None:
    kinds = httpx.get(f"{state.base_url}/sandbox/faults/kinds").json()
    assert len(kinds) == len(KINDS) > 25
    assert all(kind["what"] for kind in kinds)
    assert set(ALIASES.values()) <= set(KINDS)


def spoilt_rows(state: SandboxState, kind: str, **more: Any) -> list[dict[str, Any]]:
    state.faults.append(Fault(kind=kind, stream="orders", **more))
    found = rows_of(state, PLACE, list(ROWS))
    assert rows_of(state, PLACE, list(ROWS)) == ROWS
    return found


def test_rows_are_spoilt(state: SandboxState) -> None:
    assert rows_of(state, PLACE._replace(stream="returns"), ROWS) == ROWS
    assert all(row[ADDED_COLUMN] for row in spoilt_rows(state, "column_added"))
    assert [set(row) for row in spoilt_rows(state, "column_removed", column="nothing|cost")] == [{"id"}] * 7
    assert [row["cost"] for row in spoilt_rows(state, "column_retyped")] == [f"~{n}" for n in range(7)]
    shuffled = spoilt_rows(state, "rows_shuffled")
    assert shuffled != ROWS
    assert sorted(shuffled, key=lambda row: row["cost"]) == ROWS
    doubled = spoilt_rows(state, "rows_duplicated")
    assert [row["cost"] for row in doubled] == [0, 0, 1, 2, 3, 3, 4, 5, 6, 6]


@pytest.mark.parametrize(
    ("kind", "second", "next_offset"),
    [("cursor_loop", [0, 1], 2), ("repeated_page", [0, 1, 2, 3], 4), ("skipped_page", [4, 5], 6)],
)
def test_pages_are_spoilt(state: SandboxState, kind: str, second: list[int], next_offset: int) -> None:
    state.faults.append(Fault(kind=kind))
    assert page_of(state, PLACE, range(7), 0, 2) == ([0, 1], 2)
    assert page_of(state, PLACE, range(7), 2, 2) == (second, next_offset)
    assert page_of(state, PLACE, range(7), 6, 2) == ([6], None)
