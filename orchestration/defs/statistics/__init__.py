"""The release of official statistics as an asset, its checks, and its publication when due.

Drafting and checking a release belongs in `official_statistics`.
"""
