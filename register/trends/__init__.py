"""Trends: where a series of monthly counts steps. Counting is dbt's; judging a step is here."""
