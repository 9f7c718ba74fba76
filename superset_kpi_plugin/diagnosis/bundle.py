"""The diagnostic bundle: a ZIP of JSON files for support, in which no secret can stand.

Everything in it is chosen by name (`parts`): a setting that is not on a list is not looked at but for whether it is
set. What is free text by nature (errors, names) goes through `redaction`. A last pass takes out every secret that this
process knows by itself, should one of them have got into a text in a way that nobody thought of.
"""

from __future__ import annotations

import io
import json
import logging
import os
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from typing import Any

from flask import current_app

from superset_kpi_plugin.api import jsonable
from superset_kpi_plugin.config import SETTINGS
from superset_kpi_plugin.diagnosis.parts import PARTS
from superset_kpi_plugin.errors import KpiError
from superset_kpi_plugin.redaction import GONE, redact

logger = logging.getLogger(__name__)
README = """Diagnostic bundle of the KPI plugin, made {at}.

It holds versions, settings (allow-listed values; of all others only whether they are set), migrations, the doctor's
findings, roles, freshness, last errors, alert rules and counts. It holds no values of KPIs or targets, and no address,
key, token, password or e-mail address: what was one in an error's text reads {gone}. Look it through before you send
it.
"""
#: Names of settings and variables that hold a secret, and of those that may hold one within an address.
_SECRET_NAME = re.compile(r"pass|pwd|secret|token|credential|private|(?:api|access|secret)_?key", re.IGNORECASE)
_MAYBE_NAME = re.compile(r"key|uri|url|dsn|salt|cookie|webhook|channels$|owners$|smtp|conn", re.IGNORECASE)
#: Shorter texts are words; taking them out would only mangle the file.
SHORTEST = 6
_URI_PARTS = re.compile(r"://(?:[^/@\s:]*:)?([^@\s]*)@")


def make() -> bytes:
    """The ZIP. A part that fails is told by the kind of its error, and costs no other."""
    secrets = sorted(known_secrets(), key=len, reverse=True)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        at = datetime.now(timezone.utc).isoformat(timespec="seconds")
        file.writestr("README.txt", README.format(at=at, gone=GONE))
        for name, part in PARTS.items():
            text = json.dumps(jsonable(_made(name, part)), ensure_ascii=False, indent=2, sort_keys=True)
            file.writestr(f"{name}.json", _without(secrets, text) + "\n")
    return content.getvalue()


def file_name() -> str:
    """The name under which the bundle is kept, with the instant in UTC."""
    return f"kpi-diagnosis-{datetime.now(timezone.utc):%Y%m%d-%H%M%S}.zip"


def write(path: str) -> None:
    """Write the bundle into a file that only its owner can read.

    :raises OSError: the file can't be written.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(make())


def _made(name: str, part: Any) -> Any:
    try:
        return part()
    except KpiError as error:
        return {"error": redact(error.message)}
    except Exception as error:
        # The type alone: a driver's message may hold an address.
        logger.warning("The bundle's part %s failed with %s", name, type(error).__name__)
        return {"error": type(error).__name__}


def _without(secrets: Iterable[str], text: str) -> str:
    for secret in secrets:
        # As JSON writes it, too.
        for form in {secret, json.dumps(secret, ensure_ascii=False)[1:-1]}:
            # A word within other words is none of the secrets: "superset" is a usual password.
            found = rf"(?<![\w\-]){form}(?![\w\-])" if secret.isalpha() else re.escape(form)
            text = re.sub(found, GONE, text)
    return text


def known_secrets() -> set[str]:
    """Texts under secret names in Superset's configuration, the environment and its database connections.

    They are read for no other purpose than to be taken out. Plain words count where a name says that they are secret.
    """
    secret = {known.name for known in SETTINGS if known.is_secret}
    found: set[str] = set()
    for name, value in [*current_app.config.items(), *os.environ.items()]:
        certainly = name in secret or bool(_SECRET_NAME.search(name))
        found |= set(_texts(value, is_secret=certainly, is_maybe=bool(_MAYBE_NAME.search(name))))
    try:
        found |= set(_of_databases())
    except Exception as error:
        # A key that was changed can't open what the one before closed; none of it is in the bundle anyway.
        logger.warning("The database connections' secrets can't be read: %s", type(error).__name__)
    found |= {match for text in found for match in _URI_PARTS.findall(text)}
    return {text for text in found if len(text) >= SHORTEST}


def _texts(value: Any, *, is_secret: bool, is_maybe: bool = False) -> Iterator[str]:
    """Texts within a setting: all of a secret one; of others those under secret names, and what is no plain word."""
    if isinstance(value, str):
        if is_secret or (is_maybe and not re.fullmatch(r"[A-Za-z_./]+", value)):
            yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            certainly, maybe = _SECRET_NAME.search(str(name)), _MAYBE_NAME.search(str(name))
            yield from _texts(item, is_secret=is_secret or bool(certainly), is_maybe=is_maybe or bool(maybe))
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _texts(item, is_secret=is_secret, is_maybe=is_maybe)


def _of_databases() -> Iterator[str]:
    """Passwords and encrypted fields of every database connection of this Superset."""
    from superset.extensions import db
    from superset.models.core import Database

    for database in db.session.query(Database):
        for name in ("password", "encrypted_extra", "server_cert"):
            value = getattr(database, name, None)
            if not value:
                continue
            yield str(value)
            try:
                yield from _texts(json.loads(value), is_secret=True)
            except ValueError:
                continue
