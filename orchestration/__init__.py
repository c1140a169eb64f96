"""Dagster and the running of dbt: assets, jobs, schedules and sensors, and loads by a command.

The work of a step belongs in `register`, `dbt_project`, `official_statistics` or `expectations`.
"""
