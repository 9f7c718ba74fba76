"""The migration makes the tables that the models describe, and every sentence of the API has a Chinese one."""

from __future__ import annotations

import ast
import string
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import superset_kpi_plugin.alerts as alerts

TABLES = {
    "kpi_alert_rule",
    "kpi_alert_instance",
    "kpi_alert_event",
    "kpi_alert_vote",
    "kpi_alert_silence",
    "kpi_outbox",
}
FOLDER = Path(alerts.__file__).parent
# Functions whose first text is shown to people by the API, and which argument that is.
SPEAKERS = {"_problem": 1, "translate": 0, "NotFound": 0, "Conflict": 0, "BadRequest": 0}


def test_the_migration_and_the_models_agree(app_context: Any, metadata_uri: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from flask_appbuilder import Model

    engine = sa.create_engine(metadata_uri)
    with engine.connect() as connection:
        options = {"include_name": lambda name, kind, parents: kind != "table" or name in TABLES, "compare_type": True}
        found = MigrationContext.configure(connection, opts=options)
        of_ours = sa.MetaData()
        for table in TABLES:
            Model.metadata.tables[table].to_metadata(of_ours)
        differences = compare_metadata(found, of_ours)
    engine.dispose()
    assert differences == []


def sentences() -> set[str]:
    """The English sentences in the slice's code."""
    found = set()
    for file in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SPEAKERS):
                continue
            place = SPEAKERS[node.func.id]
            if len(node.args) > place and isinstance(node.args[place], ast.Constant):
                found.add(node.args[place].value)
    return found


def test_every_sentence_is_translated_with_the_same_placeholders(app: Any) -> None:
    from superset_kpi_plugin.locale import CATALOGUES

    english = sentences()
    assert len(english) > 15
    assert english - set(CATALOGUES["zh"]) == set()
    for sentence in english:
        fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in
                  (sentence, CATALOGUES["zh"][sentence])]  # fmt: skip
        assert fields[0] == fields[1], sentence
