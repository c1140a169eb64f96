"""Linkage held to known truth: ours, Splink as it comes and exact matching, side by side."""
