"""`superset kpi doctor`: is the plugin whole, and are its accounts what they should be? Prints no secret."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from flask import current_app

from superset_kpi_plugin import contract, migrations, plugin
from superset_kpi_plugin.access.sync import held_permissions
from superset_kpi_plugin.access.table import ALL_PERMISSIONS, ROLES
from superset_kpi_plugin.config import setting
from superset_kpi_plugin.errors import KpiError
from superset_kpi_plugin.warehouse import SCHEMA, WRITABLE, Warehouse, reader_database

OK, WARN, FAIL = "ok", "warn", "fail"
_WRITABLE_SQL = """
select n.nspname || '.' || c.relname as relation
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f')
    and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg!_%' escape '!'
    and has_schema_privilege(n.oid, 'usage')
    and has_table_privilege(c.oid, 'insert, update, delete, truncate')
order by 1
"""


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    check: str
    state: str
    detail: str


def examine(audit_anchor: str | None = None) -> list[Finding]:
    """Run every check; one that raises is a failed check, and the rest still run.

    :param audit_anchor: where the audit trail ended once; checked too, where it is given.
    """
    findings = []
    anchored = [("audit anchor", lambda: check_anchor(audit_anchor or ""))] if audit_anchor is not None else []
    for name, check in (*CHECKS, *anchored):
        try:
            state, detail = check()
        except KpiError as error:
            state, detail = FAIL, error.message
        except Exception as error:
            # The type alone: a driver's message may hold an address.
            state, detail = FAIL, f"The check itself failed ({type(error).__name__})."
        findings.append(Finding(name, state, detail))
    return findings


def as_table(findings: Iterable[Finding]) -> str:
    """The findings as lines of text."""
    rows = list(findings)
    width = max(len(row.check) for row in rows)
    return "\n".join(f"{row.state.upper():<5} {row.check:<{width}}  {row.detail}" for row in rows)


Result = tuple[str, str]


def check_registration() -> Result:
    """The plugin's routes are there."""
    try:
        plugin.assert_registered(current_app)
    except plugin.NotRegistered as error:
        return FAIL, str(error)
    return OK, "Pages, API and menu are registered."


def check_migrations() -> Result:
    """The tables are at the newest revision."""
    from superset.extensions import db

    current, head = migrations.current_revision(db.engine), migrations.head_revision()
    if current != head:
        return FAIL, f"The tables are at revision {current or 'none'}, not {head}: run `superset kpi upgrade`."
    return OK, f"The tables are at revision {head}."


def check_roles() -> Result:
    """The roles hold what the table says; Superset's own hold nothing, Admin all."""
    from superset.extensions import security_manager

    wrong = []
    expected = {**{name: frozenset[tuple[str, str]]() for name in ("Gamma", "Alpha", "Public", "sql_lab")}, **ROLES}
    for name, permissions in {**expected, "Admin": ALL_PERMISSIONS}.items():
        role = security_manager.find_role(name)
        if role is None and name in ROLES:
            wrong.append(f"{name} is missing")
        elif role is not None and held_permissions(role) != set(permissions):
            wrong.append(f"{name} differs from the table")
    if wrong:
        return FAIL, "; ".join(wrong) + ": run `superset kpi upgrade`."
    return OK, f"{len(ROLES)} KPI roles; Gamma, Alpha and Public hold nothing."


def check_reader() -> Result:
    """The reader's connection works."""
    name = reader_database().database_name
    Warehouse().read("select 1 as one")
    return OK, f"The connection {name!r} answers."


def check_reader_is_read_only() -> Result:
    """The reader's account can write nowhere."""
    with Warehouse().reading() as reader:
        if reader.connection.dialect.name != "postgresql":
            return WARN, "Not PostgreSQL: make sure yourself that the reader's account can't write."
        writable = [row["relation"] for row in reader.read(_WRITABLE_SQL)]
    if writable:
        return FAIL, f"The reader's account can write to {_some(writable)}. Give it SELECT only."
    return OK, "The reader's account can write nowhere."


def check_contract() -> Result:
    """Every relation of the contract is there, with its columns."""
    broken = []
    for relation, columns in contract.RELATIONS.items():
        try:
            Warehouse().read(f"select {', '.join(columns)} from {SCHEMA}.{relation} limit 0")  # noqa: S608 (constants)
        except KpiError as error:
            if error.code != "warehouse_contract":
                raise
            broken.append(f"{relation} ({error.values.get('reason', 'missing')})")
    if broken:
        return FAIL, f"Missing or not granted: {_some(broken)}. Run the build."
    return OK, f"{len(contract.RELATIONS)} relations with their columns."


def check_publisher() -> Result:
    """The publisher's account can write kpi_targets and the manual KPIs, and nothing else."""
    with Warehouse().publishing() as connection:
        if connection.dialect.name != "postgresql":
            return WARN, "Not PostgreSQL: make sure yourself that the publisher's account writes kpi_targets only."
        writable = [row["relation"] for row in connection.execute(sa.text(_WRITABLE_SQL)).mappings()]
        needed = ("insert", "delete", "select")
        granted = [
            connection.execute(
                sa.text("select has_table_privilege(:relation, :privilege)"),
                {"relation": f"{SCHEMA}.kpi_targets", "privilege": privilege},
            ).scalar()
            for privilege in needed
        ]
    if not all(granted):
        return FAIL, f"The publisher's account lacks {', '.join(needed)} on {SCHEMA}.kpi_targets."
    others = sorted(set(writable) - {f"{SCHEMA}.{name}" for name in WRITABLE})
    if others:
        return FAIL, f"The publisher's account can also write to {_some(others)}. Take that away."
    return OK, f"The publisher's account writes {SCHEMA}.kpi_targets and manual KPIs only."


def check_freshness() -> Result:
    """Data was loaded, and lately."""
    from superset_kpi_plugin.catalogue import queries

    rows = queries.freshness(Warehouse())
    if not rows:
        return WARN, "Nothing has been loaded yet."
    late = [f"{row['account_id']} {row['stream']} ({row['state']})" for row in rows if row["state"] != "fresh"]
    if late:
        return WARN, f"Not fresh: {_some(late)}."
    return OK, f"{len(rows)} streams are fresh."


def check_publication() -> Result:
    """The published targets equal the approved ones."""
    from superset_kpi_plugin.targets.commands.publish import last_publication
    from superset_kpi_plugin.targets.storage import approved_rows

    approved = {(row["target_id"], row["version"]) for row in approved_rows(None)}
    rows = Warehouse().read(f"select target_id, version from {SCHEMA}.kpi_targets")  # noqa: S608 (constant)
    published = {(row["target_id"], row["version"]) for row in rows}
    if approved != published:
        count = len(approved ^ published)
        return FAIL, f"{count} targets differ between approved and published: run `superset kpi publish`."
    last = last_publication()
    if last is not None and last.state == "failed":
        return WARN, "The last publication failed, but the published targets equal the approved ones."
    return OK, f"{len(approved)} approved targets are published."


def check_manual() -> Result:
    """The values that people entered are published."""
    from superset_kpi_plugin.manual import storage

    if not storage.kpis():
        return OK, "There are no manual KPIs."
    names = ("kpi_id", "entity_id", "period_start", "value")
    entered = {tuple(row[name] for name in names) for row in storage.published_values()}
    rows = Warehouse().read(f"select {', '.join(names)} from {SCHEMA}.kpi_manual_values")  # noqa: S608 (constants)
    published = {tuple(row[name] for name in names) for row in rows}
    if entered != published:
        return FAIL, f"{len(entered ^ published)} entered values are not published: run `superset kpi publish`."
    return OK, f"{len(entered)} entered values are published."


def check_audit() -> Result:
    """Nobody edited, deleted, reordered or cut off the audit trail."""
    from superset_kpi_plugin.audit import trail

    faults = trail.verify()
    if faults:
        return FAIL, f"The audit trail was tampered with: {_some(faults)}."
    end = trail.anchor()
    return OK, f"{trail.count()} entries, each as it was written." + (f" It ends at {end}." if end else "")


def check_anchor(known: str) -> Result:
    """The audit trail still holds the entry at which it ended when somebody last looked."""
    from superset_kpi_plugin.audit import trail

    if trail.holds(known):
        return OK, "The audit trail goes on from where it ended then."
    return FAIL, "The audit trail lacks the entry at which it ended then: it was cut off, or restored to before."


def check_scopes() -> Result:
    """Every scope names somebody and something."""
    from superset.extensions import db, security_manager

    from superset_kpi_plugin.access.models import USER, Scope
    from superset_kpi_plugin.catalogue import queries

    rows = db.session.query(Scope).order_by(Scope.id).all()
    known = queries.entities_by_id(Warehouse(), {row.entity_id for row in rows})
    lost = []
    for row in rows:
        is_user = row.subject_kind == USER
        find = security_manager.find_user(username=row.subject) if is_user else security_manager.find_role(row.subject)
        if find is None or row.entity_id not in known:
            lost.append(f"{row.subject} > {row.entity_id}")
    if lost:
        return WARN, f"These scopes name nobody or nothing: {_some(lost)}."
    return OK, f"{len(rows)} scopes; without one people reach {setting('KPI_DEFAULT_SCOPE')!r}."


def check_channels() -> Result:
    """Every channel's address can be understood; names only are shown."""
    from superset_kpi_plugin.alerts import channels

    names = channels.names()
    if not names:
        return WARN, "No channel is configured (KPI_CHANNELS): alerts reach the inbox page only."
    found = {name: channels.get(name) for name in names}
    good = {name for name, channel in found.items() if channel and channels.is_usable(channel)}
    if good != set(names):
        return FAIL, f"The addresses of these channels can't be understood: {_some(sorted(set(names) - good))}."
    return OK, f"{len(names)} channels: {_some(names)}."


def check_public_url() -> Result:
    """Links in messages lead somewhere."""
    url = setting("KPI_PUBLIC_URL")
    if not url:
        return WARN, "KPI_PUBLIC_URL is not set: messages carry no links."
    return OK, f"Links lead to {sa.engine.make_url(url).host if '@' in url else url}."


def check_dashboard() -> Result:
    """The dashboards are installed, and as this version has them."""
    from superset_kpi_plugin.assets import present
    from superset_kpi_plugin.assets.editions import load

    source = load("en")
    titles = {board.config["uuid"]: board.config["dashboard_title"] for board in source.dashboards.values()}
    missing = set(titles) - {str(board.uuid) for board in present.boards(source)}
    if missing:
        names = sorted(titles[uuid] for uuid in missing)
        return WARN, f"Not installed: {_some(names)}. Run `superset kpi install`."
    return OK, f"{len(titles)} dashboards are installed."


CHECKS: tuple[tuple[str, Callable[[], Result]], ...] = (
    ("registration", check_registration),
    ("migrations", check_migrations),
    ("roles", check_roles),
    ("reader", check_reader),
    ("reader is read-only", check_reader_is_read_only),
    ("contract", check_contract),
    ("publisher", check_publisher),
    ("freshness", check_freshness),
    ("published targets", check_publication),
    ("manual KPIs", check_manual),
    ("audit trail", check_audit),
    ("scopes", check_scopes),
    ("channels", check_channels),
    ("public address", check_public_url),
    ("dashboard", check_dashboard),
)


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
