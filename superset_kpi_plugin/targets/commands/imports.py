"""Bring a file of targets in: a preview with errors by row and the difference to today, then drafts, all or nothing."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from superset.extensions import db

from superset_kpi_plugin.api import jsonable
from superset_kpi_plugin.audit.chain import canonical
from superset_kpi_plugin.config import setting
from superset_kpi_plugin.errors import ValidationFailed
from superset_kpi_plugin.locale import translate
from superset_kpi_plugin.targets import sheets, storage
from superset_kpi_plugin.targets.commands.save import SaveDrafts
from superset_kpi_plugin.targets.present import SAID

#: Rows of the preview that are shown; all are counted.
SHOWN = 1_000
#: Above this the trail keeps the hash of what was written, and the versions the values.
MOST_AUDITED = 10_000


class ImportTargets(SaveDrafts):
    """A file's rows as drafts. A column that the file lacks keeps what is there; an empty cell clears it."""

    action = "import"

    def __init__(self, content: bytes, mapping: dict[str, str] | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(None, *args, **kwargs)
        try:
            self.sheet = sheets.read(content, mapping, int(setting("KPI_MAX_IMPORT_ROWS")))
        except sheets.SheetError as error:
            raise ValidationFailed(str(error)) from None
        self.digest = sha256(content).hexdigest()
        self.numbers = [number for number, _ in self.sheet.rows]

    def load(self) -> None:
        """The rows are checked as they are read."""
        self.rows = [values for _, values in self.sheet.rows]
        if not self.rows and not self.sheet.errors:
            raise ValidationFailed("The file holds no targets.")

    def errors(self, *, is_planned: bool = True) -> list[dict[str, Any]]:
        """Everything that is wrong with the file, by row and column, in the reader's language.

        :param is_planned: also what is found once the targets are locked; writing finds that by itself.
        """
        if self.sheet.errors:
            found = [{**error, "message": translate(error["message"])} for error in self.sheet.errors]
            return sorted(found, key=lambda error: (error["row"], error["column"]))
        self.load()
        try:
            self.validate()
            if is_planned:
                self.plan()
        except ValidationFailed as error:
            return [self._located(problem) for problem in error.details["errors"]]
        return []

    def preview(self) -> dict[str, Any]:
        """What the file would do: columns, errors, and what would change. Nothing is written."""
        errors = self.errors()
        changes: list[dict[str, Any]] = []
        counts = {"new": 0, "changed": 0, "unchanged": 0, "errors": len(errors)}
        if not errors:
            held, wanted = self.plan()
            db.session.rollback()
            for number, row, values in zip(self.numbers, self.rows, wanted, strict=True):
                current = held.get(storage.key_of(row))
                before = storage.values_of((current.draft or current.approved) if current else None)
                different = {
                    name: {"from": before[name], "to": values[name]} for name in SAID if before[name] != values[name]
                }
                counts["new" if current is None else "changed" if different else "unchanged"] += 1
                if different and len(changes) < SHOWN:
                    key = {name: row[name] for name in sheets.KEYS}
                    changes.append({"row": number, **key, "changes": different})
        shown = {"columns": self.sheet.columns, "encoding": self.sheet.encoding, "rows": len(self.sheet.rows)}
        return {**shown, "counts": counts, "errors": errors[:SHOWN], "diff": changes}

    def apply(self) -> int:
        """Save every row as a draft; returns how many rows the file holds.

        :raises ValidationFailed: a row is wrong; ``details.errors`` names row and column, and nothing was saved.
        """
        errors = self.errors(is_planned=False)
        db.session.rollback()
        if not errors:
            try:
                self.write()
            except ValidationFailed as error:
                errors = [self._located(problem) for problem in error.details["errors"]]
        if errors:
            raise ValidationFailed(details={"errors": errors[:SHOWN]})
        return len(self.rows)

    def plan(self) -> Any:
        """What is there, and what is wanted; refuses what can't be."""
        held = storage.lock_by_key([storage.key_of(row) for row in self.rows])
        return held, self.checked(held)

    def audited(self, changed: list[storage.Locked]) -> list[dict[str, Any]]:
        items = super().audited(changed)
        about = {"sha256_of_file": self.digest, "rows": len(self.rows), "changed": len(changed)}
        if len(items) > MOST_AUDITED:
            return [{**about, "sha256_of_items": sha256(canonical(jsonable(items)).encode()).hexdigest()}]
        return [about, *items]

    def _located(self, problem: dict[str, Any]) -> dict[str, Any]:
        return {"row": self.numbers[problem["index"]], "column": problem["field"], "message": problem["message"]}
