"""The steps of ingestion, the same for the DAGs and the command line: create, poll, load; or pull; or load a file.

Every step is safe to repeat. What fails leaves a row in the ledger (state failed, with the reason) and changes nothing
else.
"""

from airflow_dags.ingest.files import load_file
from airflow_dags.ingest.jobs import Job, job_of, trailing_window, within_history
from airflow_dags.ingest.loading import record, recorded_failure
from airflow_dags.ingest.pulls import pull
from airflow_dags.ingest.reports import create_reports, load_reports, poll_pauses, poll_reports, wait_for_reports

__all__ = [
    "Job",
    "create_reports",
    "job_of",
    "load_file",
    "load_reports",
    "poll_pauses",
    "poll_reports",
    "pull",
    "record",
    "recorded_failure",
    "trailing_window",
    "wait_for_reports",
    "within_history",
]
