"""The sandbox as one HTTP server on 127.0.0.1: login, Selling Partner API, Ads API, and /sandbox for its own affairs.

/sandbox/health                        state of the server
/sandbox/connections                   Airflow connections (?erp_url= or ?erp_files_dir= adds the ERP's)
/sandbox/advance                 POST  business clock to revision 1 (the restated second pull)
/sandbox/truth/values                  every KPI x month x entity (?revision= &kpi_id= &entity_kind= &period_start=)
/sandbox/truth/totals                  what every stream adds up to, by account and day (?revision= &platform=)
/sandbox/truth/targets, breaches       the seller's plan; the planted breaches of it
/sandbox/truth/events                  everything that is planted, with its figures
/sandbox/erp/<stream>.<csv|xlsx>       products, unit_costs, staff
/sandbox/faults                  POST  {kind, platform?, operation?, stream?, account_id?, times?, after?, each?,
                                       column?}; DELETE clears them, GET tells how often each has happened
/sandbox/faults/kinds                  what kinds there are
/sandbox/limits                  POST  {operation, rate, burst}; /sandbox/options POST {polls, ...}
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import asdict, fields
from datetime import date
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from airflow_dags.sandbox import lwa, plan
from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.erp import STREAMS, erp_connections, erp_csv, erp_xlsx, write_erp_database, write_erp_files
from airflow_dags.sandbox.events import events
from airflow_dags.sandbox.fault_answers import add_faults
from airflow_dags.sandbox.faults import ALIASES, KINDS, Fault
from airflow_dags.sandbox.kpi_truth import truth_values
from airflow_dags.sandbox.platforms import connections_of, sandbox_platforms
from airflow_dags.sandbox.state import Options, SandboxState

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def create_app(state: SandboxState) -> Flask:
    app = Flask("sandbox", static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    add_faults(app, state)
    app.register_blueprint(lwa.blueprint(state))
    for platform in sandbox_platforms().values():
        app.register_blueprint(platform.blueprint(state))
    _add_affairs(app, state)
    _add_truth(app, state)
    return app


def _problem(status: int, message: str) -> tuple[Response, int]:
    return jsonify({"error": message}), status


def _add_affairs(app: Flask, state: SandboxState) -> None:
    business = state.business

    @app.get("/sandbox/health")
    def health() -> dict[str, Any]:
        return {
            "status": "ok",
            "revision": state.revision,
            "seed": business.seed,
            "as_of": business.as_of.isoformat(),
            "first_day": business.first_day.isoformat(),
            "last_day": business.last_day.isoformat(),
            "accounts": [account.account_id for account in business.catalogue.accounts],
            "platforms": {
                name: [fields["extra"]["account_id"] for fields in platform.connections(state).values()]
                for name, platform in sandbox_platforms().items()
            },
            "emptied_ad_group_id": str(business.emptied_ad_group().ad_group_id),
        }

    @app.get("/sandbox/connections")
    def connections() -> dict[str, Any]:
        given = request.args
        return connections_of(state) | erp_connections(given.get("erp_url"), given.get("erp_files_dir"))

    @app.post("/sandbox/advance")
    def advance() -> dict[str, Any]:
        state.revision = 1
        if state.erp_database:  # the ERP is corrected as the platforms restate
            write_erp_database(state.erp_database, business, state.revision)
        return {"revision": state.revision}

    @app.route("/sandbox/faults", methods=["GET", "POST", "DELETE"])
    def faults() -> Any:
        if request.method == "DELETE":
            state.faults.clear()
        elif request.method == "POST":
            given = request.get_json(force=True)
            known = {item.name for item in fields(Fault)} - {"fired", "counted"}
            kind = str(given.get("kind")) if isinstance(given, dict) else ""
            if ALIASES.get(kind, kind) not in KINDS:
                return _problem(400, f"kind is one of {', '.join([*KINDS, *ALIASES])}")
            if unknown := sorted(set(given) - known):
                return _problem(400, f"unknown: {', '.join(unknown)}; a fault has {', '.join(sorted(known))}")
            state.faults.append(Fault(**given))
        return {"faults": [fault.as_dict() for fault in state.faults], "natures": state.faults.natures()}

    @app.get("/sandbox/faults/kinds")
    def kinds() -> Any:
        return jsonify([asdict(kind) for kind in KINDS.values()])

    @app.post("/sandbox/limits")
    def limits() -> dict[str, Any]:
        given = request.get_json(force=True)
        state.buckets.set_plan(given["operation"], float(given["rate"]), int(given["burst"]))
        return given

    @app.post("/sandbox/options")
    def options() -> Any:
        given = request.get_json(force=True)
        unknown = sorted(set(given) - set(asdict(state.options)))
        if unknown:
            return _problem(400, f"unknown options: {', '.join(unknown)}")
        for name, value in given.items():
            setattr(state.options, name, value)
        return asdict(state.options)

    @app.get("/sandbox/erp/<stream>.<suffix>")
    def erp(stream: str, suffix: str) -> Any:
        if stream not in STREAMS or suffix not in ("csv", "xlsx"):
            return _problem(404, f"the ERP has {', '.join(STREAMS)} as csv or xlsx")
        if suffix == "csv":
            return Response(erp_csv(business, stream), content_type="text/csv;charset=UTF-8")
        return Response(erp_xlsx(business, stream), content_type=XLSX)


def _add_truth(app: Flask, state: SandboxState) -> None:
    business = state.business

    @app.get("/sandbox/truth/values")
    def values() -> Any:
        revision = request.args.get("revision", state.revision, type=int)
        if revision not in (0, 1):
            return _problem(400, "revision is 0 or 1")
        rows = state.cached(("truth", revision), lambda: truth_values(state.business, revision))
        filters = {name: request.args[name] for name in ("kpi_id", "entity_kind", "entity_id") if name in request.args}
        period = request.args.get("period_start")
        found = [
            row.as_dict()
            for row in rows
            if all(getattr(row, name) == value for name, value in filters.items())
            and (period is None or row.period_start.isoformat() == period)
        ]
        return jsonify(found)

    @app.get("/sandbox/truth/totals")
    def totals() -> Any:
        """Of every platform, or of ?platform=: by stream, account, day and measure."""
        revision = request.args.get("revision", state.revision, type=int)
        wanted = request.args.get("platform")
        found = []
        for platform in sandbox_platforms().values():
            if wanted in (None, platform.name):
                key = ("totals", platform.name, revision)
                rows = state.cached(key, lambda platform=platform: list(platform.totals(business, revision)))
                found += [{"platform": platform.name, **asdict(row)} for row in rows]
        return jsonify([{**row, "day": row["day"].isoformat(), "value": f"{row['value']:f}"} for row in found])

    @app.get("/sandbox/truth/targets")
    def targets() -> Response:
        return jsonify(plan.targets(state.business))

    @app.get("/sandbox/truth/breaches")
    def breaches() -> Response:
        return jsonify(plan.breaches(state.business))

    @app.get("/sandbox/truth/events")
    def planted() -> Response:
        key = ("events", state.revision)
        return jsonify(state.cached(key, lambda: events(business, state.revision)))


class _QuietHandler(WSGIRequestHandler):
    """Keeps connections open, and writes no line a request: a load makes thousands of them."""

    protocol_version = "HTTP/1.1"

    def make_environ(self) -> dict[str, Any]:
        """Some platforms have headers with underscores (WM_SEC.ACCESS_TOKEN), which the server would leave out."""
        environ = super().make_environ()
        for name, value in self.headers.items():
            if "_" in name:
                environ.setdefault("HTTP_" + name.upper().replace("-", "_"), value)
        return environ

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return None


def make_sandbox_server(state: SandboxState, port: int = 0) -> BaseWSGIServer:
    """A threaded server on 127.0.0.1 (port 0: any free one); the caller runs `serve_forever` and `shutdown`."""
    server = make_server("127.0.0.1", port, create_app(state), threaded=True, request_handler=_QuietHandler)
    server.daemon_threads = True  # type: ignore[attr-defined]
    state.base_url = f"http://127.0.0.1:{server.server_port}"
    return server


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kpi sandbox",
        description="Run a local seller with real platform protocols.",
        epilog="What it speaks, and which faults it can make, is in airflow_dags/sandbox/README.md.",
    )
    parser.add_argument("--port", type=int, default=8099, help="port on 127.0.0.1 (0: any free one; default 8099)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--as-of", type=date.fromisoformat, help="first day without data (default: today, Los Angeles)")
    parser.add_argument("--small", action="store_true", help="a tiny business: 2 months, 10 SKUs, 5 ad groups")
    parser.add_argument("--polls", type=int, default=2, help="the poll on which a report is done (default 2)")
    parser.add_argument("--ads-retention-days", type=int, help="refuse ads reports that start earlier (default: none)")
    parser.add_argument("--rate", type=float, default=200.0, help="requests a second, per operation and account")
    parser.add_argument("--burst", type=int, default=2000)
    parser.add_argument("--erp-files", type=Path, metavar="FOLDER", help="write the ERP's files there")
    parser.add_argument(
        "--erp-database",
        metavar="URL",
        default=os.environ.get("KPI_SANDBOX_ERP_DATABASE"),
        help="fill the schema erp of this PostgreSQL database (default: KPI_SANDBOX_ERP_DATABASE)",
    )
    return parser


def main(argv: list[str] | None = None) -> int:
    """Runs until interrupted; prints one line when it is ready."""
    arguments = _parser().parse_args(argv)
    business = Business(arguments.seed, arguments.as_of, arguments.small)
    options = Options(
        polls=arguments.polls,
        rate=arguments.rate,
        burst=arguments.burst,
        ads_retention_days=arguments.ads_retention_days,
    )
    state = SandboxState(business, options)
    try:
        server = make_sandbox_server(state, arguments.port)
    except (OSError, SystemExit) as error:
        print(f"The sandbox can't listen on port {arguments.port}: {error}. Choose another --port.", file=sys.stderr)  # noqa: T201
        return 1
    if arguments.erp_files:
        write_erp_files(business, arguments.erp_files)
    if arguments.erp_database:
        state.erp_database = arguments.erp_database
        write_erp_database(arguments.erp_database, business)
    for first in business.months:
        business.month(first)
    print(f"sandbox ready on {state.base_url} (data {business.first_day} to {business.last_day})", flush=True)  # noqa: T201
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
