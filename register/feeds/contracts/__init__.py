"""Contracts as YAML, one a feed, in Open Data Contract Standard v3 form.

The model is `register.feeds.contract`. How a supplier's own columns become these belongs in
`register/feeds/layouts`.
"""
