"""Dagster's definitions (assets, jobs, schedules and sensors), and the code that runs dbt.

The code here also runs whole loads. The work of a step belongs in `register`, `dbt_project`,
`official_statistics` or `expectations`.
"""
