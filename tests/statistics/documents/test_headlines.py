"""The headline sentences: each true of the figures it is made from, or not said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from official_statistics.documents import (
    Confidentiality,
    QualityFacts,
    ReleaseFacts,
    find_document_problems,
    read_public_files,
    write_documents,
    write_headlines,
)
from official_statistics.documents.headlines import describe_change, read_sentences
from tests.statistics.documents.conftest import Figures, Key, MakeRelease, figure

AREA = "missing_children_by_area"
AGREEMENT = "agreement_by_area"
COEFFICIENTS = "agreement_coefficients"
INTERVIEWS = "return_interviews_by_area"
RECORDING = "police_recording_by_area"
MISSING = {"absence_category": "Missing"}
EXPECTED = {"agreement_scope": "Expected in both sources"}
LOOKED_AFTER = {"care_status": "Looked after"}
BOTH = EXPECTED | {"source_status": "Both sources"}

FIGURES: dict[Key, str] = {
    figure(AREA, "child_count"): "2550",
    figure(AREA, "child_count", year="2025"): "2000",
    figure(AREA, "episode_count"): "3920",
    figure(AREA, "child_count", **LOOKED_AFTER): "1240",
    figure(AREA, "child_percent", **LOOKED_AFTER): "9.9",
    figure(AREA, "child_count", **MISSING): "2410",
    figure(AREA, "episode_count", **MISSING): "3700",
    figure(RECORDING, "incident_count"): "3560",
    figure(RECORDING, "incident_count_above_no_risk"): "3290",
    figure(AREA, "repeat_child_count"): "610",
    figure(AREA, "episode_average"): "1.5",
    figure(AREA, "over_24_hours_count_lower"): "240",
    figure(AREA, "over_24_hours_count_upper"): "440",
    figure(AGREEMENT, "episode_percent", source_status="Both sources"): "28.1",
    figure(AGREEMENT, "episode_percent", source_status="Police only"): "62.8",
    figure(AGREEMENT, "episode_percent", source_status="Authority only"): "9.1",
    figure(AGREEMENT, "episode_percent", **BOTH): "63.2",
    figure(AGREEMENT, "episode_percent_lower", **BOTH): "60.9",
    figure(AGREEMENT, "episode_percent_upper", **BOTH): "65.4",
    figure(AGREEMENT, "episode_count", **EXPECTED): "880",
    figure(COEFFICIENTS, "category_kappa"): "0.512",
    figure(COEFFICIENTS, "category_kappa_lower"): "0.410",
    figure(COEFFICIENTS, "category_kappa_upper"): "0.600",
    figure(COEFFICIENTS, "category_kappa_minimum"): "0.312",
    figure(COEFFICIENTS, "category_kappa_maximum"): "0.672",
    figure(COEFFICIENTS, "absence_estimate"): "933",
    figure(COEFFICIENTS, "absence_estimate_lower"): "917",
    figure(COEFFICIENTS, "absence_estimate_upper"): "956",
    figure(INTERVIEWS, "episode_percent", interview_outcome="Yes"): "27.3",
    figure(INTERVIEWS, "episode_percent", interview_stage="Held", interview_outcome="Yes"): "16.4",
}
SENTENCES = {
    "Children": "In the year ending 31 March 2026, 2,550 children were missing or away, in 3,920"
    " episodes of any category.",
    "Change": "The number of children was 28% higher than in the year before.",
    "Children missing": "2,410 of these children were missing, in 3,700 episodes that a source"
    " recorded as missing above no apparent risk.",
    "Police missing incidents": "Police forces recorded 3,560 missing incidents at all risk levels,"
    " and 3,290 without the lowest of these levels.",
    "Looked-after children": "1,240 of these 2,550 children were looked after when at least one of"
    " their episodes began: 9.9% of all children looked after in the year.",
    "Repeated episodes": "610 of 2,550 children had more than one episode in the year; the average"
    " was 1.5 episodes per child.",
    "Long episodes": "Between 240 and 440 of 3,920 episodes lasted more than 24 hours. It is a"
    " range because some records have dates but no times.",
    "Two sources": "Police and local authority both recorded 28.1% of episodes; the police alone"
    " recorded 62.8%, and the local authority alone 9.1%.",
    "Expected in both sources": "Of the episodes that both sources should have recorded, both did"
    " record 63.2% (95% interval 60.9% to 65.4%).",
    "Agreement of categories": "Cohen's kappa of the two sources' categories was 0.512 (95%"
    " interval 0.410 to 0.600). At 1 they agree always, and at 0 no more than by chance.",
    "Estimate": "Of the episodes that both sources should have recorded, 880 were recorded by at"
    " least one of them. With those that neither recorded there may have been 933 (95% interval"
    " 917 to 956), if the two sources record independently of each other.",
    "Return interviews": "A return interview was offered after 27.3% of episodes for which one is"
    " due, and is known to have been held after 16.4%.",
}
# Figures that a sentence says, so that it is not said without them.
NEEDED = [
    ("Children", figure(AREA, "child_count")),
    ("Children", figure(AREA, "episode_count")),
    ("Change", figure(AREA, "child_count", year="2025")),
    ("Children missing", figure(AREA, "child_count", **MISSING)),
    ("Children missing", figure(AREA, "episode_count", **MISSING)),
    ("Police missing incidents", figure(RECORDING, "incident_count")),
    ("Police missing incidents", figure(RECORDING, "incident_count_above_no_risk")),
    ("Looked-after children", figure(AREA, "child_count", **LOOKED_AFTER)),
    ("Looked-after children", figure(AREA, "child_percent", **LOOKED_AFTER)),
    ("Repeated episodes", figure(AREA, "repeat_child_count")),
    ("Repeated episodes", figure(AREA, "episode_average")),
    ("Long episodes", figure(AREA, "over_24_hours_count_lower")),
    ("Long episodes", figure(AREA, "over_24_hours_count_upper")),
    ("Two sources", figure(AGREEMENT, "episode_percent", source_status="Both sources")),
    ("Two sources", figure(AGREEMENT, "episode_percent", source_status="Police only")),
    ("Two sources", figure(AGREEMENT, "episode_percent", source_status="Authority only")),
    ("Expected in both sources", figure(AGREEMENT, "episode_percent", **BOTH)),
    ("Expected in both sources", figure(AGREEMENT, "episode_percent_lower", **BOTH)),
    ("Expected in both sources", figure(AGREEMENT, "episode_percent_upper", **BOTH)),
    ("Agreement of categories", figure(COEFFICIENTS, "category_kappa_lower")),
    ("Agreement of categories", figure(COEFFICIENTS, "category_kappa_upper")),
    ("Estimate", figure(AGREEMENT, "episode_count", **EXPECTED)),
    ("Estimate", figure(COEFFICIENTS, "absence_estimate")),
    ("Estimate", figure(COEFFICIENTS, "absence_estimate_lower")),
    ("Estimate", figure(COEFFICIENTS, "absence_estimate_upper")),
    ("Return interviews", figure(INTERVIEWS, "episode_percent", interview_outcome="Yes")),
    (
        "Return interviews",
        figure(INTERVIEWS, "episode_percent", interview_stage="Held", interview_outcome="Yes"),
    ),
]

# Kappa and its limits are hidden, so the range is what readers know.
HIDDEN_KAPPA: dict[Key, str] = {
    key: "c"
    for key in FIGURES
    if key[1] in {"category_kappa", "category_kappa_lower", "category_kappa_upper"}
}
RANGE_SENTENCE = (
    "Cohen's kappa of the two sources' categories was between 0.312 and 0.672. At 1 they agree"
    " always, and at 0 no more than by chance. It is a range because some counts are hidden."
)

WriteSentences = Callable[..., dict[str, str]]


@pytest.fixture
def write_sentences(make_release: MakeRelease, facts: ReleaseFacts) -> WriteSentences:
    """Return what says the sentences of these figures, by topic."""

    def write(figures: Figures, of: ReleaseFacts = facts, name: str = "public") -> dict[str, str]:
        files = read_public_files(make_release(figures, name))
        return {one.topic: one.sentence for one in write_headlines(of, files)}

    return write


def test_each_sentence_says_its_figures(write_sentences: WriteSentences) -> None:
    """Prevents a headline that is not what the files show."""
    assert {
        topic: text for topic, text in write_sentences(FIGURES).items() if topic in SENTENCES
    } == SENTENCES


@pytest.mark.parametrize("end", ["minimum", "maximum"])
def test_a_hidden_kappa_is_said_by_its_range(write_sentences: WriteSentences, end: str) -> None:
    """Prevents a release without its theme, a range beside its value, and half a range."""
    topic, hidden = "Agreement of categories", FIGURES | HIDDEN_KAPPA
    one_end = figure(COEFFICIENTS, f"category_kappa_{end}")
    assert write_sentences(hidden, name="range")[topic] == RANGE_SENTENCE
    assert write_sentences(hidden | {one_end: "0.999"}, name="other")[topic] != RANGE_SENTENCE
    assert topic not in write_sentences(hidden | {one_end: "c"}, name="half")
    shown = figure(COEFFICIENTS, "category_kappa")
    assert "0.613 (" in write_sentences(FIGURES | {shown: "0.613"}, name="value")[topic]


@pytest.mark.parametrize(("topic", "key"), NEEDED)
def test_a_sentence_follows_each_of_its_figures(
    write_sentences: WriteSentences, topic: str, key: Key
) -> None:
    """Prevents a sentence that stays when a figure of it changes, or is said of a hidden one."""
    other = "7" if "count" in key[1] and "upper" not in key[1] else "999"
    of_file = {name: text for name, text in FIGURES.items() if name[0] in {key[0], AREA, AGREEMENT}}
    changed = write_sentences(of_file | {key: other}, name="changed")
    hidden = write_sentences(of_file | {key: "c"}, name="hidden")
    assert changed.get(topic) != SENTENCES[topic]
    assert topic not in hidden


def test_every_sentence_is_tested(facts: ReleaseFacts) -> None:
    """Prevents a sentence that no test holds to its figures."""
    tested = {topic for topic, _ in NEEDED} | {"Who delivered", "Regions"}
    assert {entry["topic"] for entry in read_sentences()} == tested


def test_a_provisional_year_is_not_compared(
    write_sentences: WriteSentences, facts: ReleaseFacts
) -> None:
    """Prevents a fall that is only what has not been delivered yet."""
    provisional = replace(facts, provisional_reason="Two authorities have not delivered.")
    sentences = write_sentences(FIGURES, of=provisional)
    assert "Change" not in sentences
    assert "Regions" not in sentences
    assert sentences["Who delivered"] == (
        "The year is provisional: 2 local authorities and 1 police force have delivered data "
        "for it, and every figure below is for their areas only."
    )


def test_the_first_year_is_not_compared(
    write_sentences: WriteSentences, facts: ReleaseFacts
) -> None:
    """Prevents a comparison with a year that the files do not have."""
    assert "Change" not in write_sentences(FIGURES, of=replace(facts, year=2025))


def test_an_estimate_below_what_was_recorded_is_not_said(write_sentences: WriteSentences) -> None:
    """Prevents a total that is less than its part."""
    low = figure(COEFFICIENTS, "absence_estimate")
    assert "Estimate" in write_sentences(FIGURES | {low: "870"}, name="equal within rounding")
    assert "Estimate" not in write_sentences(FIGURES | {low: "869"}, name="below")


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (1000, 1000, "about the same as in the year before"),
        (1010, 1000, "about the same as in the year before"),
        (1020, 1000, "slightly higher than in the year before (2%)"),
        (980, 1000, "slightly lower than in the year before (2%)"),
        (1040, 1000, "slightly higher than in the year before (4%)"),
        (1050, 1000, "5% higher than in the year before"),
        (950, 1000, "5% lower than in the year before"),
        (100090, 100000, "about the same as in the year before"),
        (101000, 100000, "slightly higher than in the year before (1%)"),
        (110, 100, "about the same as in the year before"),
        (120, 100, "20% higher than in the year before"),
        (0, 100, "100% lower than in the year before"),
        (20, 0, "up from 0 to 20"),
        (0, 0, "0, as in the year before"),
    ],
)
def test_words_for_change_have_one_rule(now: float, before: float, words: str) -> None:
    """Prevents a change within rounding that is called a rise, and words that differ by page."""
    assert describe_change(now, before) == words


def test_no_sentence_calls_a_change_significant() -> None:
    """Prevents a word of statistics for a change that nobody tested."""
    changes = {describe_change(now, before) for now in (0, 99, 150) for before in (0, 100, 120)}
    assert len(changes) > 2
    said = " ".join([*SENTENCES.values(), *changes]).lower()
    assert "signific" not in said


def test_a_region_is_named_only_where_it_alone_has_most(
    make_release: MakeRelease, facts: ReleaseFacts
) -> None:
    """Prevents a region that is called first when two are equal, or when one is hidden."""
    public = make_release(FIGURES)
    path = public / "data" / f"{AREA}.csv"

    def find_region_sentence() -> str | None:
        sentences = {
            one.topic: one.sentence for one in write_headlines(facts, read_public_files(public))
        }
        return sentences.get("Regions")

    text = path.read_text()
    row = "2026,Regional,,,E12000002,North West,,,Total,Total,"
    assert find_region_sentence() is None
    path.write_text(text.replace(f"{row}100", f"{row}110"))
    assert find_region_sentence() == "Of the regions, North West had most of these children: 110."
    path.write_text(text.replace(f"{row}100", f"{row}c"))
    assert find_region_sentence() is None


def test_a_false_sentence_on_the_page_is_found(
    make_release: MakeRelease, facts: ReleaseFacts, quality: QualityFacts, done: Confidentiality
) -> None:
    """Prevents a page whose sentence was changed by hand, or whose file was."""
    public: Path = make_release(FIGURES)
    write_documents(facts, quality, done, public)
    assert find_document_problems(facts, quality, done, public) == []
    page = public / "index.html"
    text = page.read_text()
    page.write_text(text.replace("2,550 children", "2,560 children"))
    assert find_document_problems(facts, quality, done, public) == [
        "index.html does not say what the data files say"
    ]
    page.write_text(text)
    file = public / "data" / f"{AREA}.csv"
    file.write_text(file.read_text().replace(",2550,", ",2560,"))
    assert "index.html does not say what the data files say" in find_document_problems(
        facts, quality, done, public
    )
