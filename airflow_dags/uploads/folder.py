"""The watched folder: a person, a script or the upload page puts files in, the DAG takes them out.

    <KPI_UPLOAD_DIR>/<account>/report.txt                       platform and stream are recognised by the content
    <KPI_UPLOAD_DIR>/<account>/<platform>/<stream>/report.txt   or said by the folders
    <KPI_UPLOAD_DIR>/done/<day>/, refused/<day>/                where files go, each with <name>.result.json beside it

A file that is still being written is left alone: names that start with a dot or end in .part, .tmp or ~, and whatever
changed within the last seconds. A file under way lies in .working; one that a killed run left there is taken up again.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from uuid import uuid4

from airflow_dags.errors import ConfigurationError

SETTLED_SECONDS = 3.0
DONE, REFUSED, WORKING = "done", "refused", ".working"
META, RESULT = ".meta.json", ".result.json"
_UNSAFE = re.compile(r"[^\w.()\[\] +-]", re.UNICODE)
_LONGEST_NAME = 180  # bytes, of 255 that a file system takes: id, dot and the ending of the meta file come to it


@dataclass(frozen=True)
class Waiting:
    """One file to load. ``account_id`` is empty for a file at the top; platform and stream where no folder says."""

    path: Path
    name: str
    account_id: str
    platform: str
    stream: str
    meta: Mapping[str, Any]


class UploadFolder:
    """The folder that KPI_UPLOAD_DIR names."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def of_environment(cls) -> UploadFolder:
        """:raises ConfigurationError: without KPI_UPLOAD_DIR, or when it's no folder."""
        given = os.environ.get("KPI_UPLOAD_DIR")
        if not given:
            raise ConfigurationError(
                "KPI_UPLOAD_DIR doesn't say which folder is watched for files; nothing was changed"
            )
        if not Path(given).is_dir():
            raise ConfigurationError(f"KPI_UPLOAD_DIR {given} is not a folder; nothing was changed; make it")
        return cls(Path(given))

    def submit(self, content: bytes, name: str, *, account: str, platform: str, stream: str, by: str) -> str:
        """Put a file in, whole or not at all, and return its id; ``by`` is who uploaded it."""
        upload_id = uuid4().hex
        place = self.root / account / platform / stream
        place.mkdir(parents=True, exist_ok=True)
        file_name = f"{upload_id}_{safe_name(name)}"
        meta = {"upload_id": upload_id, "name": name, "by": by, "submitted_at": _now()}
        (place / f".{file_name}{META}").write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")
        unfinished = place / f".{file_name}.part"
        unfinished.write_bytes(content)
        unfinished.rename(place / file_name)
        return upload_id

    def waiting(self) -> list[Waiting]:
        """The files to load, those that a killed run left first, then the oldest."""
        found = [self._waiting(path) for path in self._files(self.root / WORKING)]
        fresh = [path for path in self._files(self.root) if self._is_settled(path)]
        return found + [self._waiting(path) for path in sorted(fresh, key=lambda path: path.stat().st_mtime)]

    def claim(self, item: Waiting) -> Waiting | None:
        """Take a file out of sight of other runs; None where another one was quicker."""
        place = item.path.relative_to(self.root)
        if place.parts[0] == WORKING:
            return item
        target = self.root / WORKING / place
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            item.path.rename(target)
        except FileNotFoundError:
            return None
        meta = _meta_of(item.path)
        if meta.exists():
            meta.rename(_meta_of(target))
        return self._waiting(target)

    def finish(self, item: Waiting, result: Mapping[str, Any]) -> Path:
        """Move a claimed file to done or refused, with its result beside it, and return its new place."""
        folder = self.root / (DONE if result["state"] == "loaded" else REFUSED) / _now()[:10]
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / item.path.name
        number = 1
        while target.exists():
            number += 1
            target = folder / f"{item.path.stem} ({number}){item.path.suffix}"
        (folder / f"{target.name}{RESULT}").write_text(
            json.dumps({**result, "finished_at": _now()}, ensure_ascii=False, indent=1), encoding="utf-8"
        )
        shutil.move(item.path, target)
        _meta_of(item.path).unlink(missing_ok=True)
        return target

    def history(self, limit: int = 100) -> list[dict[str, Any]]:
        """What became of the last uploads, newest first; those that wait or are under way come before them."""
        found = [
            {**_known(item), "state": "working" if WORKING in item.path.parts else "waiting"}
            for item in (self._waiting(path) for path in [*self._files(self.root / WORKING), *self._files(self.root)])
        ]
        results = [path for part in (DONE, REFUSED) for path in (self.root / part).glob(f"*/*{RESULT}")]
        results.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        for path in results[: max(0, limit - len(found))]:
            try:
                found.append(json.loads(path.read_text(encoding="utf-8")))
            except (OSError, ValueError):
                continue
        return found[:limit]

    def _files(self, folder: Path) -> list[Path]:
        if not folder.is_dir():
            return []
        skipped = {self.root / part for part in (DONE, REFUSED, WORKING)} - {folder}
        found = []
        for home, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if Path(home) / name not in skipped and not name.startswith(".")]
            found += [Path(home) / name for name in names if _is_wanted(name)]
        return sorted(found)

    def _waiting(self, path: Path) -> Waiting:
        parts = [part for part in path.relative_to(self.root).parts[:-1] if part != WORKING]
        account, platform, stream = (*parts, "", "", "")[:3]
        try:
            meta = json.loads(_meta_of(path).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            meta = {}
        return Waiting(path, str(meta.get("name") or path.name), account, platform, stream, meta)

    @staticmethod
    def _is_settled(path: Path) -> bool:
        try:
            return time.time() - path.stat().st_mtime >= SETTLED_SECONDS or _meta_of(path).exists()
        except FileNotFoundError:
            return False


def safe_name(name: str) -> str:
    """A name that is safe in a folder, and still the person's own."""
    plain = _UNSAFE.sub("_", Path(name.replace("\\", "/")).name).strip(". ") or "upload"
    stem, dot, suffix = plain.rpartition(".")
    if not stem or len(suffix.encode()) > 20:
        return _cut(plain, _LONGEST_NAME)
    return f"{_cut(stem, _LONGEST_NAME - len(suffix.encode()))}{dot}{suffix}"


def _cut(text: str, most: int) -> str:
    """As much of the text as fits in so many bytes."""
    return text.encode()[:most].decode(errors="ignore")


def _known(item: Waiting) -> dict[str, Any]:
    return {
        "upload_id": item.meta.get("upload_id"),
        "file": item.name,
        "account_id": item.account_id or None,
        "platform": item.platform or None,
        "stream": item.stream or None,
        "by": item.meta.get("by"),
        "submitted_at": item.meta.get("submitted_at"),
    }


def _is_wanted(name: str) -> bool:
    return not (name.startswith(".") or name.endswith((".part", ".tmp", "~", RESULT)))


def _meta_of(path: Path) -> Path:
    return path.with_name(f".{path.name}{META}")


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
