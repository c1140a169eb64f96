"""Invented series of monthly counts."""

from __future__ import annotations

import numpy as np

from register.breaks.segmentation import Counts, Series

MONTHS = 60


def steady_counts(level: float = 20.0, months: int = MONTHS, seed: int = 1) -> Counts:
    """Counts of one level that vary twice as much as Poisson counts."""
    generator = np.random.default_rng(seed)
    return generator.negative_binomial(level, 0.5, months).astype(np.float64)


def school_year(months: int = MONTHS) -> Counts:
    """A season that doubles from winter to summer."""
    return 1.0 + 0.33 * np.sin(2 * np.pi * np.arange(months) / 12)


def flat_series(counts: Counts) -> Series:
    """Counts as a series without a season."""
    return Series(counts, np.ones_like(counts))
