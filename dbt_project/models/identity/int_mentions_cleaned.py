"""Mentions with cleaned names, dates of birth, postcodes and identifiers."""

from register.identity.mentions import clean_mentions


def model(dbt, session):
    dbt.config(materialized="table")
    return clean_mentions(dbt.ref("int_mentions_collected").to_arrow_table())
