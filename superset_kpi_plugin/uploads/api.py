"""GET, POST /api/v1/kpi/uploads/, GET choices/ and POST preview/."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from flask import Response, request

from superset_kpi_plugin.access.table import UPLOADS
from superset_kpi_plugin.api import KpiRestApi, int_argument, kpi_route
from superset_kpi_plugin.catalogue import queries
from superset_kpi_plugin.config import setting
from superset_kpi_plugin.errors import BadRequest, Conflict, KpiError, SetupError, ValidationFailed
from superset_kpi_plugin.uploads.inspection import inspect
from superset_kpi_plugin.warehouse import Warehouse

_ACCOUNT = re.compile(r"^[a-z][a-z0-9_]{0,62}$")


class KpiUploadsApi(KpiRestApi):
    """Files that people bring: looked through, then handed to the pipeline by way of the watched folder."""

    resource_name = "kpi/uploads"
    class_permission_name = UPLOADS

    @kpi_route("/choices/", permission="read")
    def get_choices(self) -> Response:
        """What may be chosen for a file.
        ---
        get:
          summary: Platforms with their streams, and the accounts that are known
          responses:
            200:
              description: Platforms, streams with the report's name, account ids by platform, the largest size in MB
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      platforms: {type: array, items: {type: object}}
                      accounts: {type: array, items: {type: object}}
                      max_mb: {type: integer}
        """
        from airflow_dags.registry import platforms

        offered = [
            {
                "platform": platform.name,
                "title": platform.title,
                "streams": [
                    {"stream": stream.name, "report": stream.contract.report_name or stream.contract.title}
                    for stream in platform.streams.values()
                ],
            }
            for platform in platforms().values()
        ]
        return self.json_response({"platforms": offered, "accounts": _accounts(), "max_mb": _max_mb()})

    @kpi_route("/", permission="read")
    def get_list(self) -> Response:
        """What became of the last uploads.
        ---
        get:
          summary: Uploads, newest first, with state, rows and the reason of a refusal
          parameters:
          - {in: query, name: page_size, schema: {type: integer}}
          responses:
            200:
              description: States are waiting, working, loaded and refused
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      result: {type: array, items: {type: object}}
        """
        return self.json_response({"result": _folder().history(int_argument("page_size", 50, 1, 500))})

    @kpi_route("/preview/", methods=("POST",), permission="write")
    def preview(self) -> Response:
        """Look a file through; nothing is written.
        ---
        post:
          summary: Recognise a file and show its rows, its days and each row's errors
          requestBody:
            required: true
            content:
              multipart/form-data:
                schema:
                  type: object
                  required: [file, account]
                  properties:
                    file: {type: string, format: binary}
                    account: {type: string}
                    platform: {type: string, description: Empty to have it recognised}
                    stream: {type: string}
          responses:
            200:
              description: Stream, rows, encoding, first rows, errors by row, and the other streams that it may be of
              content:
                application/json:
                  schema: {type: object}
        """
        content, name, chosen = _file_of_request()
        return self.json_response(inspect(content, name, **chosen))

    @kpi_route("/", methods=("POST",), permission="write")
    def submit(self) -> Response:
        """Hand a file to the pipeline, if not one of its rows breaks the contract.
        ---
        post:
          summary: Upload a file to be loaded, whole or not at all
          requestBody:
            required: true
            content:
              multipart/form-data:
                schema:
                  type: object
                  required: [file, account, platform, stream]
                  properties:
                    file: {type: string, format: binary}
                    account: {type: string}
                    platform: {type: string}
                    stream: {type: string}
          responses:
            202:
              description: The upload's id; the list tells what becomes of it
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      upload_id: {type: string}
                      state: {type: string}
        """
        folder = _folder()
        content, name, chosen = _file_of_request()
        if not (chosen["platform"] and chosen["stream"]):
            raise BadRequest("Say which platform and stream the file is of.")
        seen = inspect(content, name, **chosen)
        if seen["rows_refused"]:
            raise Conflict(
                "{refused} of {rows} rows are refused, so nothing was loaded. Mend the file and upload it again.",
                refused=seen["rows_refused"],
                rows=seen["rows_read"],
                details={"errors": seen["errors"]},
            )
        upload_id = folder.submit(content, name, **chosen, by=self.username())
        return self.json_response({"upload_id": upload_id, "state": "waiting"}, status=202)


def _folder() -> Any:
    """The watched folder.

    :raises SetupError: when the site has none.
    """
    from airflow_dags.uploads.folder import UploadFolder

    path = setting("KPI_UPLOAD_DIR")
    if not path or not Path(path).is_dir():
        raise SetupError("Uploads are not set up: KPI_UPLOAD_DIR must name a folder that the pipeline watches.")
    return UploadFolder(Path(path))


def _file_of_request() -> tuple[bytes, str, dict[str, str]]:
    """(content, name, account with platform and stream); platform and stream may be empty."""
    limit = _max_mb() * 1024**2
    if (request.content_length or 0) > limit + 64 * 1024:
        raise _too_large()
    file = request.files.get("file")
    if file is None or not file.filename:
        raise BadRequest("The request holds no file.")
    content = file.stream.read(limit + 1)
    if len(content) > limit:
        raise _too_large()
    chosen = {name: request.form.get(name, "").strip() for name in ("account", "platform", "stream")}
    if not _ACCOUNT.match(chosen["account"]):
        raise BadRequest("Say whose file it is: an account id has lower case letters, digits and _, as aurora_us.")
    _refuse_unknown(chosen["platform"], chosen["stream"])
    return content, file.filename, chosen


def _refuse_unknown(platform: str, stream: str) -> None:
    """Only names of the registry reach the folder's paths and the command line."""
    from airflow_dags.registry import platforms

    known = platforms().get(platform)
    if (platform and known is None) or (stream and (known is None or stream not in known.streams)):
        raise BadRequest("There is no such platform or stream.")


def _too_large() -> KpiError:
    error = ValidationFailed("The file has more than {max_mb} MB. Load it with `kpi load`.", max_mb=_max_mb())
    error.status = 413
    return error


def _max_mb() -> int:
    return int(setting("KPI_UPLOAD_MAX_MB"))


def _accounts() -> list[dict[str, Any]]:
    """Accounts by platform, as far as the warehouse knows them; none where it doesn't answer."""
    rows = queries.freshness(Warehouse())
    return [
        {"platform": platform, "account_id": account_id}
        for platform, account_id in sorted({(row["platform"], row["account_id"]) for row in rows})
    ]
