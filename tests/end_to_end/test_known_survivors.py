"""Breaks that are known to survive are breaks of the models as they stand."""

from __future__ import annotations

from fnmatch import fnmatch

from tests.end_to_end.conftest import Nation
from tests.end_to_end.registers import compiled_models
from tests.mutants.judge_models import read_known_survivors
from tests.mutants.sql_breaks import BreakableQuery


def test_every_known_survivor_is_a_break_of_its_model(nation: Nation) -> None:
    """Prevents a reason that outlives the rule it speaks of."""
    known = read_known_survivors()
    breaks = {
        model: BreakableQuery(sql).breaks()
        for model, sql in compiled_models(nation.settings).items()
        if any(fnmatch(model, entry.model) for entry in known)
    }
    assert [
        (entry.model, entry.change)
        for entry in known
        if not any(entry.matches(model, item) for model in breaks for item in breaks[model])
    ] == []
