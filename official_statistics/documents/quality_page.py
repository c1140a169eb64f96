"""The quality page of a release, in the order of the European Statistical System's dimensions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from official_statistics.documents.department_counts import compared_figures
from official_statistics.documents.facts import Confidentiality, QualityFacts, ReleaseFacts
from official_statistics.documents.headlines import whole, year_words
from official_statistics.documents.public_files import (
    NATIONAL,
    PublicFile,
    number_of,
    place_of,
)

BREAKS_SHOWN = 40
FEEDS = {
    "police_reports": "police reports",
    "authority_extract": "case records",
    "authority_return": "annual return",
}
DIRECTIONS = {"up": "higher", "down": "lower", "unknown": "not known"}
Files = Mapping[str, PublicFile]


def quality_text(
    facts: ReleaseFacts, quality: QualityFacts, done: Confidentiality, files: Files
) -> str:
    """Return `quality.md`."""
    lines = [f"# Quality and methods: {facts.title}", "", f"Status: {facts.status}.", ""]
    lines += [*strengths(facts, files), ""]
    lines += ["## Relevance", "", *_relevance(), ""]
    lines += ["## Accuracy and reliability", "", *_accuracy(facts, files), ""]
    lines += ["## Timeliness and punctuality", "", *_timeliness(facts, files), ""]
    lines += ["## Coherence", "", *_coherence(quality, files), ""]
    lines += ["## Comparability", "", *_comparability(quality, files), ""]
    lines += ["## Accessibility and clarity", "", *_accessibility(), ""]
    lines += ["## Confidentiality", "", *_confidentiality(done), ""]
    return "\n".join(lines)


def strengths(facts: ReleaseFacts, files: Files) -> list[str]:
    """Return strengths and limits in three sentences, from shown figures where there are any."""
    covered = _coverage(facts, files)
    agreed = number_of(
        files["agreement_by_area"].national(
            str(facts.year), "episode_percent", source_status="Both sources"
        )
    )
    both = "the share that both recorded is not shown"
    if agreed is not None:
        both = f"both recorded {agreed:.1f}% of episodes"
    return [
        "Every record that police forces and local authorities delivered is counted once, "
        "and linked to one child by name, date of birth and place.",
        f"Suppliers delivered {covered} of the periods expected of them; what was not delivered is "
        "not available and is never counted as 0.",
        f"The two sources differ ({both}), so counts of one source alone would miss many episodes.",
    ]


def _coverage(facts: ReleaseFacts, files: Files) -> str:
    file = files["source_coverage"]
    expected = number_of(file.national(str(facts.year), "period_expected_count"))
    delivered = number_of(file.national(str(facts.year), "period_delivered_count"))
    if not expected or delivered is None:
        return "an unknown number"
    return f"{whole(delivered)} of {whole(expected)} ({100 * delivered / expected:.1f}%)"


def _relevance() -> Iterator[str]:
    yield "The tables answer how many children go missing in England, who they are, how often and"
    yield "for how long, and whether police and authority know of the same children."
    yield "Users are the department, police forces, local authorities, inspectors, charities and"
    yield "the public."


def _accuracy(facts: ReleaseFacts, files: Files) -> Iterator[str]:
    yield "### Coverage"
    yield ""
    yield "| kind of delivery | periods expected | delivered | late |"
    yield "|---|---:|---:|---:|"
    for row in files["source_coverage"].rows:
        if row["time_period"] == str(facts.year) and row["geographic_level"] == NATIONAL:
            counts = [
                _count(row[f"period_{kind}_count"]) for kind in ("expected", "delivered", "late")
            ]
            yield f"| {row['source_feed']} | {' | '.join(counts)} |"
    yield ""
    yield "### Linkage"
    yield ""
    linkage = files["linkage_quality"]
    rows = [row for row in linkage.rows if number_of(row["precision_percent"]) is not None]
    if not rows:
        yield "No sample of pairs has been judged by people yet, so precision and recall are not"
        yield "available. Shares are not corrected for errors of linkage."
    else:
        yield "| group | precision | 95% interval | recall | 95% interval | pairs |"
        yield "|---|---:|---|---:|---|---:|"
        for row in rows:
            yield f"| {_group(row)} | {_rates(row)} | {row['sample_pair_count']} |"
    yield ""
    yield "### Not known"
    yield ""
    unknown = _unknown_sex(facts, files)
    yield f"Sex is not known for {unknown} of children, an example of how complete records are."
    yield ""
    yield "### Undercount"
    yield ""
    yield _undercount(facts, files)


def _group(row: Mapping[str, str]) -> str:
    topic, name = row["breakdown_topic"], row["breakdown"]
    return name if topic == name else f"{topic}: {name}"


def _rates(row: Mapping[str, str]) -> str:
    return " | ".join(
        f"{row[f'{rate}_percent']}% | {row[f'{rate}_percent_lower']} to "
        f"{row[f'{rate}_percent_upper']}"
        for rate in ("precision", "recall")
    )


def _unknown_sex(facts: ReleaseFacts, files: Files) -> str:
    file = files["missing_children_by_characteristic"]
    text = file.national(
        str(facts.year), "child_percent", breakdown_topic="Sex", breakdown="Unknown"
    )
    return f"{text}%" if number_of(text) is not None else f"a hidden share ({text})"


def _undercount(facts: ReleaseFacts, files: Files) -> str:
    file = files["agreement_coefficients"]
    estimate, lower, upper = (
        number_of(file.national(str(facts.year), f"absence_estimate{end}"))
        for end in ("", "_lower", "_upper")
    )
    if estimate is None or lower is None or upper is None:
        return "No estimate of episodes that neither source recorded can be made from these counts."
    return (
        f"From the overlap of the two sources some {whole(estimate)} episodes are estimated "
        f"(95% interval {whole(lower)} to {whole(upper)}), if they record independently."
    )


def _timeliness(facts: ReleaseFacts, files: Files) -> Iterator[str]:
    at = f"{facts.release_at:%d %B %Y, %H:%M}" if facts.release_at else "not announced yet"
    yield f"Period: {year_words(facts.year)}. Released: {at}."
    if facts.release_at:
        days = (facts.release_at.date() - facts.release_at.date().replace(facts.year, 3, 31)).days
        yield f"That is {days} days after the end of the year."
    late = number_of(files["source_coverage"].national(str(facts.year), "period_late_count"))
    if late is not None:
        yield f"Periods delivered late: {whole(late)}."


def _coherence(quality: QualityFacts, files: Files) -> Iterator[str]:
    yield "The department's own tables count looked-after children by what authorities return."
    figures = compared_figures(quality.department, files)
    if not figures:
        yield "No such count of these years was delivered and is shown here: nothing is compared."
        return
    equal = sum(1 for one in figures if one.is_equal)
    yield f"Of {len(figures)} counts of England and its regions that both show, {equal} differ by"
    yield "no more than their rounding. `reconciliation.html` has them all."


def _comparability(quality: QualityFacts, files: Files) -> Iterator[str]:
    yield "The department's *away from placement* and the police's *no apparent risk* are two"
    yield "definitions, and are counted apart. When each force began and ceased to record *absent*"
    yield "is unknown of most, so comparisons over time and between forces need care."
    yield "A body that announced no change is named only where its monthly counts changed by a"
    yield "quarter or more, and by more than chance would change those of one body in 1,000: beside"
    yield "all other bodies, or in the share of absences under six hours. The last three months"
    yield "that it delivered are not judged, nor a change within six months of either end."
    yield ""
    if not quality.breaks:
        yield "No such change was found, and none was announced."
        return
    yield "Months in which a body's recording changed, so that its figures before and after cannot"
    yield "be compared:"
    yield ""
    yield "| from | body | records | counts after it | announced |"
    yield "|---|---|---|---|---|"
    names = dict(place_of(row) for row in files["source_coverage"].rows)
    for one in quality.breaks[:BREAKS_SHOWN]:
        announced = "yes" if one.is_announced else "no"
        feed = FEEDS.get(one.feed, one.feed)
        feed += ", brief absences" if one.is_brief else ""
        body = names.get(one.body, one.body)
        direction = DIRECTIONS[one.direction]
        yield f"| {one.month:%B %Y} | {body} | {feed} | {direction} | {announced} |"
    if len(quality.breaks) > BREAKS_SHOWN:
        yield ""
        yield f"The latest {BREAKS_SHOWN} of {len(quality.breaks)} are listed."


def _accessibility() -> Iterator[str]:
    yield "Figures are CSV files for machines and an accessible spreadsheet for people, with a page"
    yield "that needs no script. `guidance.md` describes each file."


def _confidentiality(done: Confidentiality) -> Iterator[str]:
    cells = sum(one.cells for one in done.files.values())
    hidden = sum(one.first + one.second for one in done.files.values())
    share = 100 * hidden / cells if cells else 0
    yield f"Of {cells:,} counts {hidden:,} are hidden ({share:.1f}%)."
    yield "`confidentiality.md` says by which rules."
    yield f"The audit found {done.too_narrow:,} hidden counts that the files give away."


def _count(text: str) -> str:
    number = number_of(text)
    return whole(number) if number is not None else text
