"""Pairs of mentions that something speaks for, with the weight of it."""

from register.identity.matching import find_links


def model(dbt, session):
    dbt.config(materialized="table")
    return find_links(dbt.ref("int_mentions_cleaned").to_arrow_table())
