"""The description of the data sets says what each row counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from official_statistics import DataSet, data_set_named, read_data_sets
from official_statistics.data_sets import join_conditions


def _row(data_set: DataSet, **values: str) -> dict[str, tuple[str, ...]]:
    return next(dict(one.where) for one in data_set.combinations() if dict(one.values) == values)


def test_there_are_seventeen_files_and_their_rows_have_one_key_each() -> None:
    """Prevents a file that is forgotten, and two rows that no reader can tell apart."""
    data_sets = read_data_sets()
    assert [one.number for one in data_sets] == list(range(1, 18))
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


def test_incidents_of_the_department_are_those_of_an_authority_in_care() -> None:
    """Prevents an incident of a child at home from being counted by the department's definition."""
    definitions = data_set_named("incidents_by_definition")
    assert _row(definitions, counting_rule="Department: missing incidents") == {
        "category_authority": ("missing",),
        "care_status": ("looked_after",),
    }


def test_counts_of_the_same_incidents_have_the_same_condition() -> None:
    """Prevents one number that is shown in one file and hidden in another."""
    conditions = {
        str(join_conditions(data_set.get_indicator(measure), combination))
        for file, measure in (
            ("police_recording_by_area", "incident_count"),
            ("incidents_by_definition", "incident_count"),
            ("police_incidents_by_force", "incident_count"),
        )
        for data_set in [data_set_named(file)]
        for combination in data_set.combinations()
        if set(combination.values.values())
        <= {"Total", "Police: missing incidents (all risk levels)"}
    }
    assert len(conditions) == 1


def test_only_counts_of_recorded_risk_levels_need_no_source() -> None:
    """Prevents a count of episodes without a police incident that covers authorities' records."""
    recorded = data_set_named("police_recording_by_area")
    (total, *_) = recorded.combinations()
    counted = recorded.get_indicator("incident_count")
    assert "source_status" not in join_conditions(counted, total)
    for codes in (("high", "none"), ("none",)):
        indicator = replace(counted, where={"police_risk_level": codes})
        assert join_conditions(indicator, total)["source_status"] == ("both", "police_only")


def test_a_file_that_does_not_exist_is_an_error() -> None:
    """Prevents a misspelt file from being published empty."""
    with pytest.raises(ValueError, match="no data set is called missing_by_area"):
        data_set_named("missing_by_area")
