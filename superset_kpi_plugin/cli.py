"""`superset kpi`: the plugin's commands.

The modules behind a command are imported when it runs, so that Superset's command line starts as fast as without the
plugin.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask.cli import with_appcontext


@click.group()
def kpi() -> None:
    """KPI targets, alerts and dashboards."""


@contextmanager
def _plain_errors() -> Iterator[None]:
    """One clear line instead of a traceback for the errors that the plugin raises on purpose."""
    from superset_kpi_plugin.errors import KpiError

    try:
        yield
    except KpiError as error:
        raise click.ClickException(error.message) from None


def _show(payload: Any) -> None:
    from superset_kpi_plugin.api import jsonable

    click.echo(json.dumps(jsonable(payload), ensure_ascii=False))


@kpi.command()
@with_appcontext
def upgrade() -> None:
    """Create or migrate the plugin's tables, roles and permissions. Run it after `superset db upgrade` and `init`."""
    from superset.extensions import db, security_manager

    from superset_kpi_plugin import migrations
    from superset_kpi_plugin.access.rls import sync_rules
    from superset_kpi_plugin.access.sync import sync_roles

    with _plain_errors():
        before, after = migrations.upgrade(db.engine)
        report = sync_roles(security_manager, db.session)
        rules = sync_rules(security_manager, db.session)
        db.session.commit()
    click.echo(f"Tables: {before or 'none'} -> {after}.")
    click.echo(
        f"Permissions: {len(report.granted)} granted, {len(report.revoked)} revoked, {len(report.deleted)} deleted."
    )
    click.echo(f"Row level security: {len(rules)} changes.")


@kpi.command()
@click.option("--database", "database_name", help="Superset database to bind to (default: KPI_WAREHOUSE_DATABASE).")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option(
    "--language",
    type=click.Choice(["en", "zh", "all"]),
    help="Editions to install (default: English, the languages that this Superset offers, and what is installed).",
)
@with_appcontext
def install(database_name: str | None, dry_run: bool, language: str | None) -> None:
    """Install or update the dashboards, bound to an existing database of this Superset."""
    from superset.extensions import db, security_manager

    from superset_kpi_plugin import assets
    from superset_kpi_plugin.access.rls import sync_rules
    from superset_kpi_plugin.assets import editions

    with _plain_errors():
        chosen = None if language is None else editions.LANGUAGES if language == "all" else (language,)
        click.echo(str(assets.install(database_name, dry_run, chosen)))
        if not dry_run:
            sync_rules(security_manager, db.session)
            db.session.commit()


@kpi.command()
@click.option("--dry-run", is_flag=True, help="Show what would be removed and what would stay, and change nothing.")
@with_appcontext
def uninstall(dry_run: bool) -> None:
    """Remove the dashboards, charts and datasets that `install` made; what users made, and all it rests on, stays."""
    from superset.extensions import db, security_manager

    from superset_kpi_plugin import assets
    from superset_kpi_plugin.access.rls import sync_rules

    with _plain_errors():
        click.echo(str(assets.uninstall(dry_run)))
        if not dry_run:
            sync_rules(security_manager, db.session)
            db.session.commit()


@kpi.command()
@with_appcontext
def evaluate() -> None:
    """Evaluate the alert rules on the warehouse's present state."""
    from superset_kpi_plugin.alerts import commands

    with _plain_errors():
        _show(commands.evaluate())


@kpi.command()
@with_appcontext
def deliver() -> None:
    """Deliver the messages that wait in the outbox."""
    from superset_kpi_plugin.alerts import commands

    with _plain_errors():
        _show(commands.deliver())


@kpi.group()
def rules() -> None:
    """Alert rules as YAML, and the packs of rules that come with the plugin."""


@rules.command("apply")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@click.option("--prune", is_flag=True, help="Delete rules that an earlier version of this file made and that left it.")
@with_appcontext
def apply_file(file: Any, prune: bool) -> None:
    """Make the stored rules equal to those of FILE; a second time changes nothing."""
    from pathlib import Path

    from superset_kpi_plugin.alerts.commands import rule_files

    with _plain_errors():
        source = f"file:{Path(file.name).name}"
        _show(rule_files.apply_rules(rule_files.read_rules(file.read()), "cli", source, prune=prune))


@rules.command("export")
@with_appcontext
def export_file() -> None:
    """Print the stored rules as YAML."""
    from superset_kpi_plugin.alerts.commands import rule_files

    click.echo(rule_files.export_rules(), nl=False)


@rules.command("backtest")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@click.option("--from", "begin", help="First day, such as 2026-05-01 (default: 180 days ago).")
@click.option("--to", "end", help="Last day (default: yesterday).")
@with_appcontext
def backtest_file(file: Any, begin: str | None, end: str | None) -> None:
    """Replay the rules of FILE over history, one line of JSON a rule; nothing is stored."""
    from superset_kpi_plugin.alerts.commands import rule_files
    from superset_kpi_plugin.alerts.commands.backtest import backtest, span_of

    with _plain_errors():
        since, until = span_of(begin, end)
        for rule in rule_files.read_rules(file.read()):
            _show({"name": rule["name"], **backtest(rule, since, until)})


@rules.command("packs")
@click.argument("names", nargs=-1)
@click.option("--channel", "channels", multiple=True, help="A channel of KPI_CHANNELS to tell (may be repeated).")
@with_appcontext
def packs(names: tuple[str, ...], channels: tuple[str, ...]) -> None:
    """List the packs, or switch on those that are named."""
    from superset_kpi_plugin.alerts.commands import rule_files

    if not names:
        click.echo("\n".join(rule_files.pack_names()))
        return
    with _plain_errors():
        for name in names:
            found = rule_files.read_pack(name, list(channels))
            _show({"pack": name, **rule_files.apply_rules(found, "cli", f"pack:{name}")})


@rules.command("native")
@click.argument("name")
@click.option("--owner", required=True, help="The Superset user who owns the alert and under whom it asks.")
@click.option("--mail", "mails", multiple=True, required=True, help="Whom to tell (may be repeated).")
@click.option("--crontab", default="0 * * * *", show_default=True, help="When Superset asks.")
@click.option("--dashboard", default="kpi-overview", show_default=True, help="Slug of the dashboard that is sent.")
@with_appcontext
def native(name: str, owner: str, mails: tuple[str, ...], crontab: str, dashboard: str) -> None:
    """Write the rule NAME as one of Superset's own alerts, which counts the entities beyond the limit."""
    from superset_kpi_plugin.alerts.commands.native import write_alert

    with _plain_errors():
        _show(write_alert(name, owner, list(mails), crontab, dashboard))


@kpi.group(invoke_without_command=True)
@click.option("--send", is_flag=True, help="Also deliver what waits in the outbox.")
@click.pass_context
@with_appcontext
def reports(context: click.Context, send: bool) -> None:
    """Make the reports that are due, and release those that wait for nobody; exits with 1 when one failed."""
    if context.invoked_subcommand:
        return
    from superset_kpi_plugin.alerts import commands
    from superset_kpi_plugin.reports.commands import run
    from superset_kpi_plugin.warehouse import Warehouse

    with _plain_errors():
        made = run(Warehouse())
        _show({**made, **({"delivery": commands.deliver()} if send else {})})
    if made["failures"]:
        raise SystemExit(1)


@reports.command("native")
@click.argument("dashboards", nargs=-1)
@click.option("--owner", help="The Superset user who owns the reports and as whom the dashboards are drawn.")
@click.option("--mail", "mails", multiple=True, help="Whom to send them to (may be repeated).")
@click.option("--crontab", default="0 8 * * 1", show_default=True, help="When Superset sends them.")
@click.option("--time-zone", default="UTC", show_default=True, help="Where that hour is, such as Asia/Shanghai.")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Which edition.")
@click.option("--format", "report_format", type=click.Choice(["pdf", "png"]), default="pdf", show_default=True)
@click.option("--label", default="", help="Tells several reports of one dashboard apart.")
@click.option("--remove", is_flag=True, help="Delete what this command wrote instead.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@with_appcontext
def native_reports(dashboards: tuple[str, ...], remove: bool, dry_run: bool, **wish: Any) -> None:
    """Write the dashboards (slugs such as kpi-overview; all that are installed unless named) as Superset's own reports.

    Superset's worker draws and sends them. A second time changes nothing; what users changed on a report stays.
    """
    from superset_kpi_plugin.assets import native

    with _plain_errors():
        if remove:
            click.echo(str(native.remove_reports(dashboards, wish["label"], dry_run)))
            return
        if not (wish["owner"] and wish["mails"]):
            raise click.UsageError("Say whose the reports are and who gets them: --owner USER --mail ADDRESS.")
        click.echo(str(native.write_reports(dashboards, native.Wish(**wish), dry_run)))


@kpi.command()
@with_appcontext
def publish() -> None:
    """Publish the approved targets and the values of manual KPIs; exits with 1 when that failed."""
    from superset_kpi_plugin.manual import commands, storage
    from superset_kpi_plugin.targets.commands import PublishTargets
    from superset_kpi_plugin.targets.present import present_publication
    from superset_kpi_plugin.warehouse import Warehouse

    with _plain_errors():
        publication = PublishTargets("cli", Warehouse(), is_whole=True).run()
    _show(present_publication(publication))
    entered = commands.publish(Warehouse()) if storage.kpis() else None
    if entered is not None and entered["state"] != commands.DONE:
        raise click.ClickException(entered["error"])
    if publication.state != "done":
        raise click.ClickException(publication.error)


@kpi.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option(
    "--audit-anchor",
    metavar="NUMBER:HASH",
    help="Where the audit trail ended once, as an earlier run told: fails where the trail was restored to before.",
)
@with_appcontext
def doctor(as_json: bool, audit_anchor: str | None) -> None:
    """Check registration, tables, roles, accounts, contract, freshness and channels; exits with 1 on a failure."""
    from dataclasses import asdict

    from superset_kpi_plugin import doctor as checks

    findings = checks.examine(audit_anchor)
    if as_json:
        _show([asdict(finding) for finding in findings])
    else:
        click.echo(checks.as_table(findings))
    if any(finding.state == checks.FAIL for finding in findings):
        raise SystemExit(1)


@kpi.command()
@click.option("--output", metavar="FILE.zip", help="Where to write it (default: kpi-diagnosis-DAY-TIME.zip here).")
@with_appcontext
def diagnose(output: str | None) -> None:
    """Write a bundle for support: versions, settings, doctor, roles, freshness, errors, rules, counts; no secret."""
    from superset_kpi_plugin.diagnosis import bundle

    path = output or bundle.file_name()
    with _plain_errors():
        try:
            bundle.write(path)
        except OSError as error:
            raise click.ClickException(f"{path} can't be written: {error.strerror}.") from None
    click.echo(f"Written to {path}. It holds no secret; look it through before you send it.")
