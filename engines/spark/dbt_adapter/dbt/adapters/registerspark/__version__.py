"""The version of this adapter, which equals the version of dbt-spark that it extends."""

version = "1.11.0"
