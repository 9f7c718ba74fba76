"""``kpi``: the pipeline's command line, with the functions that the DAGs run.

Answers are JSON on standard output, one object a load; errors are one line on standard error.
Exit codes: 0 done (rows that broke the contract are counted in ``rows_quarantined``), 1 refused or failed, 2 wrong
usage, 3 not finished yet: the same command goes on later.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from airflow_dags.errors import ConfigurationError, NotReady, PipelineError

WAIT_SECONDS = 3 * 3600
PAUSED = 3


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["sandbox"]:
        return _sandbox(arguments[1:])
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO if options.verbose else logging.WARNING, stream=sys.stderr, format="%(message)s"
    )
    try:
        return int(options.command(options))
    except PipelineError as error:
        _print_error(error.message)
    except BrokenPipeError:
        sys.stderr.close()
    except KeyboardInterrupt:
        _print_error("interrupted; a load that was under way was rolled back, nothing was changed")
        return 130
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kpi", description="Loads platform and ERP data into the warehouse (KPI_WAREHOUSE_URI)."
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="log what happens")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    listing = commands.add_parser("platforms", help="list platforms, their streams and columns")
    listing.set_defaults(command=_platforms)

    load = commands.add_parser("load", help="load a stream of an account, from its API or from files")
    load.add_argument("--platform", required=True)
    load.add_argument("--stream", required=True)
    load.add_argument("--account", required=True, help="the account's short name, as aurora_us")
    load.add_argument(
        "--from", dest="start", type=_day, metavar="DAY", help="first day (of the marketplace), YYYY-MM-DD"
    )
    load.add_argument("--to", dest="end", type=_day, metavar="DAY", help="last day, inclusive (default: yesterday)")
    load.add_argument(
        "--as-of",
        type=_instant,
        metavar="INSTANT",
        help="when a file was downloaded, as 2026-11-23T08:00Z; what is known later stays (default: now)",
    )
    load.add_argument("files", nargs="*", type=Path, metavar="FILE", help="report files; without any the API is asked")
    load.set_defaults(command=_load)

    _add_backfill(commands)

    uploads = commands.add_parser("uploads", help="load the files that lie in the folder KPI_UPLOAD_DIR, once")
    uploads.set_defaults(command=_uploads)

    build = commands.add_parser("build", help="build the KPI layer (dbt) in the warehouse")
    build.add_argument("--select", help="dbt selection; default: everything")
    build.add_argument("--full-refresh", action="store_true", help="rebuild incremental models from scratch")
    build.add_argument("--if-needed", action="store_true", help="do nothing if nothing was loaded since the last build")
    build.set_defaults(command=_build)

    forecast = commands.add_parser("forecast", help="forecast the KPIs of the last build (kpi.kpi_forecast)")
    forecast.add_argument("--seconds", type=float, help="begin no further KPI after it (default: KPI_FORECAST_SECONDS)")
    forecast.add_argument("--if-due", action="store_true", help="do nothing if the last forecast is of today")
    forecast.set_defaults(command=_forecast)

    sandbox = commands.add_parser("sandbox", help="serve simulated platforms on 127.0.0.1 (kpi sandbox --help)")
    sandbox.set_defaults(command=lambda options: _sandbox([]))
    return parser


def _add_backfill(commands: Any) -> None:
    backfill = commands.add_parser(
        "backfill",
        help="load history, newest first; killed or throttled, the same command goes on where it was",
        description="Loads the missing windows of the history. Exit code 3: paused by the platform, go on later.",
    )
    backfill.add_argument("--platform", help="required, but for --status")
    backfill.add_argument("--account", help="an account's short name; default: all that have a connection")
    backfill.add_argument("--stream", help="default: all streams")
    backfill.add_argument("--months", type=int, default=None, help="how far back (default 24)")
    backfill.add_argument("--from", dest="start", type=_day, metavar="DAY", help="first day instead of --months")
    backfill.add_argument("--to", dest="end", type=_day, metavar="DAY", help="last day, inclusive (default: yesterday)")
    backfill.add_argument("--seconds", type=float, help="stop (exit code 3) once so much time is over")
    backfill.add_argument("--status", action="store_true", help="only tell how far the backfills are")
    backfill.set_defaults(command=_backfill)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day (YYYY-MM-DD)") from None


def _instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not an instant (YYYY-MM-DDTHH:MMZ)") from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} lacks its offset from UTC, as Z or -08:00")
    return moment


def _platforms(options: argparse.Namespace) -> int:
    from airflow_dags.registry import platforms

    for platform in platforms().values():
        streams = {
            name: {
                "mode": stream.contract.mode,
                "table": f"raw.{stream.contract.table}",
                "report": stream.contract.report_name,
            }
            for name, stream in platform.streams.items()
        }
        _print({"platform": platform.name, "title": platform.title, "streams": streams})
    return 0


def _load(options: argparse.Namespace) -> int:
    from airflow_dags.accounts import find_account
    from airflow_dags.contracts import Window
    from airflow_dags.ingest import job_of
    from airflow_dags.registry import platform_of
    from airflow_dags.warehouse import warehouse_uri

    platform = platform_of(options.platform)
    platform.stream(options.stream)
    account = find_account(options.platform, options.account)
    job = job_of(platform, options.stream, account, warehouse_uri())
    window = None
    if options.start or options.end:
        end = options.end or job.today()
        start = options.start or end
        if end < start:
            raise ConfigurationError(f"--to {end} is before --from {start}")
        window = Window(start, end)
    if options.files:
        return _load_files(job, options.files, window, options.as_of)
    return _load_from_api(job, window)


def _load_files(job: Any, files: list[Path], window: Any, known_at: datetime | None) -> int:
    """Each file is a load of its own; one that is refused doesn't keep the others from loading."""
    from airflow_dags.documents import Document
    from airflow_dags.ingest import load_file

    failures = 0
    for path in files:
        try:
            _print_load(job, load_file(job, Document.from_file(path), window, known_at), path.name)
        except PipelineError as error:
            failures += 1
            _print_error(error.message)
    return 1 if failures else 0


def _load_from_api(job: Any, window: Any) -> int:
    from airflow_dags import ingest
    from airflow_dags.streams import PullStream

    if not job.account.is_connected:
        name = f"{job.platform.name}_{job.account.account_id}"
        raise ConfigurationError(
            f"there is no connection of type {job.platform.name} for account {job.account.account_id}; set "
            f"AIRFLOW_CONN_"
            f"{name.upper()} (see the platform's README), or name a file to load"
        )
    if isinstance(job.stream, PullStream):
        for result in ingest.pull(job, window):
            _print_load(job, result, None)
        return 0
    batch = ingest.create_reports(job, window or ingest.trailing_window(job))
    if not ingest.wait_for_reports(job, batch, WAIT_SECONDS, ingest.poll_pauses()):
        raise NotReady(
            "the reports are not finished after three hours; nothing was changed; run the same command to resume them"
        )
    for result in ingest.load_reports(job, batch):
        _print_load(job, result, None)
    return 0


def _backfill(options: argparse.Namespace) -> int:
    from airflow_dags import backfill
    from airflow_dags.accounts import accounts_of_environment
    from airflow_dags.ingest import job_of
    from airflow_dags.registry import platform_of
    from airflow_dags.warehouse import warehouse_uri

    if options.status:
        return _backfill_status(options)
    if not options.platform:
        raise ConfigurationError("name the platform to fill: kpi backfill --platform NAME")
    if options.start and options.months:
        raise ConfigurationError("either --months or --from, not both")
    platform = platform_of(options.platform)
    streams = [options.stream] if options.stream else list(platform.streams)
    accounts = accounts_of_environment(options.platform)
    accounts = [a for a in accounts if options.account in (None, a.account_id)]
    if not accounts:
        raise ConfigurationError(f"there is no connection of type {options.platform} for {options.account or 'anyone'}")
    states = set()
    for account in accounts:
        for stream in streams:
            job = job_of(platform, stream, account, warehouse_uri())
            window = backfill.wanted_window(job, options.start, options.end, options.months or backfill.MONTHS)
            result = backfill.run(job, window, lambda made, load: _print_load(made, load, None), options.seconds)
            _print(backfill.as_dict(job, window, result))
            states.add(result.state)
    if "failed" in states:
        return 1
    return PAUSED if "paused" in states else 0


def _backfill_status(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from airflow_dags.backfill_store import progress
    from airflow_dags.loader import ensure_schema
    from airflow_dags.warehouse import warehouse_uri

    ensure_schema(warehouse_uri(), [])
    for one in progress(warehouse_uri(), options.platform, options.account):
        told = {name: str(value) if isinstance(value, date) else value for name, value in asdict(one).items()}
        if options.stream in (None, one.stream):
            _print(told)
    return 0


def _uploads(options: argparse.Namespace) -> int:
    from airflow_dags.accounts import accounts_of_environment, find_account
    from airflow_dags.uploads.folder import UploadFolder
    from airflow_dags.uploads.process import process
    from airflow_dags.warehouse import warehouse_uri

    def ids(platform: str) -> list[str]:
        return [account.account_id for account in accounts_of_environment(platform)]

    results = process(UploadFolder.of_environment(), warehouse_uri(), find_account, ids)
    for result in results:
        _print(result)
    return 1 if any(result["state"] == "refused" for result in results) else 0


def _build(options: argparse.Namespace) -> int:
    from airflow_dags.build import build
    from airflow_dags.warehouse import warehouse_uri

    summary = build(
        warehouse_uri(), select=options.select, full_refresh=options.full_refresh, only_if_needed=options.if_needed
    )
    _print(summary)
    return 0


def _forecast(options: argparse.Namespace) -> int:
    from dataclasses import replace

    from airflow_dags.forecast.run import forecast
    from airflow_dags.forecast.settings import Settings
    from airflow_dags.warehouse import warehouse_uri

    settings = Settings.of_environment()
    if options.seconds is not None:
        settings = replace(settings, seconds=options.seconds)
    summary = forecast(warehouse_uri(), settings, only_if_due=options.if_due)
    _print(summary)
    return PAUSED if summary["state"] == "partial" else 0


def _sandbox(arguments: list[str]) -> int:
    try:
        from airflow_dags.sandbox.server import main as serve
    except ImportError as error:
        _print_error(f"the sandbox needs the extra [demo] ({error.name} is missing)")
        return 1
    return int(serve(arguments) or 0)


def _print_load(job: Any, result: Any, source: str | None) -> None:
    _print(
        {
            "platform": job.platform.name,
            "stream": job.stream.name,
            "account": job.account.account_id,
            "load_id": str(result.load_id),
            "state": result.state,
            "window": [str(result.window.start), str(result.window.end)] if result.window else None,
            "rows_read": result.rows_read,
            "rows_loaded": result.rows_loaded,
            "rows_unchanged": result.rows_unchanged,
            "rows_quarantined": result.rows_quarantined,
            "unknown_columns": list(result.unknown_columns),
            **({"file": source} if source else {}),
        }
    )


def _print(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + os.linesep)
    sys.stdout.flush()


def _print_error(message: str) -> None:
    sys.stderr.write(f"kpi: {message}\n")


if __name__ == "__main__":
    raise SystemExit(main())
