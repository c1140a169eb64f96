"""Holding the published marts to their tolerances."""
