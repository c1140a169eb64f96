"""Linkage compared with known truth: this project's, stock Splink's, and exact matching."""
