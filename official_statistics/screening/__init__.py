"""Rules that every pair of public files must pass: the platform's screener, and our own rules.

Unlike the platform's screener (eesyscreener, in R), this one reports all findings at once. It reads
files only; how they are made belongs in `official_statistics.data_files`.
"""

from official_statistics.screening.house import screen_house
from official_statistics.screening.pair import Pair, read_pairs
from official_statistics.screening.screener import screen_pair

__all__ = ["Pair", "read_pairs", "screen_house", "screen_pair"]
