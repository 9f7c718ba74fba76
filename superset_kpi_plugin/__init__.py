"""The Superset plugin: KPI targets, alerts and dashboards on the contract in the warehouse."""
