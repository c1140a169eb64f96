"""`register simulate`: a nation of feeds with known truth, put into the inbox."""

from __future__ import annotations


