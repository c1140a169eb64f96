"""Dagster's definitions, and the code that runs dbt and loads.

It has assets, jobs, schedules and sensors. The work of a step belongs in `register`, `dbt_project`,
`official_statistics` or `expectations`.
"""
