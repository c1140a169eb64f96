"""Feeds: what suppliers deliver, and how it is landed unaltered but normalised.

Contracts, layouts, readers, the landing engine, the ledger and the feedback to suppliers. What
the rows *mean* (conformed codes, identity, episodes) belongs in the dbt project.
"""
