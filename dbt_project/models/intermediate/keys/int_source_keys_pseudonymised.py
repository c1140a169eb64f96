"""Every source identifier with its keyed pseudonym: the one place where keys are made."""

from register.identity.pseudonyms import pseudonymise_keys
from register.settings import load_settings


def model(dbt, session):
    dbt.config(materialized="table")
    source_ids = dbt.ref("int_source_keys_collected").to_arrow_table()
    return pseudonymise_keys(load_settings().pseudonym_key, source_ids)
