"""The description of the data sets says what each row counts."""

from __future__ import annotations

import pytest

from official_statistics import DataSet, data_set_named, read_data_sets


def _row(data_set: DataSet, **values: str) -> dict[str, tuple[str, ...]]:
    return next(dict(one.where) for one in data_set.combinations() if dict(one.values) == values)


def test_there_are_thirteen_files_and_their_rows_have_one_key_each() -> None:
    """Prevents a file that is forgotten, and two rows that no reader can tell apart."""
    data_sets = read_data_sets()
    assert [one.number for one in data_sets] == list(range(1, 14))
    for data_set in data_sets:
        keys = [one.filter_values for one in data_set.combinations()]
        assert len(keys) == len(set(keys))


def test_a_total_of_police_records_is_both_sources_and_police_only() -> None:
    """Prevents two files that count the same episodes under different conditions."""
    recorded = data_set_named("police_recording_by_area")
    assert _row(recorded, recording_force="Total") == {"source_status": ("both", "police_only")}
    assert _row(recorded, recording_force="Same area") == {
        "source_status": ("both", "police_only"),
        "same_area": ("yes",),
    }


def test_the_outcome_of_an_interview_is_that_of_its_stage() -> None:
    """Prevents an accepted interview from being counted as one that was held."""
    interviews = data_set_named("return_interviews_by_area")
    assert _row(interviews, interview_stage="Held", interview_outcome="Yes") == {
        "interview_offered": ("yes", "no", "unknown"),
        "interview_held": ("yes",),
    }
    assert _row(interviews, interview_stage="Offered", interview_outcome="No") == {
        "interview_offered": ("no",)
    }


def test_a_breakdown_has_the_topic_of_its_item() -> None:
    """Prevents a row of an unknown sex under the heading of ethnicity."""
    characteristics = data_set_named("missing_children_by_characteristic")
    row = _row(
        characteristics,
        care_status="Total",
        absence_category="Total",
        breakdown_topic="Sex",
        breakdown="Unknown",
    )
    assert row == {"sex": ("unknown",)}


def test_an_indicator_exists_on_the_rows_that_it_names() -> None:
    """Prevents a number of looked-after children beside children who are not looked after."""
    looked_after = data_set_named("missing_children_by_area").get_indicator("cla_child_count")
    assert looked_after.exists_on({"care_status": "Looked after", "absence_category": "Missing"})
    assert not looked_after.exists_on({"care_status": "Total", "absence_category": "Missing"})


def test_a_file_that_does_not_exist_is_an_error() -> None:
    """Prevents a misspelt file from being published empty."""
    with pytest.raises(ValueError, match="no data set is called missing_by_area"):
        data_set_named("missing_by_area")
