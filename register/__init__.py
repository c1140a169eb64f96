"""The register's own methods: feeds, identity, breaks in recording and publishing.

Plain Python that knows neither Dagster nor dbt. What happens *when* belongs in `orchestration`;
what the marts *are* belongs in `dbt_project`.
"""
