"""The register's own methods: feeds, identity, episodes, audit, review, publishing, serving.

They are plain Python and import neither Dagster nor dbt. Running them belongs in `orchestration`,
the register's tables belong in `dbt_project`, and official statistics in `official_statistics`.
"""
