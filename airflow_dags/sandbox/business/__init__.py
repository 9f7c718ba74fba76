"""The simulated business behind the sandbox: pure, deterministic, without any protocol or framework."""

from airflow_dags.sandbox.business.simulation import Business

__all__ = ["Business"]
