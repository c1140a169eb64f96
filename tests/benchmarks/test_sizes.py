"""Linkage beside Splink at several sizes: what the stages say of one small nation."""

from __future__ import annotations

import pytest

from benchmarks.external_validation import read_nation_files
from benchmarks.linkage.sizes import link_ours, link_stock, make_nation
from register.identity.cluster import link_mentions
from register.identity.evaluate import measure_linkage
from register.settings import Settings


@pytest.mark.drill
def test_both_methods_are_measured_on_one_nation(settings: Settings) -> None:
    """Prevents a comparison in which each side has records, or a truth, of its own."""
    made = make_nation(settings, "600")
    ours, stock = link_ours(settings), link_stock(settings)
    assert made["rows"] == ours["rows"] == stock["rows"] > 600
    labelled = read_nation_files(settings.home)
    path = measure_linkage(link_mentions(labelled.mentions, labelled.care), labelled).in_children
    assert (ours["precision"], ours["recall"], ours["f1"]) == (path.precision, path.recall, path.f1)
    assert 0 < stock["precision"] < 1
    assert stock["seconds"] > 0
