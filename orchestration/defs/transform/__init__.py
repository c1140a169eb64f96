"""The dbt project as assets and asset checks.

Models and tests belong in `dbt_project`.
"""
