"""Endpoint x person, after `superset init`: every cell as the one table of routes, roles and scopes says."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from superset_kpi_plugin.access.table import APPROVE, EDIT, ROLES, ROUTES, SEE
from tests.plugin.conftest import Client, emptying, error_of, run_sql
from tests.plugin.reconciliation_sample import AURORA_SALES
from tests.plugin.test_security import WRITING
from tests.plugin.test_targets_api import GMV, save

#: person -> (role of the plugin, what the scope reaches of the target's entity)
PEOPLE: dict[str | None, tuple[str | None, frozenset[str]]] = {
    None: (None, frozenset()),
    "public": (None, frozenset()),
    "gamma": (None, frozenset()),
    "alpha": (None, frozenset()),
    "viewer": ("KPI Viewer", frozenset({SEE, EDIT, APPROVE})),  # no scope: the role alone decides
    "owner_in": ("KPI Owner", frozenset({SEE, EDIT})),
    "owner_out": ("KPI Owner", frozenset()),
    "approver": ("KPI Approver", frozenset({SEE, EDIT, APPROVE})),
    "approver_out": ("KPI Approver", frozenset()),
    "admin": ("KPI Admin", frozenset({SEE, EDIT, APPROVE})),
}
MONTH = "grain=month&period_start=2026-11-01"
ENTITY = "account:aurora_us"
CANDIDATES = "include=candidates&entity_kind=account"
DAY = "2026-11-01"
CELL = f"kpi_id=gmv&entity_id={ENTITY}&{MONTH}"
#: What somebody out of scope must read nowhere: the target's value, and the entity's name.
SECRETS = ("7654321", "Aurora US")

#: A file of one target, as a form.
FILE = {"csv": f"kpi_id,entity_id,grain,period_start,target_value\ngmv,{ENTITY},month,2026-11-01,9\n"}

EMPTY_REPORT = {
    "subject": {"entity_id": ENTITY, "entity_kind": "account", "entity_name": "Aurora US", "currency": "USD"},
    "window": {"cadence": "daily", "start": DAY, "end": DAY, "month": DAY},
    "statuses": {},
    "freshness": {"covered_through": None, "late": []},
    **{name: [] for name in ("headlines", "targets", "causes", "margin", "outlook", "alerts", "actions")},
    **dict.fromkeys(("trend", "parts")),
}

OBJECTIVE = {
    "name": "Aurora US first",
    "grain": "month",
    "period_start": DAY,
    "keys": [{"kpi_id": "gmv", "entity_id": ENTITY}],
}

Call = tuple[str, Any]
#: Address and body for routes that need more than identifiers; each works for somebody in scope.
CALLS: dict[str, Callable[[dict[str, Any]], Call]] = {
    "KpiScopesApi.get_subjects": lambda target: ("scopes/subjects?kind=role", None),
    "KpiCatalogueApi.get_entities": lambda target: ("entities/?kind=account", None),
    "KpiTargetsApi.get_list": lambda target: (f"targets/?{MONTH}&{CANDIDATES}", None),
    "KpiTargetsApi.save": lambda target: ("targets/", {"targets": [{**GMV, "target_value": "9"}]}),
    "KpiPlanApi.get_tree": lambda target: (f"targets/tree?kpi_id=gmv&grain=month&from={DAY}&to={DAY}", None),
    "KpiPlanApi.get_periods": lambda target: (f"targets/periods?kpi_id=gmv&entity_id={ENTITY}&year=2026", None),
    "KpiPlanApi.get_explanation": lambda target: (f"targets/explain?{CELL}", None),
    "KpiPlanApi.get_feasibility": lambda target: (f"targets/feasibility?{CELL}", None),
    "KpiPlanApi.split": lambda target: (
        "targets/split",
        {**GMV, "method": "even", "by": "periods", "amount": "62", "apply": True},
    ),
    "KpiFilesApi.export": lambda target: (f"targets/export?format=csv&{MONTH}&{CANDIDATES}", None),
    "KpiFilesApi.import_file": lambda target: ("targets/import", FILE),
    "KpiChecksApi.get_findings": lambda target: (f"targets/lint?{MONTH}", None),
    "KpiScorecardsApi.get_scorecards": lambda target: (f"targets/scorecards?{MONTH}&by=entity", None),
    "KpiObjectivesApi.get_list": lambda target: (f"objectives/?{MONTH}", None),
    "KpiObjectivesApi.add": lambda target: ("objectives/", OBJECTIVE),
    "KpiObjectivesApi.change": lambda target: ("objectives/1", OBJECTIVE),
    "KpiObjectivesApi.remove": lambda target: ("objectives/1", {}),
    "KpiManualApi.get_values": lambda target: ("manual/values?kpi_id=brand", None),
    "KpiManualApi.get_history": lambda target: ("manual/values/1/history", None),
    "KpiManualApi.save_values": lambda target: (
        "manual/values",
        {"values": [{"kpi_id": "brand", "entity_id": ENTITY, "period_start": DAY, "value": "9", "note": "survey"}]},
    ),
    "KpiSetupApi.propose": lambda target: (
        "setup/proposal",
        {"pack": "basic", "entity_ids": [ENTITY], "period_start": "2026-12-01", "apply": True},
    ),
    "KpiVersionsApi.compare": lambda target: (f"targets/{target['id']}/compare?from=1&to=1", None),
    "KpiAgreementApi.counter": lambda target: ("targets/counter", {"targets": [{**GMV, "target_value": "9"}]}),
    "KpiAgreementApi.add_comment": lambda target: (f"targets/{target['id']}/comments", {"text": "well"}),
}
for name in ("propose", "accept", "approve", "lock", "discard", "unlock"):
    path = "drafts" if name == "discard" else name
    CALLS[f"KpiAgreementApi.{name}"] = lambda target, path=path: (f"targets/{path}", {"ids": [target["id"]]})
OBJECTIVE_SQL = f"""
{emptying("kpi_objective", "kpi_objective_key", restart=True)}
insert into kpi_objective (name, grain, period_start, created_by, created_at)
values ('Aurora US first', 'month', '{DAY}', 'owner', now());
insert into kpi_objective_key values (1, 'gmv', '{ENTITY}', 1);
{emptying("kpi_manual_kpi", "kpi_manual_value", "kpi_manual_entry", restart=True)}
insert into kpi_manual_kpi (kpi_id, name_en, name_zh, unit, direction, is_additive, entity_kinds, grain, is_active,
    revision, created_by, created_at)
values ('brand', 'Brand', 'Brand', 'score', 'higher', false, '["account"]', 'month', true, 1, 'admin', now());
insert into kpi_manual_value (kpi_id, entity_kind, entity_id, period_start, revision)
values ('brand', 'account', '{ENTITY}', '2026-10-01', 1);
insert into kpi_manual_entry values (1, 1, 7654321, null, 'Aurora US survey', 'owner', now());
"""
CALLS |= {
    "KpiAlertsApi.get": lambda target: ("alerts/1", None),
    "KpiAlertsApi.get_history": lambda target: ("alerts/1/history", None),
    "KpiAlertsApi.acknowledge": lambda target: ("alerts/1/acknowledge", {"comment": "seen"}),
    "KpiAlertsApi.snooze": lambda target: ("alerts/1/snooze", {"minutes": 30}),
    "KpiAlertsApi.assign": lambda target: ("alerts/1/assign", {"assignee": None}),
    "KpiAlertsApi.vote": lambda target: ("alerts/1/vote", {"vote": "useful"}),
    "KpiAlertsApi.unvote": lambda target: ("alerts/1/vote", None),
    "KpiAlertsApi.comment": lambda target: ("alerts/1/comment", {"comment": "seen"}),
}
SILENCE = {"entity_id": ENTITY, "ends_at": "2999-01-01T00:00:00Z", "reason": "known"}
CALLS |= {
    "KpiSilencesApi.post": lambda target: ("silences/", {**SILENCE, "starts_at": "2998-12-01T00:00:00Z"}),
    "KpiSilencesApi.delete": lambda target: ("silences/1", None),
}
#: A firing alert of the target's account and a silence of it; the rule is off, so that evaluating leaves it alone.
ALERT_SQL = f"""
{emptying("kpi_alert_rule", "kpi_alert_instance", "kpi_alert_event", restart=True)}
insert into kpi_alert_rule (id, name, kpi_id, entity_kind, grain, condition, severity, channels, for_minutes,
    keep_firing_minutes, is_enabled, created_at, changed_at)
values (1, 'GMV', 'gmv', 'account', 'month', 'breach', 'critical', '[]', 0, 0, false, now(), now());
insert into kpi_alert_instance (id, rule_id, kpi_id, entity_kind, entity_id, entity_name, grain, state, incident, value)
values (1, 1, 'gmv', 'account', '{ENTITY}', 'Aurora US', 'month', 'firing', 1, 7654321);
insert into kpi_alert_silence (id, entity_id, starts_at, ends_at, reason, created_by, created_at)
values (1, '{ENTITY}', now(), '2999-01-01', '7654321 is known', 'test', now());
alter sequence kpi_alert_silence_id_seq restart with 2;
"""
#: A report about the target's account that waits, of a plan that tells nobody.
REPORT_SQL = f"""
{emptying("kpi_report", "kpi_report_plan", "kpi_report_template", restart=True)}
insert into kpi_report_plan (name, entity_id, cadence, locale, channels, needs_release, is_enabled, created_by,
    created_at, changed_by, changed_at)
values ('Aurora US', '{ENTITY}', 'daily', 'en', '[]', true, true, 'owner', now(), 'owner', now());
insert into kpi_report (plan_id, entity_id, cadence, period_start, period_end, locale, content, state, made_at)
values (1, '{ENTITY}', 'daily', '{DAY}', '{DAY}', 'en', '{json.dumps(EMPTY_REPORT)}', 'waiting', now());
"""
PLAN = {"name": "Aurora US", "entity_id": ENTITY, "cadence": "weekly"}
CALLS |= {
    "KpiReportsApi.get": lambda target: ("reports/1", None),
    "KpiReportsApi.get_file": lambda target: ("reports/1/file?format=html", None),
    "KpiReportsApi.make": lambda target: (f"reports/?day={DAY}", {"plan_id": 1}),
    "KpiReportsApi.comment": lambda target: ("reports/1/commentary", {"commentary": "well"}),
    "KpiReportsApi.release": lambda target: ("reports/1/release", {}),
    "KpiReportsApi.discard": lambda target: ("reports/1", {}),
    "KpiReportPlansApi.add": lambda target: ("report_plans/", PLAN),
    "KpiReportPlansApi.change": lambda target: ("report_plans/1", PLAN),
    "KpiReportPlansApi.remove": lambda target: ("report_plans/1", {}),
}
#: What somebody said of a difference, which holds for a while.
RECORD_SQL = f"""
{emptying("kpi_difference_record", restart=True)}
insert into kpi_difference_record (kind, reconciliation_id, entity_id, state, difference, absolute_difference,
    reason_code, note, ends_on, created_by, created_at)
values ('signed', '{AURORA_SALES}', '{ENTITY}', 'different', -100, 100, 'timing', '7654321 is known', '2999-01-01',
    'test', now());
"""
EXPLANATION = {"id": AURORA_SALES, "reason_code": "timing", "note": "seen"}
SIGNING = {
    **{**EXPLANATION, "difference": "-100", "absolute_difference": "100"},
    "ends_on": (datetime.now(timezone.utc).date() + timedelta(days=9)).isoformat(),
}
CALLS |= {
    "KpiReconciliationApi.get_list": lambda target: ("reconciliation/?state=all", None),
    "KpiReconciliationApi.get_difference": lambda target: (f"reconciliation/difference?id={AURORA_SALES}", None),
    "KpiReconciliationApi.export": lambda target: ("reconciliation/export?format=csv", None),
    "KpiReconciliationApi.explain": lambda target: ("reconciliation/explanations", EXPLANATION),
    "KpiReconciliationApi.sign": lambda target: ("reconciliation/signoffs", SIGNING),
    "KpiReconciliationApi.withdraw": lambda target: ("reconciliation/signoffs/1", {}),
}
#: From which standing a step can be taken at all.
STAGES = {"accept": "proposed", "counter": "proposed", "lock": "approved", "unlock": "locked"}


def routes(app: Any) -> Iterator[tuple[str, str, str]]:
    """(endpoint, method, address) of every route of the API."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/kpi/"):
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield rule.endpoint, method, rule.rule


def test_the_table_names_every_route_and_no_other(app: Any) -> None:
    assert {endpoint for endpoint, _, _ in routes(app)} == set(ROUTES)


def test_each_route_is_guarded_by_the_permission_of_the_table(app: Any) -> None:
    from superset.extensions import appbuilder

    views = {type(view).__name__: view for view in appbuilder.baseviews}
    for endpoint, _, _ in routes(app):
        name = endpoint.partition(".")[0]
        permission = (f"can_{app.view_functions[endpoint]._permission_name}", views[name].class_permission_name)
        assert permission == ROUTES[endpoint][0], endpoint


@pytest.fixture
def scoped(app: Any, clients: Any, differences: Any, metadata_uri: str) -> Iterator[None]:
    """owner_in reaches the target's account, owner_out and approver_out another one."""
    run_sql(
        metadata_uri,
        "insert into kpi_scope (subject_kind, subject, entity_id, may_edit, may_approve, created_by, created_at) "
        "values ('user', 'owner_in', 'account:aurora_us', true, false, 'test', now()), "
        "('user', 'owner_out', 'account:borealis_us', true, true, 'test', now()), "
        "('user', 'approver_out', 'account:borealis_us', true, true, 'test', now())",
    )
    yield
    run_sql(metadata_uri, "delete from kpi_scope")


def standing(metadata_uri: str, step: str) -> None:
    """Put the target where the step can be taken."""
    stage = STAGES.get(step, "draft")
    state = "approved" if stage in ("approved", "locked") else "draft"
    run_sql(
        metadata_uri,
        "update kpi_target_version set state = %s, stage = %s, proposed_by = %s, approved_at = now()",
        (state, None if state == "approved" else stage, "owner" if stage == "proposed" else None),
    )
    run_sql(metadata_uri, "update kpi_target set locked_at = %s", ("2026-11-01" if stage == "locked" else None,))


@pytest.mark.parametrize("person", PEOPLE)
def test_every_cell_is_as_the_table_says(
    app: Any, clients: Any, owner: Client, scoped: Any, metadata_uri: str, person: str | None
) -> None:
    role, powers = PEOPLE[person]
    held = ROLES[role] if role else frozenset()
    client = clients(person)
    wrong = []
    seen = 0
    target: dict[str, Any] = {}
    for endpoint, method, rule in routes(app):
        # A fresh target where the route may change it; others, and people without a role, share one.
        if not target or (role and ROUTES[endpoint][1] in (EDIT, APPROVE)):
            run_sql(metadata_uri, emptying("kpi_target", "kpi_comment", "kpi_mention", "kpi_idempotency"))
            [target] = save(owner, {**GMV, "target_value": "7654321"})
            standing(metadata_uri, endpoint.rpartition(".")[2])
            run_sql(metadata_uri, OBJECTIVE_SQL)
        if endpoint.startswith(("KpiAlertsApi.", "KpiSilencesApi.")):
            run_sql(metadata_uri, ALERT_SQL)
        if endpoint.startswith("KpiReconciliationApi."):
            run_sql(metadata_uri, RECORD_SQL)
        if endpoint.startswith("KpiReport"):
            run_sql(metadata_uri, REPORT_SQL)
        identified = re.sub(r"<[^>]+>", str(target["id"]), rule)
        plain = (identified, {} if method in WRITING else None)
        address, body = CALLS[endpoint](target) if endpoint in CALLS else plain
        if body is FILE:
            form = {"file": (io.BytesIO(FILE["csv"].encode()), "targets.csv"), "apply": "true"}
            answer = client.request(method, address, data=form)
        else:
            answer = client.request(method, address, body)
        permission, power = ROUTES[endpoint]
        problem = _problem(answer, person, permission in held, power, power in powers or power is None)
        if problem:
            wrong.append(f"{method} {endpoint}: {problem}")
        seen += 1
    assert seen == len(list(routes(app)))
    assert not wrong, "\n".join(wrong)


def _problem(answer: Any, person: str | None, may: bool, power: str | None, reaches: bool) -> str | None:
    """Why an answer is not what the table says; None where it is."""
    status, text = answer.status_code, answer.get_data().decode(errors="replace")
    if not may:
        wanted = 401 if person is None else 403
        error_of(answer, wanted)
        return None
    if power is None:
        return f"refused with {status}" if status in (401, 403) or (status >= 500 and status != 503) else None
    if not reaches:
        if any(secret in text for secret in SECRETS):
            return "tells what lies out of scope"
        return None if status in (200, 403, 404, 422) and (power == SEE or status != 200) else f"answers {status}"
    return None if status < 300 or (status, power) == (422, APPROVE) else f"refused with {status}: {text[:200]}"


def test_a_refused_change_changes_nothing(clients: Any, owner: Client, scoped: Any, metadata_uri: str) -> None:
    [target] = save(owner, {**GMV, "target_value": "7654321"})
    before = run_sql(metadata_uri, "select * from kpi_target_version order by id")
    out = clients("approver_out")
    error_of(out.put("targets/", {"targets": [{**GMV, "target_value": "9"}]}), 422)
    error_of(out.post("targets/approve", {"ids": [target["id"]]}), 422)
    error_of(clients("owner_in").post("targets/approve", {"ids": [target["id"]]}), 403)
    assert run_sql(metadata_uri, "select * from kpi_target_version order by id") == before
