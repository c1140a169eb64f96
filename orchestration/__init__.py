"""Dagster's definitions, and the running of dbt and of loads.

It has assets, jobs, schedules and sensors. The work of a step belongs in `register`, `dbt_project`,
`official_statistics` or `expectations`.
"""
