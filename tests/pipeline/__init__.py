"""Tests of the pipeline: contracts, loader, platforms, command line, DAGs."""
