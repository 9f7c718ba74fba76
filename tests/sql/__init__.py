"""Tests of the SQL, and its judges: truth.py, metricflow_judge.py."""
