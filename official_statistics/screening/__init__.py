"""What every pair of public files must pass: the platform's screener, and our own house rules.

The platform's screener (eesyscreener, R) stops at the first stage with a failure; this one tells
all at once. It reads the files as they are and knows nothing of how they were made.
"""

from official_statistics.screening.house import CODES, screen_house
from official_statistics.screening.pair import Pair, read_pairs
from official_statistics.screening.screener import screen_pair

__all__ = ["CODES", "Pair", "read_pairs", "screen_house", "screen_pair"]
