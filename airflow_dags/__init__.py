"""The pipeline: platform APIs, report files and ERP data into the warehouse, on Airflow or from the command line."""
