"""Airflow DAGs ``kpi_ingest_<platform>``, one for every folder under airflow_dags/platforms."""

from airflow_dags.dag_factory import ingest_dag
from airflow_dags.registry import platforms

for platform in platforms().values():
    globals()[f"kpi_ingest_{platform.name}"] = ingest_dag(platform)
