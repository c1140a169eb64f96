"""Rules that every data file and its metadata file must meet: the platform's screener and our own.

Unlike the platform's screener (eesyscreener, in R), this one reports all findings at once. It only
reads files; `official_statistics.data_files` writes them.
"""

from official_statistics.screening.house import screen_house
from official_statistics.screening.pair import Pair, read_pairs
from official_statistics.screening.screener import screen_pair

__all__ = ["Pair", "read_pairs", "screen_house", "screen_pair"]
