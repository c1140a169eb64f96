"""The version of this adapter: that of the dbt-spark which it is made for."""

version = "1.11.0"
