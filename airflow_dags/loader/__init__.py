"""Replaces what the warehouse knows of a stream by one document, in one transaction, and writes it down in the
ledger."""

from airflow_dags.loader.ledger import record_failure
from airflow_dags.loader.load import AccountProfile, LoadRequest, LoadResult, load_table
from airflow_dags.loader.schema import ensure_schema

__all__ = ["AccountProfile", "LoadRequest", "LoadResult", "ensure_schema", "load_table", "record_failure"]
