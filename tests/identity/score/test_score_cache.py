"""Score cache: scoring changed records gives the result of scoring all."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from register.identity.block import BlockingRule
from register.identity.clean import MENTION_SCHEMA
from register.identity.score import load_model, score_cache
from register.identity.score import rescore as rescore_in_any_order
from tests.identity.people import mention, mention_table

MODEL = load_model()
NAMES = ("Jackie|Flynn", "Jacky|Flynn", "Sam|Stone", "Flynn|Jackie", "Samuel|Stone", "|Stone")
BIRTH_DATES = (date(2010, 5, 14), date(2010, 1, 1), date(2010, 4, 5))
POSTCODES = ("S1 1AA", "S1 1AB", "LS1 4DY")


def rescore(*arguments):
    """Rescore, with rows in one order."""
    keys = ("left_mention_key", "right_mention_key", "person_key", "left_out_key")
    return rescore_in_any_order(*arguments).sort_by([(key, "ascending") for key in keys])


def pairs_of(scores):
    """The pairs among the rows of a score cache, as the warehouse selects them."""
    return scores.filter(pc.is_valid(scores["left_mention_key"]))


@st.composite
def nations(draw: st.DrawFn) -> list[dict]:
    """Up to thirty records of a few names, dates and postcodes that agree in many ways."""
    keys = draw(st.sets(st.integers(0, 39), min_size=1, max_size=30))
    return [
        mention(
            f"m{key:02}",
            draw(st.sampled_from(NAMES)),
            source=draw(st.sampled_from(("police", "authority"))),
            born=[draw(st.sampled_from(BIRTH_DATES))],
            postcodes=draw(st.lists(st.sampled_from(POSTCODES), max_size=2, unique=True)),
        )
        for key in sorted(keys)
    ]


@given(st.lists(nations(), min_size=3, max_size=3))
@settings(max_examples=2)
def test_scoring_changed_records_gives_the_result_of_scoring_all(months):
    """Prevents a register built month by month from differing from the same register rebuilt."""
    _score_month_by_month(months)


@pytest.mark.drill
@given(st.lists(nations(), min_size=5, max_size=5))
@settings(max_examples=20)
def test_scoring_over_many_months_gives_the_result_of_scoring_all(months):
    """Prevents a difference that only some records, or a cache of several months, would show."""
    _score_month_by_month(months)


def _score_month_by_month(months):
    cache = rescore(mention_table(*months[0]), MODEL)
    for now in months[1:]:
        cache = rescore(mention_table(*now), MODEL, cache)
        assert cache.equals(rescore(mention_table(*now), MODEL))


def crowd_of(count: int) -> list[dict]:
    """Children of one name and many dates of birth, in places of their own."""
    return [
        mention(f"m{i:02}", "Ali|Ahmadi", born=[date(2010, 1 + i % 12, 3)]) for i in range(count)
    ]


@pytest.fixture(scope="module")
def of_one_key():
    """A crowd of three and one of six, scored by one key that four may have."""
    rules = (BlockingRule("names", "forenames", 4),)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(score_cache, "list_blocking_rules", lambda: rules)
        yield {count: rescore(mention_table(*crowd_of(count)), MODEL) for count in (3, 6)}


@pytest.mark.parametrize(("before", "now"), [(3, 6), (6, 3)])
def test_a_blocking_key_that_becomes_too_common_or_rare_is_noticed(of_one_key, before, now):
    """Prevents cached pairs of a key that a new record made too common to compare by."""
    again = rescore(mention_table(*crowd_of(now)), MODEL, of_one_key[before])
    assert again.equals(of_one_key[now])
    assert bool(pairs_of(again).num_rows) is (now <= 4)


def test_rows_are_the_same_however_many_are_handed_on_at_once(monkeypatch):
    """Prevents the rows at the end of a batch from being left out of the next load's cache."""
    rows = [mention(f"m{place}", "Jackie|Flynn") for place in range(3)]
    more = [*rows, mention("m4", "Jackie|Flynn")]
    cache = rescore(mention_table(*rows), MODEL)
    at_once = rescore(mention_table(*more), MODEL, cache)
    monkeypatch.setattr("register.identity.score.score_cache.BATCH_ROWS", 1)
    assert at_once.num_rows == 6 + 4
    in_batches = cache.to_reader(max_chunksize=1)
    assert rescore(mention_table(*more), MODEL, in_batches).equals(at_once)
    unchanged = rescore(mention_table(*rows), MODEL, cache.to_reader(max_chunksize=1))
    assert unchanged.equals(cache)


def test_only_pairs_of_changed_persons_are_scored(monkeypatch, caplog):
    """Prevents a load that adds one child from scoring the whole nation again."""
    caplog.set_level("INFO", logger="register.identity")
    rows = [mention(f"m{place}", "Jackie|Flynn") for place in range(3)]
    cache = rescore(mention_table(*rows), MODEL)
    assert "3 candidate pairs" in caplog.text
    caplog.clear()
    assert rescore_in_any_order(mention_table(*rows), MODEL, cache).equals(cache)
    assert "candidate pairs" not in caplog.text
    assert pairs_of(rescore(mention_table(*rows[:2]), MODEL, cache)).num_rows == 1
    caplog.clear()
    rescore(mention_table(*rows, mention("m4", "Jackie|Flynn")), MODEL, cache)
    assert "3 candidate pairs" in caplog.text


def test_a_postcode_that_becomes_crowded_changes_its_persons():
    """Prevents cached pairs of a children's home from keeping the weight of a family's address."""
    home = [
        mention(f"a{each:02}", "Jackie|Flynn", postcodes=["S1 1AA"])
        for each in range(MODEL.crowded_holders)
    ]
    newcomer = mention("b", "Sam|Stone", born=[date(2008, 11, 3)], postcodes=["S1 1AA"])
    cache = rescore(mention_table(*home), MODEL)
    again = rescore(mention_table(*home, newcomer), MODEL, cache)
    assert again.equals(rescore(mention_table(*home, newcomer), MODEL))
    levels = [set(pairs_of(each)["gamma_postcode"].to_pylist()) for each in (cache, again)]
    assert not levels[0] & levels[1]


def test_another_model_scores_everything_again():
    """Prevents weights of an old model from being mixed with those of a new one."""
    rows = mention_table(mention("m1", "Jackie|Flynn"), mention("m2", "Jackie|Flynn"))
    other = MODEL.model_copy(update={"probability_two_random_records_match": 1e-9})
    cache = rescore(rows, MODEL)
    again = rescore(rows, other, cache)
    assert again.equals(rescore(rows, other))
    assert not again.equals(cache)


def test_a_person_that_is_no_longer_delivered_has_no_pairs():
    """Prevents withdrawn records from linking children."""
    rows = [mention("m1", "Jackie|Flynn"), mention("m2", "Jackie|Flynn")]
    cache = rescore(mention_table(*rows), MODEL)
    assert pairs_of(cache).num_rows == 1
    assert pairs_of(rescore(mention_table(rows[0]), MODEL, cache)).num_rows == 0


CHANGES = [
    ({"names": ["Jackie|Flynn"]}, {"names": ["Jacky|Flynn"]}),
    ({"birth_dates": [date(2010, 1, 1)]}, {"birth_dates": [date(2010, 1, 2)]}),
    ({"postcodes": ["S1"]}, {"postcode_districts": ["S1"]}),
    ({"postcodes": ["S1 1AA", "LS1 4DY"]}, {"postcodes": ["LS1 4DY", "S1 1AA"]}),
    ({"identifiers": ["nhs|1"]}, {"identifiers": []}),
    ({"sex_code": "male"}, {"sex_code": "female"}),
    ({"source": "police"}, {"source": "authority"}),
]


@pytest.fixture(scope="module")
def read_hashes():
    """The hashes of records before their change and after it, in order; the last one is as it was.

    A hash is of one record alone, so all are hashed in one run.
    """
    changes = [*CHANGES, ({}, {})]
    tables = [
        pa.Table.from_pylist(
            [
                {**mention(f"m{place}", "Jackie|Flynn"), **change[side]}
                for place, change in enumerate(changes)
            ],
            schema=MENTION_SCHEMA,
        )
        for side in (0, 1)
    ]
    columns = [rescore(table, MODEL).filter(pc.field("person_key").is_valid()) for table in tables]
    return list(zip(*(each["mention_hash"].to_pylist() for each in columns), strict=True))


@pytest.mark.parametrize(("one", "other"), CHANGES)
def test_a_changed_record_has_another_hash(one, other, read_hashes):
    """Prevents cached scores after an unnoticed change, such as an item moved to another list."""
    before, after = read_hashes[CHANGES.index((one, other))]
    assert before != after
    assert read_hashes[-1][0] == read_hashes[-1][1], "a record that did not change keeps its hash"
