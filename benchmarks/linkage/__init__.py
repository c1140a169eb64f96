"""Linkage compared with known truth, by three methods: this project, Splink and exact matching."""
