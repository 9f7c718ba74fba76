"""`python -m airflow_dags.new_platform NAME`."""

from airflow_dags.new_platform import main

raise SystemExit(main())
