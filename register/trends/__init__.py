"""Trends: where a series steps, and what suppliers announced. Counting is dbt's."""
