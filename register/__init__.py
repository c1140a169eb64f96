"""The register's own methods: feeds, identity, episodes, audit, review, publishing and serving.

Plain Python that imports neither Dagster nor dbt. Running these methods belongs in `orchestration`,
the tables of the register in `dbt_project`, and official statistics in `official_statistics`.
"""
