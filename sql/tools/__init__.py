"""What a data team runs on the dbt project without dbt: the style's lint, the glossary, the frame of a new KPI."""
