"""The pieces of bench_kpi: the generated seller, the questions of a dashboard, and how both are timed."""
